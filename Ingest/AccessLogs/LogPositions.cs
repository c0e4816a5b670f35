using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Weir.Detection;

namespace Weir.Ingest.AccessLogs;

/// <summary>How far logs are stored, in small files of one folder, so that an import that was stopped goes on where it was.</summary>
/// <remarks>
/// What they say is believed only while the log begins as it did and the store has the last line that they name: an import that begins
/// too early stores nothing twice. Each file is replaced whole. Safe from any thread; other processes are kept out of a site by its lock.
/// </remarks>
/// <param name="folder">Made when it is missing.</param>
/// <param name="store">Names the store: positions in one are none in another.</param>
public sealed class LogPositions(string folder, string store)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>The positions of what was read under a name, the oldest log first: some were renamed meanwhile. Empty when none are known.</summary>
    internal IReadOnlyList<LogPosition> Find(SiteId site, string file)
    {
        try
        {
            using var stream = File.OpenRead(FileOf(site, file));
            var saved = JsonSerializer.Deserialize<List<LogPosition>>(stream) ?? [];
            return saved.TrueForAll(p => p is { IsSound: true }) ? saved : [];
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException or NotSupportedException)
        {
            // Missing, or damaged: the log is read from its start, and what is stored is found.
            return [];
        }
    }

    /// <summary>Keeps positions of what was read under a name.</summary>
    /// <exception cref="ImportException">The folder cannot be written.</exception>
    internal void Save(SiteId site, string file, IReadOnlyList<LogPosition> positions)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = FileOf(site, file), draft = path + ".new";
            File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(positions));
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"How far the logs are stored cannot be kept in {folder}: {e.Message.TrimEnd('.')}. "
                + "Mend that (space, rights) and run the command again: no line is stored twice.", e);
        }
    }

    /// <summary>Forgets what was read under a name.</summary>
    internal void Forget(SiteId site, string file)
    {
        if (Directory.Exists(folder))
            File.Delete(FileOf(site, file));
    }

    /// <summary>Keeps other imports from storing lines of a site until disposed: two that look for a line at once would both store it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal async Task<IDisposable> HoldAsync(SiteId site, TimeProvider time, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{NameOf(site.Value)}.lock");
        while (true)
        {
            if (TryHold(path) is { } held)
                return held;
            await Task.Delay(LookEvery, time, stop);
        }
    }

    /// <summary>Keeps others from following a file until disposed; null when another import follows it.</summary>
    internal IDisposable? TryHoldFile(SiteId site, string file)
    {
        Directory.CreateDirectory(folder);
        return TryHold(Path.ChangeExtension(FileOf(site, file), ".lock"));
    }

    private static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private string FileOf(SiteId site, string file) => Path.Combine(folder, $"{NameOf($"{site}\0{Path.GetFullPath(file)}\0{store}")}.json");

    private static string NameOf(string text) => $"{XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text)):x16}";
}
