using Weir.Ingest.Spool;

namespace Weir.Ingest.Backup;

/// <summary>Copies the batches that wait on an edge's disk, while the edge goes on.</summary>
/// <remarks>
/// Copied before the store is read: what is delivered in between is in both, and what is taken out of the spool before is in the store. So
/// every batch of a copy is marked as sent before, and the edge that finds it asks the store row by row.
/// </remarks>
public static class SpoolCopy
{
    /// <summary>Name of the spool's folder in the data folder, and in a backup.</summary>
    public const string FolderName = "spool";

    /// <summary>Copies every file that is still there when its turn comes, the batches' files before what says which are stored.</summary>
    /// <returns>Names of the copies.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static IReadOnlyList<string> Copy(string from, string to)
    {
        if (!Directory.Exists(from))
            return [];
        Directory.CreateDirectory(to);
        List<string> copied = [];
        foreach (string path in Directory.EnumerateFiles(from).OrderBy(f => f.EndsWith(SpoolSegment.AckedSuffix, StringComparison.Ordinal)).ThenBy(f => f, StringComparer.Ordinal).ToList())
        {
            string name = Path.GetFileName(path);
            try
            {
                using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var copy = new FileStream(Path.Combine(to, name), FileMode.CreateNew);
                source.CopyTo(copy);
                copied.Add(name);
            }
            catch (FileNotFoundException)
            {
                // Its batches are stored.
            }
        }
        return copied;
    }

    /// <summary>Marks every batch in a folder as sent before.</summary>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void MarkTried(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        var head = new byte[SpoolRecord.HeadBytes];
        foreach (string path in Directory.EnumerateFiles(folder, "*" + SpoolSegment.Suffix).ToList())
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            foreach (var (offset, record) in SegmentScan.Of(file).Records)
            {
                (record with { WasTried = true }).WriteHead(head);
                file.Position = offset;
                file.Write(head);
            }
        }
    }
}
