using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Reports;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Reads crawlers' hits of some sites once, in the order of time, and counts what robots.txt disallowed, by the hour. For one caller at a time.</summary>
/// <param name="store">The store.</param>
/// <param name="catalog">Crawlers.</param>
/// <param name="sites">The sites; a site is read by one reader alone.</param>
/// <param name="windowHours">How far back it begins.</param>
/// <param name="until">As of when.</param>
internal sealed class RobotsReader(ReportStore store, CrawlerCatalog catalog, IEnumerable<string> sites, int windowHours, DateTimeOffset until)
{
    private const int PageRows = 20_000, SitesAtOnce = 1000;

    private const string VersionsSql = $$"""
        SELECT toUnixTimestamp64Milli(time), toString(site), toString(host), status, base64Encode(text)
        FROM robots_versions
        WHERE site IN {sites:Array(String)} AND inserted_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
        ORDER BY time, inserted_at
        LIMIT 20000
        {{ReportStore.Limits}}
        """;

    private const string HitsSql = $$"""
        SELECT toUnixTimestamp64Milli(time), toString(site), toString(host), toString(crawler), if(query = '', path, concat(path, '?', query)), status, hit_id
        FROM hits
        WHERE site IN {sites:Array(String)} AND kind = 'crawler' AND identity != 'spoofed'
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
          AND (time, site, hit_id) > (fromUnixTimestamp64Milli({from:Int64}, 'UTC'), {afterSite:String}, {afterId:UInt64})
        ORDER BY time, site, hit_id
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """;

    // How far back the counts of each reach.
    private readonly Dictionary<string, int> _sites = sites.ToDictionary(s => s, _ => windowHours, StringComparer.Ordinal);
    private readonly Dictionary<(string Site, string Host), RobotsHistory> _histories = [];
    private readonly Dictionary<(string Site, string Crawler, long Hour), int> _broken = [];
    private (long FromMs, string Site, ulong HitId) _place = (AlertFinders.HourMs(until) - windowHours * AlertFinders.HourLengthMs, "", 0);
    private long _versionsMs;

    /// <summary>Which sites it reads.</summary>
    public IReadOnlyCollection<string> Sites => _sites.Keys;

    /// <summary>How many hours back the counts of one of its sites reach.</summary>
    public int WindowOf(string site) => _sites[site];

    /// <summary>Whether everything before the last look's time is counted.</summary>
    public bool IsCaughtUp { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="to">Up to when.</param>
    /// <param name="pagesMax">At most so many pages of hits.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>Pages that were read.</returns>
    public async Task<int> ReadAsync(DateTimeOffset to, int pagesMax, CancellationToken stop)
    {
        IsCaughtUp = false;
        string[] all = [.. _sites.Keys];
        foreach (string[] some in all.Chunk(SitesAtOnce))
            await ReadVersionsAsync(some, stop);
        // Once more what came in the last hour: the store's clock is another one.
        _versionsMs = to.ToUnixTimeMilliseconds() - AlertFinders.HourLengthMs;
        for (int page = 1; page <= pagesMax; page++)
        {
            var parameters = new ClickHouseParameterCollection()
                .With("sites", all).With("from", _place.FromMs).With("to", to.ToUnixTimeMilliseconds())
                .With("afterSite", _place.Site).With("afterId", _place.HitId).With("limit", PageRows);
            var rows = await store.ReadAsync(HitsSql, parameters, r => new Fetch(
                r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), (ushort)r.GetValue(5), (ulong)r.GetValue(6)), stop);
            foreach (var fetch in rows)
                Judge(fetch);
            IsCaughtUp = rows.Count < PageRows;
            // Everything before this time is in the store, so that nothing comes behind it that was not read.
            _place = IsCaughtUp ? (to.ToUnixTimeMilliseconds(), "", 0) : (rows[^1].TimeMs, rows[^1].Site, rows[^1].HitId);
            if (IsCaughtUp)
                return page;
        }
        return pagesMax;
    }

    /// <summary>Counts of a site by crawler, of hours from one on.</summary>
    public IEnumerable<(string Crawler, int Times)> Counts(string site, long fromHourMs) => _broken
        .Where(b => b.Key.Site == site && b.Key.Hour >= fromHourMs)
        .GroupBy(b => b.Key.Crawler, b => b.Value, (crawler, times) => (crawler, times.Sum()));

    /// <summary>Forgets sites, and hours before one.</summary>
    public void Forget(IReadOnlySet<string> gone, long beforeHourMs)
    {
        foreach (string site in gone)
            _sites.Remove(site);
        foreach (var key in _broken.Keys.Where(k => k.Hour < beforeHourMs || gone.Contains(k.Site)).ToList())
            _broken.Remove(key);
        foreach (var key in _histories.Keys.Where(k => gone.Contains(k.Site)).ToList())
            _histories.Remove(key);
    }

    /// <summary>Takes over what another reader has; both are caught up with the same time.</summary>
    public void Join(RobotsReader other)
    {
        foreach (var (site, window) in other._sites)
            _sites.Add(site, window);
        foreach (var (key, history) in other._histories)
            _histories[key] = history;
        foreach (var (key, times) in other._broken)
            _broken[key] = times;
    }

    private async Task ReadVersionsAsync(string[] some, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection().With("sites", some).With("from", _versionsMs);
        foreach (var (ms, site, host, status, text) in await store.ReadAsync(
            VersionsSql, parameters, r => (r.GetInt64(0), r.GetString(1), r.GetString(2), (ushort)r.GetValue(3), r.GetString(4)), stop))
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(ms);
            var history = HistoryOf(site, host);
            // One that was read already, or came late behind a newer one.
            if (history.Versions is [.., { SeenAt: var newest }] && at <= newest)
                continue;
            history.Add(status < 400 ? RobotsVersion.Served(at, Convert.FromBase64String(text)) : RobotsVersion.Without(at, status));
        }
    }

    private void Judge(in Fetch fetch)
    {
        if (catalog.Find(fetch.Crawler) is not { } crawler)
            return;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(fetch.TimeMs);
        var history = HistoryOf(fetch.Site, fetch.Host);
        var judgement = history.Judge(crawler, fetch.PathAndQuery, at);
        if (judgement.Why == RobotsNotJudged.RobotsFileItself)
            history.NoteFetch(crawler, at, fetch.Status);
        if (judgement.Outcome != RobotsOutcome.Disallowed)
            return;
        var key = (fetch.Site, fetch.Crawler, AlertFinders.HourMs(at));
        _broken[key] = _broken.GetValueOrDefault(key) + 1;
    }

    private RobotsHistory HistoryOf(string site, string host)
    {
        if (!_histories.TryGetValue((site, host), out var history))
            _histories.Add((site, host), history = new RobotsHistory());
        return history;
    }

    private readonly record struct Fetch(long TimeMs, string Site, string Host, string Crawler, string PathAndQuery, ushort Status, ulong HitId);
}
