using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>How a crawler comes back.</summary>
/// <param name="FirstSeenEver">Its first hit of all that are stored of the site, by the verdicts as they were given.</param>
/// <param name="LastSeenEver">Its last hit of all.</param>
/// <param name="RecrawlMedianSeconds">Median of the times between two successive fetches of the same path in the span, spoofed ones left out; null
/// where no path was fetched twice.</param>
/// <param name="RecrawlP90Seconds">Their 90th percentile.</param>
public sealed record CrawlerHabits(DateTimeOffset? FirstSeenEver, DateTimeOffset? LastSeenEver, double? RecrawlMedianSeconds, double? RecrawlP90Seconds);

/// <summary>Reads <see cref="CrawlerHabits"/>.</summary>
internal sealed class CrawlerHabitsReport(ReportStore store, AmendmentsReport amendments)
{
    /// <summary>Crawler hits whose times are compared in one report; with more, the span is too long to ask for habits.</summary>
    public const long HitsMax = 5_000_000;

    private const string EverSql = $$"""
        SELECT toString(crawler), toUnixTimestamp64Milli(min(first_seen)), toUnixTimestamp64Milli(max(last_seen))
        FROM hits_hourly
        WHERE site = {site:String} AND has({crawlers:Array(String)}, toString(crawler))
        GROUP BY crawler
        {{ReportStore.Limits}}
        """;

    // Paths are compared by a hash, so that long ones cost no more memory.
    private static readonly VerdictQuery RecrawlSql = new(v => $$"""
        WITH {{v.Judged}}
        SELECT crawler, quantiles(0.5, 0.9)(gap)
        FROM
        (
            SELECT toString(crawler) AS crawler,
                   arrayJoin(arrayPopFront(arrayDifference(arraySort(groupArray(toUnixTimestamp64Milli(time)))))) AS gap
            FROM judged
            WHERE has({crawlers:Array(String)}, toString(crawler)) AND identity != 'spoofed'
            GROUP BY crawler, host, cityHash64(path)
        )
        GROUP BY crawler
        {{ReportStore.Limits}}
        """);

    /// <summary>By crawler id; those without a stored hit are left out.</summary>
    public async Task<IReadOnlyDictionary<string, CrawlerHabits>> ReadAsync(
        SiteId site, TimeRange range, string verdict, IReadOnlyCollection<string> crawlers, CancellationToken stop)
    {
        if (crawlers.Count == 0)
            return new Dictionary<string, CrawlerHabits>();
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        ClickHouseParameterCollection Parameters() => new ClickHouseParameterCollection().With("site", site.Value).With("crawlers", crawlers.ToArray());
        var ever = store.ReadAsync(EverSql, Parameters(), r => (Crawler: r.GetString(0), First: r.Time(1), Last: r.Time(2)), stop);
        var gaps = await store.ReadAsync(RecrawlSql.For(amended), Parameters().With(range).With("verdict", verdict).With(amended),
            r => (Crawler: r.GetString(0), Gaps: r.GetFieldValue<double[]>(1)), stop);
        var seen = (await ever).ToDictionary(e => e.Crawler, StringComparer.Ordinal);
        var recrawls = gaps.ToDictionary(g => g.Crawler, g => g.Gaps, StringComparer.Ordinal);
        return crawlers.ToDictionary(c => c, c => new CrawlerHabits(
            seen.GetValueOrDefault(c).First, seen.GetValueOrDefault(c).Last, Seconds(recrawls, c, 0), Seconds(recrawls, c, 1)), StringComparer.Ordinal);
    }

    private static double? Seconds(Dictionary<string, double[]> gaps, string crawler, int index) =>
        gaps.TryGetValue(crawler, out double[]? milliseconds) ? Math.Round(milliseconds[index] / 1000, 3) : null;
}
