using Weir.Control;
using Weir.Proxy.Policies;

namespace Weir.Proxy.Caching;

/// <summary>A site's cache settings, ready to be asked. Immutable.</summary>
internal sealed class SiteCacheRules
{
    private const int PathMax = 4096;

    private readonly (PathPattern[] Paths, int Seconds)[] _crawlerAges;

    private SiteCacheRules(Site site, SiteCache settings)
    {
        Settings = settings;
        KeyPrefix = $"{site.Id}\n{settings.Generation}\n";
        _crawlerAges = [.. settings.CrawlerAges.Select(a => (a.Paths.Select(p => new PathPattern(p)).ToArray(), a.Seconds))];
    }

    /// <summary>As configured.</summary>
    public SiteCache Settings { get; }

    /// <summary>What every key of the site begins with: no other site's and no other generation's does.</summary>
    public string KeyPrefix { get; }

    /// <summary>The rules of a site; null when it keeps nothing.</summary>
    public static SiteCacheRules? Of(Site site) => site.Cache is { } settings ? new SiteCacheRules(site, settings) : null;

    /// <summary>How old an answer crawlers may get here whatever the origin says; null when the origin's word counts.</summary>
    public int? CrawlerSecondsFor(ReadOnlySpan<char> path)
    {
        if (_crawlerAges.Length == 0 || path.Length > PathMax)
            return null;
        var normal = NormalPath.Of(path, stackalloc char[path.Length]);
        foreach (var (paths, seconds) in _crawlerAges)
        {
            if (paths.Length == 0)
                return seconds;
            foreach (var pattern in paths)
            {
                if (pattern.Matches(normal))
                    return seconds;
            }
        }
        return null;
    }
}
