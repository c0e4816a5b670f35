using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Crawlers of whose hits a larger part is spoofed than a rule allows.</summary>
/// <remarks>The span begins with a whole hour, so it is a window and up to an hour more. A crawler is named when the lower end of Wilson's interval is
/// above the rate: three spoofed hits of three are no 100 %. Identities that were found out late count as what they were found to be.</remarks>
internal sealed class SpoofingFinder(ReportStore store, CrawlerCatalog catalog) : IAlertFinder
{
    private const string Sql = $$"""
        WITH {{VerdictSql.AmendedByLateIdentity}}, {{VerdictSql.Corrections}}
        SELECT site, crawler, purpose, toUInt64(sum(hits)), toUInt64(sumIf(hits, identity = 'spoofed')) AS spoofed
        FROM
        (
            SELECT toString(site) AS site, toString(crawler) AS crawler, toString(purpose) AS purpose, toString(identity) AS identity, toInt64(hits) AS hits
            FROM hits_hourly
            WHERE site IN {sites:Array(String)} AND crawler != ''
              AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({wholeTo:Int64}, 1000), 'UTC')
            UNION ALL
            SELECT toString(site) AS site, toString(crawler) AS crawler, toString(purpose) AS purpose, toString(identity) AS identity, toInt64(count()) AS hits
            FROM hits
            WHERE site IN {sites:Array(String)} AND crawler != ''
              AND time >= fromUnixTimestamp64Milli({wholeTo:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
            GROUP BY site, crawler, purpose, identity
            UNION ALL
            SELECT toString(site) AS site, toString(crawler) AS crawler, toString(purpose) AS purpose, toString(identity) AS identity, toInt64(hits) AS hits
            FROM corrections
            WHERE site IN {sites:Array(String)}
        )
        GROUP BY site, crawler, purpose
        HAVING spoofed >= {minHits:UInt64}
        {{ReportStore.Limits}}
        """;

    public string Kind => AlertKinds.Spoofing;

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<Finding>?> FindAsync(
        IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop)
    {
        List<Finding> found = [];
        foreach (var window in alerts.GroupBy(a => a.Rule.WindowHours!.Value))
        {
            var bySite = window.ToLookup(a => a.Site, StringComparer.Ordinal);
            long wholeTo = AlertFinders.HourMs(until);
            foreach (string[] sites in AlertFinders.SitesOf(window))
            {
                var parameters = new ClickHouseParameterCollection()
                    .With("sites", sites).With("from", wholeTo - window.Key * AlertFinders.HourLengthMs).With("wholeTo", wholeTo)
                    .With("verdict", VerdictSql.Settled).With("site", "").With("to", until.ToUnixTimeMilliseconds()).With("minHits", window.Min(a => a.Rule.MinHits!.Value));
                var rows = await store.ReadAsync(Sql, parameters, r => (r.GetString(0), r.GetString(1), r.GetString(2), r.Count(3), r.Count(4)), stop);
                foreach (var (site, crawler, purpose, hits, spoofed) in rows)
                    found.AddRange(bySite[site].Where(a => Fires(a.Rule, crawler, purpose, hits, spoofed)).Select(a => FindingOf(a, crawler, hits, spoofed)));
            }
        }
        return found;
    }

    private static bool Fires(AlertRule rule, string crawler, string purpose, long hits, long spoofed) =>
        rule.Covers(crawler, purpose) && spoofed >= rule.MinHits && LowEnd(spoofed, hits) > rule.Rate;

    private static double LowEnd(long spoofed, long hits) => Proportion.Of(spoofed, hits)?.Low ?? 0;

    private Finding FindingOf(Alert alert, string crawler, long hits, long spoofed)
    {
        double low = LowEnd(spoofed, hits);
        return new Finding(alert, crawler,
            string.Create(CultureInfo.InvariantCulture,
                $"{catalog.NameOf(crawler)}: {spoofed:N0} of {hits:N0} hits of the last {alert.Rule.WindowHours} h are spoofed, at least {low * 100:0.#} % by the 95 % interval (allowed: {alert.Rule.Rate * 100:0.#} %)."),
            new Dictionary<string, double> { ["hits"] = hits, ["spoofed"] = spoofed, ["rateLow"] = Math.Round(low, 4) });
    }
}
