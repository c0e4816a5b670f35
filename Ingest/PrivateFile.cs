namespace Weir.Ingest;

/// <summary>Files that only their owner may read (mode 0600 where the system has modes).</summary>
internal static class PrivateFile
{
    /// <summary>Options that make a file.</summary>
    /// <param name="mode">Whether it may be there already.</param>
    public static FileStreamOptions Making(FileMode mode = FileMode.CreateNew)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
