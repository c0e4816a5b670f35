using System.IO.Enumeration;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>A folder of site files: each <c>*.json</c> in it holds one site or a list of them. Looks at names, sizes and times, and reads
/// the bytes of changed files alone. Not safe for several threads.</summary>
/// <remarks>Polled, since file events get lost on network and container mounts. A change counts once two looks in a row see the same, so
/// that a half-written file is not read, and a file that is away while it is replaced is not gone.</remarks>
/// <param name="path">The folder.</param>
/// <param name="around">What sites are judged by beside themselves.</param>
internal sealed class SiteFolder(string path, SiteSurroundings around)
{
    /// <summary>Largest file in bytes: some 30,000 plain sites.</summary>
    public const long FileBytesMax = 16 << 20;

    private static readonly EnumerationOptions Options = new() { AttributesToSkip = FileAttributes.None, ReturnSpecialDirectories = false, IgnoreInaccessible = false };

    private readonly string _shownAs = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
    private readonly Dictionary<string, FileStamp> _read = [];
    private Dictionary<string, FileStamp> _seen = [];

    /// <summary>Where it is.</summary>
    public string Folder => path;

    /// <summary>How many files were read and are there still.</summary>
    public int FileCount => _read.Count;

    /// <summary>Why the folder cannot be believed at the moment, such as that it is gone; null when it can. What was read stays.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Makes places known whose files an earlier run read: the first look says which of them are gone.</summary>
    public void Expect(IEnumerable<SitePlace> places)
    {
        foreach (var place in places)
            _read[place.Name] = default;
    }

    /// <summary>Looks once.</summary>
    /// <param name="isFirst">Takes what is there as it is, rather than waiting for a second look.</param>
    /// <returns>What changed; empty while there is <see cref="Trouble"/>.</returns>
    public IReadOnlyList<PlaceReading> Look(bool isFirst = false)
    {
        var found = TryScan();
        if (found is null)
            return [];
        var readings = new List<PlaceReading>();
        foreach (var (name, stamp) in found)
        {
            if (_read.TryGetValue(name, out var known) && known == stamp)
                continue;
            if (!isFirst && !(_seen.TryGetValue(name, out var last) && last == stamp))
                continue;
            _read[name] = stamp;
            readings.Add(Read(name));
        }
        foreach (string name in _read.Keys.Where(n => !found.ContainsKey(n) && (isFirst || !_seen.ContainsKey(n))).ToList())
        {
            _read.Remove(name);
            readings.Add(PlaceReading.Gone(PlaceOf(name)));
        }
        _seen = found;
        return readings;
    }

    private static SitePlace PlaceOf(string name) => new(SiteSource.Folder, name);

    private Dictionary<string, FileStamp>? TryScan()
    {
        var found = new Dictionary<string, FileStamp>(_seen.Count, StringComparer.Ordinal);
        try
        {
            foreach (var (name, stamp) in new FileSystemEnumerable<(string Name, FileStamp Stamp)>(path, (ref FileSystemEntry e) => (e.FileName.ToString(), StampOf(ref e)), Options)
            {
                ShouldIncludePredicate = (ref FileSystemEntry e) => e.FileName.EndsWith(".json", StringComparison.Ordinal) && e.FileName[0] != '.' && !e.IsDirectory,
            })
                found[name] = stamp;
            // An unmounted folder is an empty one; taking every site out of force because of it would be worse than keeping some too long.
            Trouble = found.Count == 0 && _read.Count > 1
                ? $"it holds no site file any more, and held {_read.Count}. Mount or fill it again; if no site is meant to be there, put a file with [] into it" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Trouble = e.Message.TrimEnd('.');
            return null;
        }
        return Trouble is null ? found : null;

        static FileStamp StampOf(ref FileSystemEntry entry)
        {
            if ((entry.Attributes & FileAttributes.ReparsePoint) == FileAttributes.None)
                return new FileStamp(entry.Length, entry.LastWriteTimeUtc.UtcTicks, null);
            try
            {
                // Mounted settings swap the folder that a link leads through: the end of the way changes.
                return File.ResolveLinkTarget(entry.ToFullPath(), returnFinalTarget: true) is FileInfo { Exists: true } end
                    ? new FileStamp(end.Length, end.LastWriteTimeUtc.Ticks, end.FullName) : default;
            }
            catch (IOException)
            {
                // A link to itself: reading it says so.
                return default;
            }
        }
    }

    private PlaceReading Read(string name)
    {
        string shown = $"{_shownAs}/{name}";
        var errors = new SettingErrors();
        IReadOnlyList<PlacedSite> sites = [];
        try
        {
            var file = new FileInfo(Path.Combine(path, name));
            if (file.Length > FileBytesMax)
                errors.Add(shown, "", $"The file is larger than {FileBytesMax} bytes.", "Write the sites into several files.");
            else
                sites = SiteDefinitions.ReadFile(File.ReadAllBytes(file.FullName), shown, around, errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its time and size may be the same once it can be read: it is looked at again.
            _read[name] = default;
            errors.Add(shown, "", "The file cannot be read.", "Give this account the right to read it.");
        }
        return errors.All.Count > 0 ? PlaceReading.Bad(PlaceOf(name), errors.All) : PlaceReading.Good(PlaceOf(name), sites);
    }

    // Size and time of a file, and where a link leads; default when it cannot be seen.
    private readonly record struct FileStamp(long Bytes, long WrittenTicks, string? LeadsTo);
}
