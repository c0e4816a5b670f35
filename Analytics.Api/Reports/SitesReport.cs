using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;

namespace Weir.Analytics.Api.Reports;

/// <summary>A site and what is stored of it.</summary>
/// <param name="Site">The site's id.</param>
/// <param name="Name">What people call it; empty when nobody named it.</param>
/// <param name="Hits">Hits stored.</param>
/// <param name="FirstHit">Time of the oldest hit; null without hits.</param>
/// <param name="LastHit">Time of the newest hit; null without hits.</param>
public sealed record SiteRow(string Site, string Name = "", long Hits = 0, DateTimeOffset? FirstHit = null, DateTimeOffset? LastHit = null);

/// <summary>The sites that a key may read.</summary>
/// <param name="Items">Sites by id.</param>
public sealed record SiteList(IReadOnlyList<SiteRow> Items);

/// <summary>Reads which sites have hits.</summary>
internal sealed class SitesReport(ReportStore store)
{
    private const string Sql = $$"""
        SELECT site, '' AS name, sum(hits), toUnixTimestamp64Milli(min(first_seen)), toUnixTimestamp64Milli(max(last_seen))
        FROM hits_hourly
        GROUP BY site
        ORDER BY site
        {{ReportStore.Limits}}
        """;

    private const string HasHitsSql = $$"""
        SELECT 1 FROM hits_hourly WHERE site = {site:String} LIMIT 1
        {{ReportStore.Limits}}
        """;

    public Task<List<SiteRow>> ReadAsync(CancellationToken stop) => store.ReadAsync(
        Sql, new ClickHouseParameterCollection(), r => new SiteRow(r.GetString(0), "", r.Count(2), r.Time(3), r.Time(4)), stop);

    public async ValueTask<bool> HasHitsAsync(SiteId site, CancellationToken stop) =>
        (await store.ReadAsync(HasHitsSql, new ClickHouseParameterCollection().With("site", site.Value), _ => 1, stop)).Count > 0;
}
