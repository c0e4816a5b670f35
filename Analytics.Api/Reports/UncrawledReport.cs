using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Analytics.Api.Sitemaps;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>A page of the sitemap that no crawler fetched.</summary>
/// <param name="Host">Its host, by the sitemap.</param>
/// <param name="Path">Its path.</param>
/// <param name="Query">Its query without a question mark; null without one.</param>
/// <param name="LastModified">When the site says that it last changed; null when it does not say.</param>
public sealed record UncrawledPage(string Host, string Path, string? Query, DateTimeOffset? LastModified);

/// <summary>Pages of a site's sitemap that no crawler of some sort fetched in a span.</summary>
/// <param name="From">Start of the span, inside it.</param>
/// <param name="To">End of the span, outside it.</param>
/// <param name="SitemapLoadedAt">When the sitemap was sent.</param>
/// <param name="Pages">Pages of the sitemap.</param>
/// <param name="Crawled">Those that were fetched and answered by a status of 200 to 399.</param>
/// <param name="Items">Those that were not, by path.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
public sealed record UncrawledList(
    DateTimeOffset From, DateTimeOffset To, DateTimeOffset SitemapLoadedAt, long Pages, long Crawled, IReadOnlyList<UncrawledPage> Items, string? Next)
    : ITable, IPage
{
    IReadOnlyList<Column> ITable.Columns { get; } = ["host", "path", "query", Column.Time("last_modified")];

    IEnumerable<object?[]> ITable.Rows => Items.Select(r => new object?[] { r.Host, r.Path, r.Query, r.LastModified });
}

/// <summary>Which fetches count; null asks for any.</summary>
/// <param name="Purpose">A purpose as stored, or <c>ai</c> for all that begin so.</param>
/// <param name="Identity">An identity as stored; spoofed ones never count.</param>
/// <param name="Crawler">A crawler's id.</param>
internal sealed record CrawlFilter(string? Purpose, string? Identity, string? Crawler);

/// <summary>Reads <see cref="UncrawledList"/>.</summary>
internal sealed class UncrawledReport(ReportStore store, AmendmentsReport amendments, SitemapStore sitemaps)
{
    /// <summary>What <see cref="CrawlFilter.Purpose"/> may be.</summary>
    public static readonly string[] Purposes = ["ai", .. Enum.GetValues<Purpose>().Where(p => p != Purpose.None).Select(p => p.ToName())];

    // Addresses have no spaces, so that a key names one page. A page without a query is fetched with any; one with a query only with that.
    private static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Judged}}, fetched AS
        (
            SELECT DISTINCT path, query FROM judged
            WHERE kind = 'crawler' AND identity != 'spoofed' AND status >= 200 AND status < 400
              AND ({purpose:String} = '' OR toString(purpose) = {purpose:String} OR ({purpose:String} = 'ai' AND startsWith(toString(purpose), 'ai-')))
              AND ({identity:String} = '' OR toString(identity) = {identity:String})
              AND ({crawler:String} = '' OR crawler = {crawler:String})
        ),
        pages AS
        (
            SELECT host, path, query, last_modified, concat(path, ' ', query, ' ', host) AS key,
                   if(query = '', path IN (SELECT path FROM fetched), (path, query) IN (SELECT path, query FROM fetched)) AS is_fetched
            FROM sitemap_pages FINAL
            WHERE site = {site:String} AND loaded_at >= fromUnixTimestamp64Milli({loaded:Int64}, 'UTC')
        )
        SELECT toString(host), path, query, toInt64(toUnixTimestamp(last_modified)) * 1000, key, count() OVER () AS pages_all, countIf(is_fetched) OVER () AS fetched_all,
               toUInt8(NOT is_fetched AND key > {afterKey:String}) AS is_left
        FROM pages
        ORDER BY is_left DESC, key
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """);

    /// <summary>Null when the site has no sitemap.</summary>
    public async Task<UncrawledList?> ReadAsync(
        SiteId site, TimeRange range, string verdict, CrawlFilter filter, CountPosition? after, int limit, CancellationToken stop)
    {
        if (await sitemaps.FindAsync(site, stop) is not var (fromMs, lastMs))
            return null;
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With(range).With("verdict", verdict).With(amended)
            .With("purpose", filter.Purpose ?? "").With("identity", filter.Identity ?? "").With("crawler", filter.Crawler ?? "")
            .With("loaded", fromMs).With("afterKey", after?.Key ?? "").With("limit", limit + 1);
        var rows = await store.ReadAsync(Sql.For(amended), parameters, Row, stop);
        var (pages, fetched) = rows.Count > 0 ? (rows[0].Pages, rows[0].Fetched) : (0, 0);
        var left = rows.Where(r => r.IsLeft).ToList();
        var page = CountPage.Of(left, limit, r => new CountPosition(0, r.Key, range.FromMs, range.ToMs));
        return new UncrawledList(range.From, range.To, DateTimeOffset.FromUnixTimeMilliseconds(lastMs), pages, fetched, [.. page.Items.Select(r => r.Page)], page.Next);
    }

    private static (UncrawledPage Page, string Key, long Pages, long Fetched, bool IsLeft) Row(ClickHouseDataReader r) =>
        (new UncrawledPage(r.GetString(0), r.GetString(1), r.TextOrNull(2), r.Time(3)), r.GetString(4), r.Count(5), r.Count(6), r.GetByte(7) != 0);
}
