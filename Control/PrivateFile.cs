namespace Weir.Control;

/// <summary>Files that only their owner may read (mode 0600 where the system has modes).</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Options that open a file and, when it is new, give it mode 0600.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows() && mode is FileMode.Create or FileMode.CreateNew or FileMode.OpenOrCreate)
            options.UnixCreateMode = OwnerOnly;
        return options;
    }

    /// <summary>Makes the folder, for its owner alone when it is new.</summary>
    public static void EnsureFolder(string path)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(path))
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Makes an empty file when there is none, and takes rights from everybody else when there is one.</summary>
    public static void Ensure(string path)
    {
        if (File.Exists(path))
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
                File.SetUnixFileMode(path, OwnerOnly);
            return;
        }
        new FileStream(path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite)).Dispose();
    }

    /// <summary>Writes a text so that a reader sees the old file or the whole new one, also after a power cut.</summary>
    public static async Task WriteAtomicallyAsync(string path, string text, CancellationToken stop)
    {
        string aside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            await using (var file = new FileStream(aside, Options(FileMode.CreateNew, FileAccess.Write, FileShare.None)))
            {
                await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), stop);
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, path, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
