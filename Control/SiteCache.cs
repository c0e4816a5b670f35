namespace Weir.Control;

/// <summary>How a site's answers are kept at the edge and given again (RFC 9111). A site without this keeps nothing.</summary>
public sealed record SiteCache
{
    /// <summary>Bytes of body that one answer may have to be kept, unless said otherwise: nearly every page, and no film.</summary>
    public const int EntryBytesDefault = 1024 * 1024;

    /// <summary>Whether crawlers alone are answered from the cache; everybody else goes to the origin.</summary>
    public bool IsOnlyForCrawlers { get; init; }

    /// <summary>Which generation of kept answers is given; another number forgets all that was kept under the one before.</summary>
    public int Generation { get; init; }

    /// <summary>Largest body kept, in bytes.</summary>
    public int EntryBytesMax { get; init; } = EntryBytesDefault;

    /// <summary>Whether an answer that says nothing of its freshness is fresh for a tenth of the time since it was changed (RFC 9111 §4.2.2).</summary>
    public bool IsHeuristic { get; init; }

    /// <summary>Whether clients are told what the cache did, in a Cache-Status header (RFC 9211).</summary>
    public bool WritesStatus { get; init; }

    /// <summary>Whether a client's Cache-Control is heeded: with no-cache, anybody can send every request to the origin.</summary>
    public bool HeedsRequests { get; init; } = true;

    /// <summary>For how many seconds an answer is given past its time when the origin fails, where the origin says nothing of that (RFC 5861 §4).</summary>
    public int StaleIfErrorSeconds { get; init; }

    /// <summary>How old an answer crawlers are given, whatever the origin says; the first whose paths match counts.</summary>
    public IReadOnlyList<CrawlerAge> CrawlerAges { get; init; } = [];
}

/// <summary>How old an answer crawlers are given on some paths.</summary>
/// <param name="Paths">As in a rule of the site's policy; none for every path.</param>
/// <param name="Seconds">The greatest age.</param>
public sealed record CrawlerAge(IReadOnlyList<string> Paths, int Seconds);
