using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Analytics.Api.Reports;

/// <summary>What one crawler saw of one page. Spoofed ones do not count.</summary>
/// <param name="Path">Path as asked for: the client's own words.</param>
/// <param name="Crawler">Crawler id.</param>
/// <param name="Name">Its name as its operator writes it.</param>
/// <param name="Fetches">Fetches of the span whose text was read.</param>
/// <param name="LastSeen">The last of them.</param>
/// <param name="LastChanged">The last one at which the page's main text was new for this crawler; null when it was not in the span.</param>
/// <param name="Words">Words of the main text at the last fetch.</param>
public sealed record ContentChange(
    string Path, string Crawler, string Name, long Fetches, DateTimeOffset? LastSeen, DateTimeOffset? LastChanged, long Words);

/// <summary>Lists <see cref="ContentChange"/>s, the newest change first.</summary>
internal sealed class ContentChangesReport(ReportStore store, CrawlerCatalog catalog)
{
    private const string Sql = $$"""
        SELECT path, toString(crawler) AS name, count(), toUnixTimestamp64Milli(max(time)),
               toUnixTimestamp64Milli(maxIf(time, change_for_crawler = 'text')) AS changed, argMax(words, time), concat(path, ' ', name) AS key
        FROM content_sightings
        WHERE site = {site:String} AND identity != 'spoofed'
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
          AND ({pathStart:String} = '' OR startsWith(path, {pathStart:String})) AND ({crawler:String} = '' OR crawler = {crawler:String})
        GROUP BY path, crawler
        HAVING changed < {afterChanged:Int64} OR (changed = {afterChanged:Int64} AND key > {afterKey:String})
        ORDER BY changed DESC, key
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """;

    public async Task<Page<ContentChange>> ReadAsync(
        SiteId site, TimeRange range, string pathStart, string crawler, CountPosition? after, int limit, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With(range).With("pathStart", pathStart).With("crawler", crawler)
            .With("afterChanged", after?.Count ?? long.MaxValue).With("afterKey", after?.Key ?? "").With("limit", limit + 1);
        var rows = await store.ReadAsync(Sql, parameters, r => (Key: r.GetString(6), Row: new ContentChange(
            r.GetString(0), r.GetString(1), catalog.NameOf(r.GetString(1)), r.Count(2), r.Time(3), r.Time(4), r.GetUInt32(5))), stop);
        var page = CountPage.Of(rows, limit, r => new CountPosition(r.Row.LastChanged?.ToUnixTimeMilliseconds() ?? 0, r.Key, range.FromMs, range.ToMs));
        return new Page<ContentChange>([.. page.Items.Select(r => r.Row)], page.Next);
    }
}
