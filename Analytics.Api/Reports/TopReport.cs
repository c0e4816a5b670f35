using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Hits of the last seconds at the edge that are alike: one site, one sort of client, one crawler, one identity.</summary>
/// <param name="Site">The site.</param>
/// <param name="Kind"><c>crawler</c>, <c>automation</c>, <c>likely-human</c> or <c>unknown</c>.</param>
/// <param name="Crawler">Id of the crawler that they claim; null without a claim.</param>
/// <param name="CrawlerName">Its name as its operator writes it.</param>
/// <param name="Identity"><c>verified</c>, <c>spoofed</c>, <c>unverifiable</c>, <c>pending</c> or <c>not-claimed</c>.</param>
/// <param name="Hits">How many.</param>
/// <param name="Refused">Those that a rule refused.</param>
/// <param name="EdgeMsP50">Median of the time that the edge took for itself, in milliseconds; null when unknown.</param>
/// <param name="EdgeMsP95">Its 95th percentile.</param>
/// <param name="LastHit">The newest.</param>
public sealed record TopRow(
    string Site, string Kind, string? Crawler, string? CrawlerName, string Identity, long Hits, long Refused, double? EdgeMsP50, double? EdgeMsP95,
    DateTimeOffset LastHit);

/// <summary>What goes on at the edge now.</summary>
/// <param name="AsOf">When this was read, by the store's clock.</param>
/// <param name="Seconds">How far it looks back.</param>
/// <param name="Hits">Hits of all rows, those beyond the list included.</param>
/// <param name="EdgeMsP50">Median of the time that the edge took for itself (without the origin), in milliseconds; null when unknown.</param>
/// <param name="EdgeMsP95">Its 95th percentile.</param>
/// <param name="Items">Most hits first; at most 200.</param>
public sealed record Top(DateTimeOffset AsOf, int Seconds, long Hits, double? EdgeMsP50, double? EdgeMsP95, IReadOnlyList<TopRow> Items);

/// <summary>Reads <see cref="Top"/>.</summary>
internal sealed class TopReport(ReportStore store, AmendmentsReport amendments, Detection.Catalog.CrawlerCatalog catalog, TimeProvider time)
{
    private const int RowsMax = 200;

    // The store's clock says what the last seconds are; ours only where to look, and it may be off by this.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1);

    // The last row of each answer is the sum of all: site is empty there. The table is sorted by site and time, so a look reads little.
    private static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Judged}}
        SELECT site, toString(kind) AS sort, crawler, toString(identity) AS proof, count() AS hits,
               countIf(policy_action IN ('limit', 'block', 'price')) AS refused,
               quantileIf(0.5)(edge_us, edge_us > 0) AS p50, quantileIf(0.95)(edge_us, edge_us > 0) AS p95,
               toUnixTimestamp64Milli(max(time)) AS last_hit, toUnixTimestamp64Milli(now64(3, 'UTC'))
        FROM judged
        WHERE source = 'edge' AND has({sites:Array(String)}, site) AND time >= now64(3, 'UTC') - toIntervalSecond({seconds:UInt32})
        GROUP BY GROUPING SETS ((site, sort, crawler, proof), ())
        ORDER BY site = '' DESC, hits DESC, site, sort, crawler, proof
        LIMIT {{RowsMaxText}}
        {{ReportStore.Limits}}
        """);

    private const string RowsMaxText = "201";

    public async Task<Top> ReadAsync(IReadOnlyList<string> sites, int seconds, CancellationToken stop)
    {
        var range = new TimeRange(time.GetUtcNow() - TimeSpan.FromSeconds(seconds) - ClockSlack, TimeRange.Latest);
        var amended = await amendments.ReadAsync(null, range, VerdictSql.Reclassified, stop);
        var parameters = new ClickHouseParameterCollection().With("sites", sites.ToArray()).With("seconds", seconds)
            .With("site", "").With(range).With("verdict", VerdictSql.Reclassified).With(amended);
        long asOfMs = 0;
        var rows = await store.ReadAsync(Sql.For(amended), parameters, r =>
        {
            asOfMs = r.GetInt64(9);
            return Row(r);
        }, stop);
        var all = rows.Find(r => r.Site.Length == 0);
        return new Top(DateTimeOffset.FromUnixTimeMilliseconds(asOfMs), seconds, all?.Hits ?? 0, all?.EdgeMsP50, all?.EdgeMsP95,
            [.. rows.Where(r => r.Site.Length > 0).Take(RowsMax)]);
    }

    private TopRow Row(ClickHouseDataReader r)
    {
        string? crawler = r.TextOrNull(2);
        return new TopRow(r.GetString(0), r.GetString(1), crawler, crawler is null ? null : catalog.NameOf(crawler), r.GetString(3),
            r.Count(4), r.Count(5), Milliseconds(r.GetDouble(6)), Milliseconds(r.GetDouble(7)), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(8)));
    }

    private static double? Milliseconds(double us) => double.IsNaN(us) ? null : Math.Round(us / 1000, 3);
}
