using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>How often one status was answered.</summary>
/// <param name="Status">Response status; 0 when the client left before one.</param>
/// <param name="Hits">All hits that claim the crawler.</param>
/// <param name="Spoofed">Those of them that are spoofed.</param>
public sealed record StatusCount(int Status, long Hits, long Spoofed);

/// <summary>One path and one crawler.</summary>
/// <param name="Path">Path as asked for: the client's own words.</param>
/// <param name="Hits">All hits that claim the crawler.</param>
/// <param name="Verified">Those that its operator's method confirms.</param>
/// <param name="Spoofed">Those that fail a complete method.</param>
/// <param name="Errors">Those answered by a status of 400 or above.</param>
/// <param name="FirstSeen">The first in the span.</param>
/// <param name="LastSeen">The last in the span.</param>
public sealed record CrawlerPathRow(string Path, long Hits, long Verified, long Spoofed, long Errors, DateTimeOffset? FirstSeen, DateTimeOffset? LastSeen);

/// <summary>One crawler on one site in a span of time.</summary>
/// <param name="Crawler">Its line in the list of crawlers; with no hits when there are none in the span.</param>
/// <param name="SpoofRate">Spoofed among those of its hits that can be told (verified or spoofed), with its 95 % interval; null when none can.</param>
/// <param name="Habits">How it comes back; null when the span has too many of its hits to compare.</param>
/// <param name="Statuses">Its hits by status, most first.</param>
/// <param name="Items">Its paths, most hits first.</param>
/// <param name="Next">Give it as <c>cursor</c> to get the paths that follow; null at the end.</param>
public sealed record CrawlerDetail(
    CrawlerRow Crawler, Proportion? SpoofRate, CrawlerHabits? Habits, IReadOnlyList<StatusCount> Statuses, IReadOnlyList<CrawlerPathRow> Items, string? Next)
    : ITable, IPage
{
    IReadOnlyList<Column> ITable.Columns { get; } =
        ["path", Column.Number("hits"), Column.Number("verified"), Column.Number("spoofed"), Column.Number("errors"), Column.Time("first_seen"), Column.Time("last_seen")];

    IEnumerable<object?[]> ITable.Rows => Items.Select(r => new object?[] { r.Path, r.Hits, r.Verified, r.Spoofed, r.Errors, r.FirstSeen, r.LastSeen });
}

/// <summary>Reads <see cref="CrawlerDetail"/>.</summary>
internal sealed class CrawlerDetailReport(
    ReportStore store, AmendmentsReport amendments, CrawlersReport crawlers, CrawlerHabitsReport habits, CrawlerCatalog catalog)
{
    private static readonly VerdictQuery StatusesSql = new(v => $$"""
        WITH {{v.Judged}}
        SELECT status, count() AS status_hits, countIf(identity = 'spoofed')
        FROM judged
        WHERE crawler = {crawler:String}
        GROUP BY status
        ORDER BY status_hits DESC, status
        {{ReportStore.Limits}}
        """);

    private static readonly VerdictQuery PathsSql = new(v => $$"""
        WITH {{v.Judged}}
        SELECT path, count() AS path_hits, countIf(identity = 'verified'), countIf(identity = 'spoofed'), countIf(status >= 400),
               toUnixTimestamp64Milli(min(time)), toUnixTimestamp64Milli(max(time))
        FROM judged
        WHERE crawler = {crawler:String}
        GROUP BY path
        HAVING path_hits < {afterHits:UInt64} OR (path_hits = {afterHits:UInt64} AND path > {afterPath:String})
        ORDER BY path_hits DESC, path
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """);

    /// <summary>Null when neither the catalog nor the span knows the crawler.</summary>
    public async Task<CrawlerDetail?> ReadAsync(
        SiteId site, TimeRange range, string verdict, string crawler, CountPosition? after, int limit, CancellationToken stop)
    {
        var found = (await crawlers.ReadAsync(site, range, verdict, crawler, null, 1, stop)).Items;
        var row = found.Count > 0 ? found[0] : null;
        if (row is null && catalog.Find(crawler) is { } known)
            row = new CrawlerRow(known.Id, known.Name, known.Operator, known.Purpose.ToName(), 0, 0, 0, 0, 0, null, null);
        if (row is null)
            return null;
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        ClickHouseParameterCollection Parameters() =>
            new ClickHouseParameterCollection().With("site", site.Value).With(range).With("verdict", verdict).With(amended).With("crawler", crawler);
        var statuses = store.ReadAsync(StatusesSql.For(amended), Parameters(), r => new StatusCount(r.GetUInt16(0), r.Count(1), r.Count(2)), stop);
        var comesBack = row.Hits > CrawlerHabitsReport.HitsMax ? null : (await habits.ReadAsync(site, range, verdict, [crawler], stop))[crawler];
        var paths = await store.ReadAsync(PathsSql.For(amended), Parameters()
            .With("afterHits", after?.Count ?? long.MaxValue).With("afterPath", after?.Key ?? "").With("limit", limit + 1), Path, stop);
        var page = CountPage.Of(paths, limit, r => new CountPosition(r.Hits, r.Path, range.FromMs, range.ToMs));
        return new CrawlerDetail(row, Proportion.Of(row.Spoofed, row.Verified + row.Spoofed), comesBack, await statuses, page.Items, page.Next);
    }

    private static CrawlerPathRow Path(ClickHouseDataReader r) =>
        new(r.GetString(0), r.Count(1), r.Count(2), r.Count(3), r.Count(4), r.Time(5), r.Time(6));
}
