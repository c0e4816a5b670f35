using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection.Catalog;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Crawlers that came regularly and have been silent for some times their usual gap.</summary>
/// <remarks>A visit is an hour with hits, so that a burst is one. The usual gap is the 90th percentile of the gaps between visits of the last 30 days:
/// nine of ten were no longer. Spoofed hits are no visits.</remarks>
internal sealed class CrawlStoppedFinder(ReportStore store, CrawlerCatalog catalog) : IAlertFinder
{
    private const long HistoryMs = 30 * 24 * AlertFinders.HourLengthMs;

    private const string SilentSql = $$"""
        SELECT site, crawler, purpose, length(hours) AS visits, toFloat64(arrayReduce('quantileExact(0.9)', arrayPopFront(arrayDifference(hours)))) AS gap, last
        FROM
        (
            SELECT toString(site) AS site, toString(crawler) AS crawler, any(toString(purpose)) AS purpose,
                   arraySort(groupUniqArray(toInt64(toUnixTimestamp(hour)))) AS hours, toUnixTimestamp64Milli(max(last_seen)) AS last
            FROM hits_hourly
            WHERE site IN {sites:Array(String)} AND crawler != '' AND identity != 'spoofed'
              AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({to:Int64}, 1000), 'UTC')
            GROUP BY site, crawler
        )
        WHERE visits >= {minVisits:UInt64} AND {to:Int64} - last >= {factor:Float64} * gap * 1000
        {{ReportStore.Limits}}
        """;

    private const string SeenSql = $$"""
        SELECT toString(site), toString(crawler), toUnixTimestamp64Milli(max(last_seen))
        FROM hits_hourly
        WHERE site IN {sites:Array(String)} AND crawler != '' AND identity != 'spoofed'
          AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC')
        GROUP BY site, crawler
        {{ReportStore.Limits}}
        """;

    public string Kind => AlertKinds.CrawlStopped;

    // Gaps are whole hours; looking at 30 days of them more often would find little sooner.
    public TimeSpan Every => TimeSpan.FromMinutes(15);

    public async Task<IReadOnlyList<Finding>?> FindAsync(
        IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop)
    {
        var bySite = alerts.ToLookup(a => a.Site, StringComparer.Ordinal);
        long untilMs = until.ToUnixTimeMilliseconds();
        List<Finding> found = [];
        foreach (string[] sites in AlertFinders.SitesOf(alerts))
        {
            var parameters = new ClickHouseParameterCollection()
                .With("sites", sites).With("from", untilMs - HistoryMs).With("to", untilMs)
                .With("minVisits", alerts.Min(a => a.Rule.MinVisits!.Value)).With("factor", alerts.Min(a => a.Rule.Factor!.Value));
            var rows = await store.ReadAsync(SilentSql, parameters, r => new Silence(
                r.GetString(0), r.GetString(1), r.GetString(2), r.Count(3), r.GetDouble(4), r.GetInt64(5)), stop);
            foreach (var row in rows)
                found.AddRange(bySite[row.Site].Where(a => Fires(a.Rule, row, untilMs)).Select(a => FindingOf(a, row, untilMs)));
        }
        return [.. found, .. await StillSilentAsync(alerts, states, found, stop)];
    }

    // A long silence takes the visits out of the history; it ends with a visit, and not with being forgotten.
    private async Task<IReadOnlyList<Finding>> StillSilentAsync(
        IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, List<Finding> found, CancellationToken stop)
    {
        var byId = alerts.ToDictionary(a => a.Id, StringComparer.Ordinal);
        var missing = states.Where(s => s.IsFiring && byId.ContainsKey(s.Alert) && !found.Exists(f => f.Alert.Id == s.Alert && f.Subject == s.Subject)).ToList();
        var seen = new Dictionary<(string, string), long>();
        foreach (string[] sites in AlertFinders.SitesOf(missing.Select(s => byId[s.Alert])))
        {
            long fromMs = missing.Min(s => s.SinceMs) / AlertFinders.HourLengthMs * AlertFinders.HourLengthMs;
            foreach (var (site, crawler, last) in await store.ReadAsync(
                SeenSql, new ClickHouseParameterCollection().With("sites", sites).With("from", fromMs), r => (r.GetString(0), r.GetString(1), r.GetInt64(2)), stop))
                seen[(site, crawler)] = last;
        }
        return [.. missing.Where(s => seen.GetValueOrDefault((byId[s.Alert].Site, s.Subject)) <= s.SinceMs)
            .Select(s => new Finding(byId[s.Alert], s.Subject, s.Summary, new Dictionary<string, double>()))];
    }

    private static bool Fires(AlertRule rule, Silence s, long untilMs) =>
        rule.Covers(s.Crawler, s.Purpose) && s.Visits >= rule.MinVisits && untilMs - s.LastMs >= rule.Factor * s.GapSeconds * 1000;

    private Finding FindingOf(Alert alert, Silence s, long untilMs)
    {
        double silentHours = (untilMs - s.LastMs) / (double)AlertFinders.HourLengthMs, gapHours = s.GapSeconds / 3600;
        return new Finding(alert, s.Crawler,
            string.Create(CultureInfo.InvariantCulture,
                $"{catalog.NameOf(s.Crawler)} was last seen {DateTimeOffset.FromUnixTimeMilliseconds(s.LastMs):yyyy-MM-dd HH:mm} UTC, {silentHours:0} h ago; usually it comes back within {gapHours:0} h."),
            new Dictionary<string, double> { ["silentHours"] = Math.Round(silentHours, 1), ["usualGapHours"] = Math.Round(gapHours, 1), ["visits"] = s.Visits });
    }

    private readonly record struct Silence(string Site, string Crawler, string Purpose, long Visits, double GapSeconds, long LastMs);
}
