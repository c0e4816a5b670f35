using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Crawlers that fetched from a site for the first time in 90 days, by their first hit that is not spoofed.</summary>
/// <remarks>It looks for crawlers of the last hours, and asks for their past only where it does not know them yet: a new pair of site and crawler is
/// rare, so that what it costs each minute is four hours of hourly counts.</remarks>
internal sealed class NewCrawlerFinder(ReportStore store, CrawlerCatalog catalog) : IAlertFinder
{
    private const long DayMs = 86_400_000;

    // At the first look after a start: what came while no program looked. Then: the hours before, for what came late and for what was pending.
    private const long FirstLookMs = 30 * DayMs, LookMs = 4 * AlertFinders.HourLengthMs, PastMs = 90 * DayMs;

    // Counts that are not spoofed as far as is known: late identities take hits away and bring others. What is pending waits for its answer, and counts as it
    // stands an hour behind the end of its own: no answer that comes later than that is about it.
    private const string Counts = """
        SELECT toString(site) AS site, toString(crawler) AS crawler, toString(purpose) AS purpose, hour, toInt64(hits) AS n, toUnixTimestamp64Milli(first_seen) AS first
            FROM hits_hourly
            WHERE site IN {sites:Array(String)} AND crawler != '' AND identity != 'spoofed' AND (identity != 'pending' OR hour < toDateTime(intDiv({settled:Int64}, 1000), 'UTC'))
              AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC') AND first_seen < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
            UNION ALL
            SELECT toString(site) AS site, toString(crawler) AS crawler, toString(purpose) AS purpose, toDateTime(toStartOfHour(time), 'UTC') AS hour, toInt64(hits) AS n,
                   if(n > 0, toUnixTimestamp64Milli(time), 9223372036854775807) AS first
            FROM corrections
            WHERE site IN {sites:Array(String)} AND crawler != '' AND identity != 'spoofed' AND (identity != 'pending' OR time < fromUnixTimestamp64Milli({settled:Int64}, 'UTC'))
        """;

    private const string RecentSql = $$"""
        WITH {{VerdictSql.AmendedByLateIdentity}}, {{VerdictSql.Corrections}}
        SELECT site, crawler
        FROM ({{Counts}})
        GROUP BY site, crawler
        HAVING sum(n) > 0
        {{ReportStore.Limits}}
        """;

    // By the hour: where a late identity took hits away, the hour's first one may be one of them.
    private const string PastSql = $$"""
        WITH {{VerdictSql.AmendedByLateIdentity}}, {{VerdictSql.Corrections}}
        SELECT site, crawler, any(kept_purpose), min(hour_first), any(site_first)
        FROM
        (
            SELECT site, crawler, any(purpose) AS kept_purpose, hour, min(first) AS hour_first
            FROM ({{Counts}})
            WHERE crawler IN {crawlers:Array(String)}
            GROUP BY site, crawler, hour
            HAVING sum(n) > 0
        ) AS h
        INNER JOIN
        (
            SELECT toString(site) AS site, toUnixTimestamp64Milli(min(first_seen)) AS site_first FROM hits_hourly WHERE site IN {sites:Array(String)} GROUP BY site
        ) AS s USING (site)
        GROUP BY site, crawler
        {{ReportStore.Limits}}
        """;

    private readonly HashSet<(string Site, string Crawler)> _known = [];
    private readonly HashSet<string> _looked = new(StringComparer.Ordinal);

    public string Kind => AlertKinds.NewCrawler;

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<Finding>?> FindAsync(
        IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop)
    {
        var bySite = alerts.ToLookup(a => a.Site, StringComparer.Ordinal);
        long untilMs = until.ToUnixTimeMilliseconds();
        var told = states.Select(t => (t.Alert, t.Subject)).ToHashSet();
        List<Finding> found = [];
        foreach (var group in AlertFinders.SitesOf(alerts).SelectMany(sites => sites.GroupBy(_looked.Contains)))
        {
            string[] sites = [.. group];
            var unknown = (await RecentAsync(sites, untilMs - (group.Key ? LookMs : FirstLookMs), untilMs, stop)).Where(r => !_known.Contains(r)).ToHashSet();
            foreach (string[] some in unknown.Select(u => u.Site).Distinct(StringComparer.Ordinal).Chunk(500))
            {
                string[] crawlers = [.. unknown.Select(u => u.Crawler).Distinct(StringComparer.Ordinal)];
                foreach (var row in (await PastAsync(some, crawlers, untilMs, stop)).Where(r => unknown.Contains((r.Site, r.Crawler))))
                {
                    Finding[] news = [.. bySite[row.Site].Where(a => IsNew(a, row) && !told.Contains((a.Id, row.Crawler))).Select(a => FindingOf(a, row))];
                    found.AddRange(news);
                    // What was found is known once it is written down.
                    if (news.Length == 0)
                        _known.Add((row.Site, row.Crawler));
                }
            }
            _looked.UnionWith(sites);
        }
        return found;
    }

    private static bool IsNew(Alert alert, Past past) =>
        alert.Rule.Covers(past.Crawler, past.Purpose) && past.FirstMs >= alert.Created.ToUnixTimeMilliseconds()
        && past.FirstMs >= past.SiteFirstMs + alert.Rule.Days!.Value * DayMs;

    private Finding FindingOf(Alert alert, Past past) => new(
        alert, past.Crawler,
        $"{catalog.NameOf(past.Crawler)} ({past.Purpose}) fetched from the site for the first time, at {DateTimeOffset.FromUnixTimeMilliseconds(past.FirstMs):yyyy-MM-dd HH:mm} UTC.",
        new Dictionary<string, double>());

    private Task<List<(string Site, string Crawler)>> RecentAsync(string[] sites, long fromMs, long untilMs, CancellationToken stop) =>
        store.ReadAsync(RecentSql, Parameters(sites, fromMs, untilMs), r => (r.GetString(0), r.GetString(1)), stop);

    private Task<List<Past>> PastAsync(string[] sites, string[] crawlers, long untilMs, CancellationToken stop) =>
        store.ReadAsync(PastSql, Parameters(sites, untilMs - PastMs, untilMs).With("crawlers", crawlers),
            r => new Past(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4)), stop);

    // Late identities are read by whole hours, as the counts are.
    private static ClickHouseParameterCollection Parameters(string[] sites, long fromMs, long untilMs)
    {
        long hour = untilMs / AlertFinders.HourLengthMs * AlertFinders.HourLengthMs;
        return new ClickHouseParameterCollection()
            .With("sites", sites).With("verdict", VerdictSql.Settled).With("site", "").With("until", untilMs).With("settled", hour - AlertFinders.HourLengthMs)
            .With("from", fromMs / AlertFinders.HourLengthMs * AlertFinders.HourLengthMs).With("to", hour + AlertFinders.HourLengthMs);
    }

    private readonly record struct Past(string Site, string Crawler, string Purpose, long FirstMs, long SiteFirstMs);
}
