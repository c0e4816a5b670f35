using Weir.Control;

namespace Weir.Settings;

/// <summary>Reads how a site's answers are kept at the edge.</summary>
internal static class CacheBinder
{
    /// <summary>The least that the answers of all sites may take; less would keep no page of usual size.</summary>
    public const long StoreBytesMin = 1024 * 1024;

    private const int EntryBytesMax = 64 * 1024 * 1024;

    // What holds for longer is no cache but another website.
    private const int CrawlerSecondsMax = 7 * 24 * 3600;

    private const int StaleSecondsMax = 30 * 24 * 3600;

    private const int CrawlerAgesMax = 64;

    /// <summary>Reads a site's section <c>cache</c>; null when there is none.</summary>
    public static SiteCache? Bind(Section site)
    {
        var cache = site.Object("cache");
        if (cache.Node is null)
            return null;
        return new SiteCache
        {
            IsOnlyForCrawlers = IsOnlyForCrawlers(cache.Text("for")),
            Generation = cache.Integer("generation", 0, int.MaxValue, 0),
            EntryBytesMax = cache.Integer("entryBytesMax", 1024, EntryBytesMax, SiteCache.EntryBytesDefault),
            IsHeuristic = cache.Boolean("heuristics", false),
            WritesStatus = cache.Boolean("statusHeader", false),
            HeedsRequests = cache.Boolean("heedRequests", true),
            StaleIfErrorSeconds = cache.Integer("staleIfErrorSeconds", 0, StaleSecondsMax, 0),
            CrawlerAges = CrawlerAges(cache),
        };
    }

    private static bool IsOnlyForCrawlers(Given? whom)
    {
        if (whom is { Value: not ("everyone" or "crawlers") } given)
            given.Refuse($"'{given.Value}' is nobody to answer from the cache.", "Write everyone (as without it) or crawlers.");
        return whom is { Value: "crawlers" };
    }

    private static List<CrawlerAge> CrawlerAges(Section cache)
    {
        var sections = cache.Objects("crawlers").ToList();
        if (sections.Count > CrawlerAgesMax)
            cache.Errors.Add(sections[CrawlerAgesMax].At, sections[CrawlerAgesMax].Path, $"There are at most {CrawlerAgesMax} of these.", "One may name many paths: join some.");
        var ages = new List<CrawlerAge>();
        foreach (var section in sections)
        {
            if (!section.Has("seconds"))
                section.Errors.Add(section.At, section.PathOf("seconds"), "How old an answer crawlers get is missing.", "Write \"seconds\": 600 for ten minutes.");
            ages.Add(new CrawlerAge(PolicyBinder.Paths(section), section.Integer("seconds", 1, CrawlerSecondsMax, 1)));
        }
        return ages;
    }
}
