using System.Collections.Frozen;
using Weir.Detection.Claims;
using Weir.Detection.Identification;

namespace Weir.Detection.Catalog;

/// <summary>All crawlers and range lists, compiled for lookup. Immutable but for its cache; safe from any thread. A reload makes a new
/// one and swaps it.</summary>
public sealed class CrawlerCatalog
{
    private readonly Crawler[] _crawlers;
    private readonly FrozenDictionary<string, Crawler> _byId;
    private readonly FrozenDictionary<string, Crawler> _bySignatureAgent;
    private readonly UserAgentReader _reader;

    // Readings name crawlers by their place in this catalog, so the cache belongs to it and goes with it.
    private readonly UserAgentCache _cache;

    private CrawlerCatalog(CatalogFile file, Crawler[] crawlers)
    {
        Version = file.Version;
        File = file;
        _crawlers = crawlers;
        _byId = crawlers.ToFrozenDictionary(c => c.Id, StringComparer.Ordinal);
        // Several crawlers of an operator may sign as one agent. The one that has no user agent of its own is who a bare signature names.
        _bySignatureAgent = crawlers.Where(c => c.SignatureAgent is not null).OrderByDescending(c => c.HasNoOwnUserAgent)
            .DistinctBy(c => c.SignatureAgent).ToFrozenDictionary(c => c.SignatureAgent!, StringComparer.OrdinalIgnoreCase);
        _reader = new UserAgentReader(crawlers);
        _cache = new UserAgentCache();
        RangeLists = crawlers.SelectMany(c => c.RangeLists).Distinct().ToArray();
    }

    // The same crawlers in the same places, so what was compiled from their names and remembered of user agents stays true.
    private CrawlerCatalog(CrawlerCatalog other, Crawler[] crawlers)
    {
        (Version, File, _reader, _cache) = (other.Version, other.File, other._reader, other._cache);
        _crawlers = crawlers;
        _byId = crawlers.ToFrozenDictionary(c => c.Id, StringComparer.Ordinal);
        _bySignatureAgent = other._bySignatureAgent.ToFrozenDictionary(a => a.Key, a => _byId[a.Value.Id], StringComparer.OrdinalIgnoreCase);
        RangeLists = crawlers.SelectMany(c => c.RangeLists).Distinct().ToArray();
    }

    /// <summary>Version of the catalog file.</summary>
    public string Version { get; }

    /// <summary>Every crawler, in file order.</summary>
    public IReadOnlyList<Crawler> Crawlers => _crawlers;

    /// <summary>Every range list that a crawler refers to.</summary>
    public IReadOnlyList<RangeList> RangeLists { get; }

    /// <summary>How often a user agent was known already, since the catalog was loaded. Approximate under load.</summary>
    public long UserAgentCacheHits => _cache.Hits;

    /// <summary>How often one had to be read.</summary>
    public long UserAgentCacheMisses => _cache.Misses;

    /// <summary>The file that this was made from, with its examples.</summary>
    internal CatalogFile File { get; }

    /// <summary>The folder that ships with the program.</summary>
    public static string DefaultFolder => Path.Combine(AppContext.BaseDirectory, "config");

    /// <summary>Reads <c>crawlers.json</c> and <c>ip-ranges/</c> below a folder; throws with file, place and mend when they are wrong.</summary>
    /// <param name="folder">The config folder; null for the one shipped beside the program.</param>
    /// <exception cref="CatalogException">The catalog is missing or wrong.</exception>
    /// <exception cref="RangeListException">A range list is missing, wrong or absurd.</exception>
    public static CrawlerCatalog Load(string? folder = null)
    {
        var reader = new CatalogReader(folder ?? DefaultFolder);
        return new CrawlerCatalog(reader.Content, reader.ReadCrawlers());
    }

    /// <summary>Finds a crawler by id; null when there is none.</summary>
    public Crawler? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>A crawler's name as its operator writes it; the id itself where the catalog has it no more.</summary>
    public string NameOf(string id) => Find(id)?.Name ?? id;

    /// <summary>Finds who signs as an agent such as <c>https://chatgpt.com</c>; null when there is none.</summary>
    public Crawler? FindBySignatureAgent(string? agent) => agent is null ? null : _bySignatureAgent.GetValueOrDefault(agent);

    /// <summary>This catalog with other versions of some lists. Shares all that user agents are read by; costs some 100 KB and 1 ms.</summary>
    /// <param name="lists">The lists to put in place of those of the same file.</param>
    public CrawlerCatalog With(params IReadOnlyCollection<RangeList> lists)
    {
        var byFile = lists.ToDictionary(l => l.Source.File, StringComparer.Ordinal);
        RangeList[] Replaced(IReadOnlyList<RangeList> old) => [.. old.Select(l => byFile.GetValueOrDefault(l.Source.File, l))];
        bool Holds(IReadOnlyList<RangeList> old) => old.Any(l => byFile.ContainsKey(l.Source.File));
        return new CrawlerCatalog(this, Array.ConvertAll(_crawlers, c => !Holds(c.RangeLists) && !Holds(c.KinRangeLists) ? c
            : c with { RangeLists = Replaced(c.RangeLists), KinRangeLists = Replaced(c.KinRangeLists) }));
    }

    /// <summary>Reads a user agent, from the cache where it is known.</summary>
    /// <param name="userAgent">As sent.</param>
    /// <param name="hash">A hash of it that is the same for this program's life, and that no sender can know.</param>
    internal UserAgentReading ReadUserAgent(ReadOnlySpan<char> userAgent, out ulong hash)
    {
        // What the key covers is all that the reader sees, so equal keys mean equal readings.
        var text = UserAgentReader.Bound(userAgent);
        var key = _cache.KeyOf(text);
        hash = key.Tag;
        if (_cache.TryGet(key, out var reading))
            return reading;
        reading = _reader.Read(text);
        _cache.Set(key, reading);
        return reading;
    }

    /// <summary>Reads past the cache, for measuring and for examples.</summary>
    internal UserAgentReading ReadUserAgentAnew(ReadOnlySpan<char> userAgent) => _reader.Read(UserAgentReader.Bound(userAgent));
}
