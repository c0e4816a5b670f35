using System.Globalization;
using Weir.Analytics.Api.Reports;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Crawlers that fetched what robots.txt disallows them, judged by the version that each could have read (<see cref="RobotsHistory"/>).</summary>
/// <remarks>Each hit of a crawler is read once. After a start, and for sites that have such an alert for the first time, the longest window that a rule has is
/// read first, some pages a look; until that is done the alerts of these sites stay as they are.</remarks>
internal sealed class RobotsFinder(ReportStore store, CrawlerCatalog catalog) : IAlertFinder
{
    // 200,000 hits a look: some seconds of a two-core machine.
    private const int PagesMax = 10, HoursMax = 168;

    private readonly List<RobotsReader> _readers = [];

    public string Kind => AlertKinds.Robots;

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<Finding>?> FindAsync(
        IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop)
    {
        var windows = alerts.GroupBy(a => a.Site, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(a => a.Rule.WindowHours!.Value), StringComparer.Ordinal);
        Arrange(windows, until);
        int pages = PagesMax;
        // Those that are caught up first: they need a page each, and must not wait for the others.
        foreach (var reader in _readers.OrderByDescending(r => r.IsCaughtUp).ToList())
        {
            if (pages > 0)
                pages -= await reader.ReadAsync(until, pages, stop);
        }
        Merge();
        var readers = _readers.Where(r => r.IsCaughtUp).SelectMany(r => r.Sites.Select(s => (s, r))).ToDictionary(p => p.s, p => p.r, StringComparer.Ordinal);
        return [.. alerts.SelectMany(a => readers.TryGetValue(a.Site, out var reader) ? FindingsOf(a, reader, until) : AsBefore(a, states))];
    }

    private void Arrange(Dictionary<string, int> windows, DateTimeOffset until)
    {
        long oldest = AlertFinders.HourMs(until) - HoursMax * AlertFinders.HourLengthMs;
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reader in _readers)
        {
            reader.Forget(reader.Sites.Where(s => windows.GetValueOrDefault(s, HoursMax + 1) > reader.WindowOf(s)).ToHashSet(StringComparer.Ordinal), oldest);
            read.UnionWith(reader.Sites);
        }
        _readers.RemoveAll(r => r.Sites.Count == 0);
        string[] missing = [.. windows.Keys.Where(s => !read.Contains(s))];
        if (missing.Length > 0)
            _readers.Add(new RobotsReader(store, catalog, missing, missing.Max(s => windows[s]), until));
    }

    private void Merge()
    {
        if (_readers.FindAll(r => r.IsCaughtUp) is not [var first, _, ..] ready)
            return;
        foreach (var other in ready.Skip(1))
        {
            first.Join(other);
            _readers.Remove(other);
        }
    }

    private static IEnumerable<Finding> AsBefore(Alert alert, IReadOnlyList<AlertState> states) =>
        states.Where(s => s.Alert == alert.Id && s.IsFiring).Select(s => new Finding(alert, s.Subject, s.Summary, new Dictionary<string, double>()));

    private IEnumerable<Finding> FindingsOf(Alert alert, RobotsReader reader, DateTimeOffset until) =>
        from count in reader.Counts(alert.Site, AlertFinders.HourMs(until) - alert.Rule.WindowHours!.Value * AlertFinders.HourLengthMs)
        where count.Times >= alert.Rule.MinHits && catalog.Find(count.Crawler) is { } crawler && alert.Rule.Covers(crawler.Id, crawler.Purpose.ToName())
        select new Finding(alert, count.Crawler,
            string.Create(CultureInfo.InvariantCulture, $"{catalog.NameOf(count.Crawler)} fetched {count.Times:N0} pages in the last {alert.Rule.WindowHours} h that robots.txt disallows it."),
            new Dictionary<string, double> { ["fetches"] = count.Times });
}
