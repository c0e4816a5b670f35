using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Reports;

/// <summary>Finds patterns that match no page that crawlers fetched in the last 30 days.</summary>
internal sealed class CrawledPathsReport(ReportStore store)
{
    // A site with more has pages enough that no guess is made about it.
    private const int PathsMax = 50_000;

    private const string Sql = $$"""
        SELECT DISTINCT path FROM crawler_fetches WHERE site = {site:String} AND status = 200 AND inserted_at > now64(3, 'UTC') - INTERVAL 30 DAY
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """;

    /// <summary>A warning for each pattern without a page; none for those of a site that is too large or new to tell, or while the store is away.</summary>
    public async Task<IReadOnlyList<PatternWarning>> WarningsAsync(IReadOnlyCollection<PagePatternOfSite> patterns, CancellationToken stop)
    {
        var warnings = new List<PatternWarning>();
        try
        {
            foreach (var site in patterns.GroupBy(p => p.Site))
                warnings.AddRange(await WarningsAsync(site.Key, [.. site.Select(p => p.Pattern).Distinct(StringComparer.Ordinal)], stop));
        }
        catch (StoreUnavailableException)
        {
            // The targets are made all the same; a hint is worth no failure.
        }
        return warnings;
    }

    private async Task<IEnumerable<PatternWarning>> WarningsAsync(SiteId site, string[] patterns, CancellationToken stop)
    {
        var paths = await store.ReadAsync(Sql, new ClickHouseParameterCollection().With("site", site.Value).With("limit", PathsMax + 1), r => r.GetString(0), stop);
        if (paths.Count > PathsMax)
            return [];
        // The scheduler's own index, so that a pattern means here what it means there.
        var index = new TargetIndex(patterns.Select((pattern, i) => new TargetLink(i, "", "", site.Value, pattern, 1)), 0);
        var matched = paths.SelectMany(path => index.Find(site, path)).Select(m => m.Target).ToHashSet();
        string why = paths.Count == 0 ? "crawlers have fetched no page of the site yet" : string.Create(CultureInfo.InvariantCulture, $"they have fetched {paths.Count} others");
        return patterns.Where((_, i) => !matched.Contains(i)).Select(pattern => new PatternWarning(
            site.Value, pattern, 0, $"Matches 0 pages that crawlers fetched in the last 30 days; {why}. Check the pattern: case counts, and a closing slash does not."));
    }
}
