using System.Security.Cryptography;

namespace Weir.Scheduling.Targets;

/// <summary>Where uploads wait until they are imported, so that an import survives the program. Safe from any thread.</summary>
/// <param name="settings">Name the folder.</param>
public sealed class ImportFolder(SchedulingSettings settings)
{
    private readonly string _folder = settings.ImportFolder ?? Path.Combine(Path.GetTempPath(), $"weir-imports-{Environment.ProcessId}");

    /// <summary>A new file, readable by nobody else, and its name.</summary>
    /// <exception cref="IOException">The disk is full or cannot be written.</exception>
    public (string Name, FileStream File) Create()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_folder);
        else
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string name = $"{RandomNumberGenerator.GetHexString(32, lowercase: true)}.upload";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return (name, new FileStream(Path.Combine(_folder, name), options));
    }

    /// <summary>Opens a file for one reader, so that two programs do not import it at a time; null when it is gone.</summary>
    /// <exception cref="IOException">Another program reads it.</exception>
    public FileStream? Open(string name)
    {
        try
        {
            // Writing is not meant: it is what makes the lock exclusive on every system.
            return new FileStream(Path.Combine(_folder, name), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a file; one that is gone is no error.</summary>
    public void Remove(string name)
    {
        try
        {
            File.Delete(Path.Combine(_folder, name));
        }
        catch (DirectoryNotFoundException)
        {
            // It went with its folder.
        }
    }
}
