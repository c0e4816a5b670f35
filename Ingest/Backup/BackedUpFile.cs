using System.Security.Cryptography;

namespace Weir.Ingest.Backup;

/// <summary>One file of a backup.</summary>
/// <param name="Path">Below the backup's folder, with slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 in hex.</param>
/// <param name="Mode">Its mode as a number; 0 where the system has none.</param>
public sealed record BackedUpFile(string Path, long Bytes, string Sha256, int Mode)
{
    /// <summary>Whether it is below the backup's folder.</summary>
    internal bool IsInside => Path.Length > 0 && !System.IO.Path.IsPathRooted(Path) && !Path.Contains('\\') && Path.Split('/').All(p => p is not ("" or "." or ".."));

    /// <summary>Reads a file and says what it is.</summary>
    public static async Task<BackedUpFile> OfAsync(string folder, string path, CancellationToken stop = default)
    {
        string full = System.IO.Path.Combine(folder, path);
        await using var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20, useAsync: true);
        string sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
        return new BackedUpFile(path, file.Length, sum, OperatingSystem.IsWindows() ? 0 : (int)File.GetUnixFileMode(full));
    }
}

/// <summary>A backup cannot be made or used. The message is one line: what, where, what to do.</summary>
public sealed class BackupException : Exception
{
    /// <summary>Makes one from its line.</summary>
    public BackupException(string message) : base(message)
    {
    }

    /// <summary>Makes one from its line and cause.</summary>
    public BackupException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>Makes one without a line.</summary>
    public BackupException()
    {
    }
}
