using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Weir.Scheduling.Suggestions;

/// <summary>The tenants' indexes of pages, each a file of one folder. Safe from any thread.</summary>
/// <param name="settings">Name the folder.</param>
/// <param name="log">Where damage is told.</param>
public sealed class PageIndexes(SchedulingSettings settings, ILogger<PageIndexes> log) : IDisposable
{
    private const string PositionFile = "position";

    private readonly string _folder = settings.PageIndexFolder ?? Path.Combine(Path.GetTempPath(), $"weir-pages-{Environment.ProcessId}-{Guid.NewGuid():n}");
    private readonly ConcurrentDictionary<string, Lazy<PageIndex>> _open = new(StringComparer.Ordinal);

    /// <summary>Reads a tenant's index; without one there is nothing to read.</summary>
    public T Read<T>(string tenant, T otherwise, Func<PageIndex, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        string file = FileOf(tenant);
        return File.Exists(file) ? Use(file, read, otherwise) : otherwise;
    }

    /// <summary>Changes a tenant's index. One caller at a time.</summary>
    /// <returns>False when it was damaged: it is empty now, and the store has everything.</returns>
    public bool Change(string tenant, Action<PageIndex> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        EnsureFolder();
        return Use(FileOf(tenant), index =>
        {
            change(index);
            return true;
        }, false);
    }

    /// <summary>Pages that a tenant's index has, by site.</summary>
    public IReadOnlyDictionary<string, long> Counts(string tenant) => Read<IReadOnlyDictionary<string, long>>(tenant, new Dictionary<string, long>(), index => index.Counts());

    /// <summary>How many pages a tenant's index has of some sites.</summary>
    public long Pages(string tenant, IEnumerable<Detection.SiteId> sites)
    {
        var counts = Counts(tenant);
        return sites.Sum(s => counts.GetValueOrDefault(s.Value));
    }

    /// <summary>Deletes the indexes of all but these tenants.</summary>
    public void Keep(IEnumerable<string> tenants)
    {
        if (!Directory.Exists(_folder))
            return;
        var kept = tenants.Select(FileOf).ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_folder, "*.pages").Where(f => !kept.Contains(f)).ToList())
            Forget(file);
    }

    /// <summary>Until when rows of the store were read, milliseconds since 1970 UTC; 0 for none.</summary>
    public long Position
    {
        get
        {
            string file = Path.Combine(_folder, PositionFile);
            return File.Exists(file) && long.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out long ms) ? ms : 0;
        }

        set
        {
            EnsureFolder();
            string next = Path.Combine(_folder, $"{PositionFile}.next");
            File.WriteAllText(next, value.ToString(CultureInfo.InvariantCulture));
            File.Move(next, Path.Combine(_folder, PositionFile), overwrite: true);
        }
    }

    /// <summary>Closes the files; deletes them where no folder was named.</summary>
    public void Dispose()
    {
        foreach (string file in _open.Keys)
        {
            if (settings.PageIndexFolder is null)
                Forget(file);
        }
        if (settings.PageIndexFolder is null && Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private T Use<T>(string file, Func<PageIndex, T> use, T otherwise)
    {
        try
        {
            return use(_open.GetOrAdd(file, f => new Lazy<PageIndex>(() => PageIndex.Open(f))).Value);
        }
        catch (SqliteException e) when (PageIndex.IsDamage(e))
        {
            log.PageIndexDamaged(file, e.Message);
            Forget(file);
            return otherwise;
        }
        catch (SqliteException e)
        {
            // A file that could not be opened is tried again.
            if (_open.TryGetValue(file, out var opened) && !opened.IsValueCreated)
                _open.TryRemove(file, out _);
            throw new PageIndexException($"{file}: {e.Message}", e);
        }
    }

    private void Forget(string file)
    {
        if (_open.TryRemove(file, out var index))
            index.Value.Delete(file);
        else
            File.Delete(file);
    }

    private void EnsureFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_folder);
        else
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // A tenant's id is no file name on every system.
    private string FileOf(string tenant) => Path.Combine(_folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))[..32]}.pages");
}

/// <summary>An index of pages cannot be read or written: the disk is full, or the folder is not this program's.</summary>
public sealed class PageIndexException(string message, Exception inner) : IOException(message, inner);
