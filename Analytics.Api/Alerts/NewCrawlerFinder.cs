using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection.Catalog;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Crawlers that fetched from a site for the first time in 90 days, by their first hit that is not spoofed.</summary>
/// <remarks>It looks for crawlers of the last hours, and asks for their past only where it does not know them yet: a new pair of site and crawler is
/// rare, so that what it costs each minute is two hours of hourly counts.</remarks>
internal sealed class NewCrawlerFinder(ReportStore store, CrawlerCatalog catalog) : IAlertFinder
{
    private const long DayMs = 86_400_000;

    // At the first look after a start: what came while no program looked. Then: the hour before, for what came late.
    private const long FirstLookMs = 30 * DayMs, LookMs = 2 * AlertFinders.HourLengthMs, PastMs = 90 * DayMs;

    private const string RecentSql = $$"""
        SELECT DISTINCT toString(site), toString(crawler)
        FROM hits_hourly
        WHERE site IN {sites:Array(String)} AND crawler != '' AND identity != 'spoofed'
          AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC') AND first_seen < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        {{ReportStore.Limits}}
        """;

    private const string PastSql = $$"""
        SELECT toString(site), toString(crawler), any(toString(purpose)), toUnixTimestamp64Milli(min(first_seen)) AS first, any(site_first)
        FROM hits_hourly
        INNER JOIN
        (
            SELECT site, toUnixTimestamp64Milli(min(first_seen)) AS site_first FROM hits_hourly WHERE site IN {sites:Array(String)} GROUP BY site
        ) AS s USING (site)
        WHERE site IN {sites:Array(String)} AND crawler != '' AND identity != 'spoofed' AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC')
          AND first_seen < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
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
                foreach (var row in (await PastAsync(some, untilMs, stop)).Where(r => unknown.Contains((r.Site, r.Crawler))))
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

    private Task<List<(string Site, string Crawler)>> RecentAsync(string[] sites, long fromMs, long toMs, CancellationToken stop) => store.ReadAsync(
        RecentSql, new ClickHouseParameterCollection().With("sites", sites).With("from", fromMs / AlertFinders.HourLengthMs * AlertFinders.HourLengthMs).With("to", toMs),
        r => (r.GetString(0), r.GetString(1)), stop);

    private Task<List<Past>> PastAsync(string[] sites, long toMs, CancellationToken stop) => store.ReadAsync(
        PastSql, new ClickHouseParameterCollection().With("sites", sites).With("from", toMs - PastMs).With("to", toMs),
        r => new Past(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4)), stop);

    private readonly record struct Past(string Site, string Crawler, string Purpose, long FirstMs, long SiteFirstMs);
}
