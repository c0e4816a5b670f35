using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Page groups that no crawler of a rule fetched for some days.</summary>
/// <remarks>Fetches that were answered with less than 400 and are not spoofed, at the edge. It remembers when a group was last fetched and asks anew only
/// once that is too long ago, so that most looks ask nothing. A group that was never fetched counts from the alert's making.</remarks>
internal sealed class NotCrawledFinder(ReportStore store) : IAlertFinder
{
    private const int AlertsAtOnce = 500;

    private const string Sql = $$"""
        SELECT a.alert, toString(f.crawler) AS by, toString(f.purpose) AS why, toUnixTimestamp64Milli(max(f.time))
        FROM
        (
            SELECT toString(site) AS site, crawler, purpose, path, time
            FROM crawler_fetches
            WHERE site IN {sites:Array(String)} AND inserted_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
              AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND identity != 'spoofed' AND status < 400
        ) AS f
        INNER JOIN
        (
            SELECT tupleElement(row, 1) AS alert, tupleElement(row, 2) AS site, tupleElement(row, 3) AS prefix
            FROM (SELECT arrayJoin(arrayZip({alerts:Array(String)}, {sitesOf:Array(String)}, {prefixes:Array(String)})) AS row)
        ) AS a ON f.site = a.site
        WHERE startsWith(f.path, a.prefix)
        GROUP BY a.alert, by, why
        {{ReportStore.Limits}}
        """;

    private readonly Dictionary<string, Memory> _memories = new(StringComparer.Ordinal);

    public string Kind => AlertKinds.NotCrawled;

    public TimeSpan Every => TimeSpan.FromMinutes(5);

    public async Task<IReadOnlyList<Finding>?> FindAsync(
        IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop)
    {
        long untilMs = until.ToUnixTimeMilliseconds();
        // What was asked before is asked only for what came since, or an alert that fires for weeks would cost weeks of fetches each time.
        foreach (var some in alerts.Where(a => IsOverdue(a, untilMs)).OrderBy(a => MemoryOf(a).AskedMs).Chunk(AlertsAtOnce))
        {
            var byId = some.ToDictionary(a => a.Id, StringComparer.Ordinal);
            long fromMs = some.Min(a => MemoryOf(a).AskedMs is > 0 and var asked ? asked - AlertFinders.HourLengthMs : untilMs - LengthMs(a.Rule.Days!.Value));
            var parameters = new ClickHouseParameterCollection()
                .With("sites", some.Select(a => a.Site).Distinct(StringComparer.Ordinal).ToArray()).With("from", fromMs).With("to", untilMs)
                .With("alerts", some.Select(a => a.Id).ToArray()).With("sitesOf", some.Select(a => a.Site).ToArray())
                .With("prefixes", some.Select(a => a.Rule.PathPrefix!).ToArray());
            foreach (var (id, crawler, purpose, lastMs) in await store.ReadAsync(
                Sql, parameters, r => (r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3)), stop))
            {
                if (byId[id].Rule.Covers(crawler, purpose) && lastMs > MemoryOf(byId[id]).LastMs)
                    _memories[id] = MemoryOf(byId[id]) with { LastMs = lastMs };
            }
            foreach (var alert in some)
                _memories[alert.Id] = MemoryOf(alert) with { AskedMs = untilMs };
        }
        return [.. alerts.Where(a => IsOverdue(a, untilMs)).Select(a => FindingOf(a, MemoryOf(a).LastMs, untilMs))];
    }

    // A rule that was written anew may be about other pages.
    private Memory MemoryOf(Alert alert) =>
        _memories.TryGetValue(alert.Id, out var memory) && memory.Written == alert.Changed ? memory : new Memory(alert.Changed, 0, 0);

    private bool IsOverdue(Alert alert, long untilMs) =>
        untilMs - (MemoryOf(alert).LastMs is > 0 and var lastMs ? lastMs : alert.Created.ToUnixTimeMilliseconds()) >= LengthMs(alert.Rule.Days!.Value);

    private static Finding FindingOf(Alert alert, long lastMs, long untilMs)
    {
        string last = lastMs > 0
            ? string.Create(CultureInfo.InvariantCulture, $"was last fetched {DateTimeOffset.FromUnixTimeMilliseconds(lastMs):yyyy-MM-dd HH:mm} UTC")
            : string.Create(CultureInfo.InvariantCulture, $"was not fetched within the last {alert.Rule.Days} days");
        return new Finding(alert, "", $"The group of pages {alert.Rule.PathPrefix} {last} by {Whom(alert.Rule)}.",
            lastMs > 0 ? new Dictionary<string, double> { ["days"] = Math.Round((untilMs - lastMs) / (double)LengthMs(1), 1) } : new Dictionary<string, double>());
    }

    private static string Whom(AlertRule rule) => rule switch
    {
        { Crawlers: { Count: > 0 } crawlers } => string.Join(", ", crawlers),
        { Purposes: { Count: > 0 } purposes } => $"crawlers for {string.Join(", ", purposes)}",
        _ => "any crawler",
    };

    private static long LengthMs(int days) => days * 24 * AlertFinders.HourLengthMs;

    private sealed record Memory(DateTimeOffset Written, long LastMs, long AskedMs);
}
