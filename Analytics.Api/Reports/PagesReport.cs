using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Hosting;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>One path of a site in a span of time. Spoofed crawlers count in <paramref name="SpoofedHits"/> only.</summary>
/// <param name="Path">Path as asked for: the client's own words.</param>
/// <param name="Hits">All hits.</param>
/// <param name="CrawlerHits">Hits of crawlers.</param>
/// <param name="AiHits">Hits of AI crawlers.</param>
/// <param name="HumanHits">Hits of likely humans.</param>
/// <param name="SpoofedHits">Hits of clients that only say they are a crawler.</param>
/// <param name="Crawlers">Different crawlers that fetched it.</param>
/// <param name="LastCrawled">When a crawler last fetched it; null when none did.</param>
public sealed record PageRow(
    string Path, long Hits, long CrawlerHits, long AiHits, long HumanHits, long SpoofedHits, long Crawlers, DateTimeOffset? LastCrawled);

/// <summary>Lists paths by crawler hits.</summary>
internal sealed class PagesReport(ReportStore store, AmendmentsReport amendments, KeptRows rows)
{
    private static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Judged}}
        SELECT path, count() AS hits_all, countIf(kind = 'crawler' AND identity != 'spoofed') AS crawler_hits,
               countIf(kind = 'crawler' AND identity != 'spoofed' AND startsWith(toString(purpose), 'ai-')),
               countIf(kind = 'likely-human'), countIf(identity = 'spoofed'),
               uniqExactIf(crawler, kind = 'crawler' AND identity != 'spoofed'),
               toUnixTimestamp64Milli(maxIf(time, kind = 'crawler' AND identity != 'spoofed'))
        FROM judged
        WHERE {pathStart:String} = '' OR startsWith(path, {pathStart:String})
        GROUP BY path
        HAVING crawler_hits < {afterHits:UInt64} OR (crawler_hits = {afterHits:UInt64} AND path > {afterPath:String})
        ORDER BY crawler_hits DESC, path
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """);

    // The first pages of a list and its beginning beside other figures are read as one: most of the cost is in counting.
    private const int FirstMax = 100;

    public async Task<Page<PageRow>> ReadAsync(
        SiteId site, TimeRange range, string verdict, string pathStart, CountPosition? after, int limit, CancellationToken stop)
    {
        bool isFirst = after is null && pathStart.Length == 0 && limit <= FirstMax;
        var found = isFirst
            ? (await rows.ReadAsync(new Key(site, range.FromMs, range.ToMs, verdict),
                async () => new First(await AskAsync(site, range, verdict, "", null, FirstMax, CancellationToken.None)), stop)).Items
            : await AskAsync(site, range, verdict, pathStart, after, limit, stop);
        return CountPage.Of([.. found.Take(limit + 1)], limit, r => new CountPosition(r.CrawlerHits, r.Path, range.FromMs, range.ToMs));
    }

    private async Task<List<PageRow>> AskAsync(
        SiteId site, TimeRange range, string verdict, string pathStart, CountPosition? after, int limit, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value)
            .With(range)
            .With("verdict", verdict)
            .With(amended)
            .With("pathStart", pathStart)
            .With("afterHits", after?.Count ?? long.MaxValue)
            .With("afterPath", after?.Key ?? "")
            .With("limit", limit + 1);
        return await store.ReadAsync(Sql.For(amended), parameters, r => new PageRow(
            r.GetString(0), r.Count(1), r.Count(2), r.Count(3), r.Count(4), r.Count(5), r.Count(6), r.Time(7)), stop);
    }

    private readonly record struct Key(SiteId Site, long FromMs, long ToMs, string Verdict);

    private sealed record First(List<PageRow> Items) : IKeptRows
    {
        public int Bytes => Items.Sum(r => 120 + (2 * r.Path.Length));

        public long Hits => Items.Sum(r => r.Hits);
    }
}
