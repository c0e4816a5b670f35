using Weir.Control;
using Weir.Ingest;
using Weir.Ingest.Backup;
using Weir.Ingest.Embedded;
using Weir.Scheduling;

namespace Weir.Hosting;

/// <summary>The data folder's own files in a backup: keys with their modes, the control store, range lists, what waits on disk.</summary>
internal static class FolderBackup
{
    private const string FilesFolder = "files";
    private const string ControlFolder = "control";

    // The store is read through ClickHouse, the control store through SQLite, the spool by its own rules. A running program's marks are of
    // no other run, and a secret that is to be destroyed at midnight must not lie in a backup.
    private static readonly HashSet<string> Left = new(StringComparer.Ordinal)
    {
        "clickhouse", "clickhouse.log", EmbeddedClickHouse.RunningFileName, "weir.lock", SpoolCopy.FolderName, IngestOptions.SaltFileName, SchedulingSettings.PageIndexFolderName,
    };

    /// <summary>Copies what the folder has now. To be called before the store is read.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="backup">The backup's folder.</param>
    /// <param name="hasControl">Whether the control store that counts is in the data folder.</param>
    /// <param name="stop">Ends the copying.</param>
    public static async Task<IReadOnlyList<BackedUpFile>> CopyAsync(string data, string backup, bool hasControl, CancellationToken stop)
    {
        List<string> copied = [];
        if (hasControl || File.Exists(Path.Combine(data, ControlDatabase.FileName)))
        {
            Directory.CreateDirectory(Path.Combine(backup, ControlFolder));
            string control = $"{ControlFolder}/{ControlDatabase.FileName}";
            if (ControlDatabase.TryCopy(data, Path.Combine(backup, control)))
                copied.Add(control);
        }
        copied.AddRange(SpoolCopy.Copy(Path.Combine(data, SpoolCopy.FolderName), Path.Combine(backup, SpoolCopy.FolderName)).Select(n => $"{SpoolCopy.FolderName}/{n}"));
        foreach (string path in Directory.Exists(data) ? Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).ToList() : [])
        {
            string name = Path.GetRelativePath(data, path).Replace(Path.DirectorySeparatorChar, '/');
            if (IsLeft(name) || !TryCopyFile(path, Path.Combine(backup, FilesFolder, name)))
                continue;
            copied.Add($"{FilesFolder}/{name}");
        }
        List<BackedUpFile> files = [];
        foreach (string path in copied)
            files.Add(await BackedUpFile.OfAsync(backup, path, stop));
        return files;
    }

    /// <summary>Puts them into an empty data folder, with their modes.</summary>
    public static void Restore(string backup, BackupManifest manifest, string data)
    {
        foreach (var file in manifest.Files)
        {
            string[] parts = file.Path.Split('/', 2);
            string? name = parts switch
            {
                [FilesFolder or ControlFolder, var inside] => inside,
                [SpoolCopy.FolderName, _] => file.Path,
                _ => null,
            };
            if (name is null)
                continue;
            string to = Path.Combine(data, name);
            PrivateFile.EnsureFolder(Path.GetDirectoryName(to)!);
            using (var copy = new FileStream(to, Options(FileMode.Create)))
            using (var source = File.OpenRead(Path.Combine(backup, file.Path)))
                source.CopyTo(copy);
            if (!OperatingSystem.IsWindows() && file.Mode != 0)
                File.SetUnixFileMode(to, (UnixFileMode)file.Mode & (UnixFileMode)0x1FF);
        }
        SpoolCopy.MarkTried(Path.Combine(data, SpoolCopy.FolderName));
    }

    private static bool IsLeft(string name) =>
        Left.Contains(name.Split('/')[0]) || name.StartsWith(ControlDatabase.FileName, StringComparison.Ordinal) || name.EndsWith(".new", StringComparison.Ordinal);

    // A file that a running program replaced meanwhile is read anew by its name; one that is gone is not in the backup.
    private static bool TryCopyFile(string from, string to)
    {
        try
        {
            using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            PrivateFile.EnsureFolder(Path.GetDirectoryName(to)!);
            using (var copy = new FileStream(to, Options(FileMode.CreateNew)))
                source.CopyTo(copy);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(to, File.GetUnixFileMode(source.SafeFileHandle));
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static FileStreamOptions Options(FileMode mode) => PrivateFile.Options(mode, FileAccess.Write, FileShare.Read);
}
