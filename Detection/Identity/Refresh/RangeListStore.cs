using System.Security.Cryptography;
using System.Text.Json;
using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>Fetched versions of range lists, in a folder of their own: one folder a list, its versions and <c>state.json</c> in it.</summary>
/// <remarks>Written whole or not at all (a temporary file, renamed). What does not fit its checksum is put aside and never used.</remarks>
public sealed class RangeListStore
{
    private const string StateFile = "state.json";

    private readonly string _folder;
    private readonly RangeRefreshOptions _options;

    /// <param name="folder">The folder; made when something is written.</param>
    /// <param name="options">How much is kept.</param>
    public RangeListStore(string folder, RangeRefreshOptions options)
    {
        _folder = folder;
        _options = options;
    }

    /// <summary>The folder of a data folder.</summary>
    public static string FolderIn(string dataFolder) => Path.Combine(dataFolder, "ranges");

    /// <summary>A catalog with the versions of this folder in force, and those before them behind.</summary>
    /// <param name="catalog">The catalog with its bundled lists.</param>
    /// <param name="putAside">Told each file that was damaged, with what is wrong.</param>
    public CrawlerCatalog Apply(CrawlerCatalog catalog, Action<string, string> putAside)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(putAside);
        List<RangeList> lists = [];
        foreach (var bundled in catalog.RangeLists)
        {
            if (Load(bundled, putAside) is { } newest)
                lists.Add(newest);
        }
        return lists.Count == 0 ? catalog : catalog.With(lists);
    }

    /// <summary>What is known of the fetching of a list. Damaged state is put aside: then the list counts as never fetched.</summary>
    public RangeListState ReadState(string file)
    {
        string path = Path.Combine(_folder, file, StateFile);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), RangeListStateContext.Default.RangeListState) ?? new() : new();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            PutAside(path);
            return new();
        }
    }

    /// <summary>Keeps what is known of the fetching of a list.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal void WriteState(string file, RangeListState state) =>
        Write(Path.Combine(_folder, file, StateFile), JsonSerializer.SerializeToUtf8Bytes(state, RangeListStateContext.Default.RangeListState));

    /// <summary>Keeps a new version; lets go of those beyond the bounds.</summary>
    /// <returns>The versions that are on disk then.</returns>
    internal IReadOnlyList<RangeListCopy> Add(string file, IReadOnlyList<RangeListCopy> copies, byte[] content, DateTimeOffset now)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        string name = $"{now.UtcDateTime:yyyyMMdd'T'HHmmss}-{hash[..12]}.list";
        Write(Path.Combine(_folder, file, name), content);
        List<RangeListCopy> all = [.. copies.Where(c => c.Name != name), new RangeListCopy(name, hash, now)];
        // A version is replaced when the next one comes, and its age counts from there.
        while (all.Count > 1 && (all.Count > _options.VersionsMax || now - all[1].FetchedAt > _options.VersionAgeMax))
        {
            File.Delete(Path.Combine(_folder, file, all[0].Name));
            all.RemoveAt(0);
        }
        return all;
    }

    private RangeList? Load(RangeList bundled, Action<string, string> putAside)
    {
        string file = bundled.Source.File;
        var state = ReadState(file);
        List<RangeList> versions = [bundled];
        foreach (var copy in state.Copies)
        {
            if (Read(bundled.Source, copy, putAside) is { } version && versions.TrueForAll(v => v.Label != version.Label))
                versions.Add(version);
        }
        versions.Sort((a, b) => a.PublishedAtMs.CompareTo(b.PublishedAtMs)); // a newer program may bundle a newer list
        RangeList? newest = null;
        foreach (var version in versions)
            newest = version.After(newest);
        return state.GoodAt is { } good ? newest!.StillGoodAt(good) : newest;
    }

    private RangeList? Read(RangeListSource source, RangeListCopy copy, Action<string, string> putAside)
    {
        if (copy.Name != Path.GetFileName(copy.Name))
            return null;
        string path = Path.Combine(_folder, source.File, copy.Name);
        try
        {
            if (new FileInfo(path).Length > _options.BytesMax)
                throw new InvalidDataException("It is too large.");
            byte[] content = File.ReadAllBytes(path);
            if (Convert.ToHexStringLower(SHA256.HashData(content)) != copy.Sha256)
                throw new InvalidDataException("Its bytes are not those that were written.");
            return RangeList.Read(source with { RetrievedAt = copy.FetchedAt }, content);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or RangeListException)
        {
            PutAside(path);
            putAside(path, e.Message);
            return null;
        }
    }

    private static void PutAside(string path)
    {
        try
        {
            if (File.Exists(path))
                File.Move(path, path + ".bad", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays where it is, and is found damaged again.
        }
    }

    private static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + ".new";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true); // before the rename, or a power cut leaves an empty file under the good name
        }
        File.Move(temporary, path, overwrite: true);
    }
}
