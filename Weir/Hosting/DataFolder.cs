using Weir.Control;

namespace Weir.Hosting;

/// <summary>The folder in which one running Weir keeps everything, held for it alone until disposed.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "weir.lock";
    private readonly FileStream _held;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _held = held;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Makes the folder when it is missing (mode 0700) and holds it.</summary>
    /// <exception cref="CommandException">It cannot be made or written, or another Weir holds it.</exception>
    public static DataFolder Hold(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            PrivateFile.EnsureFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the data folder {path} cannot be made: {e.Message.TrimEnd('.')}. Choose another with --data.", e);
        }
        try
        {
            string file = System.IO.Path.Combine(path, LockName);
            return new DataFolder(path, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CommandException($"the data folder {path} cannot be written. Give this user the right, or choose another with --data.", e);
        }
        catch (IOException e) when (File.Exists(System.IO.Path.Combine(path, LockName)))
        {
            throw new CommandException($"the data folder {path} is held by another weir. Stop that one, or choose another with --data.", e);
        }
        catch (IOException e)
        {
            throw new CommandException($"the data folder {path} cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => _held.Dispose();
}
