using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Analytics.Api;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Verdicts;
using Weir.Storage.Traffic;

namespace Weir.Storage.Measuring;

/// <summary>Times of one report over many questions, in milliseconds.</summary>
/// <param name="Report">Its name.</param>
/// <param name="Milliseconds">Sorted.</param>
internal sealed record QueryFigures(string Report, double[] Milliseconds)
{
    /// <summary>The time that so many of the questions stayed below.</summary>
    public double At(double share) => Milliseconds[Math.Min(Milliseconds.Length - 1, (int)(Milliseconds.Length * share))];
}

/// <summary>Asks what the dashboard asks, by the API's own reports, one question at a time.</summary>
internal sealed class Dashboard : IDisposable
{
    // Spans that the dashboard offers; they do not begin at a whole hour, as a visitor's do not.
    private static readonly (int Hours, string Interval)[] Spans = [(24, "hour"), (168, "hour"), (720, "day")];
    private const string Verdict = VerdictSql.Reclassified;  // as the dashboard asks
    private const long NowMs = TrafficSource.EndMs - 1_234_567;

    private readonly ClickHouseConnections _connections;
    private readonly ReportStore _store;
    private readonly AmendmentsReport _amendments;
    private readonly CompletenessReport _completeness;
    private readonly KeptRows _rows = new(new AnalyticsOptions(), TimeProvider.System);
    private readonly CountsReport _counts;
    private readonly CrawlerCatalog _catalog;

    public Dashboard(ClickHouseEndpoint endpoint, CrawlerCatalog catalog)
    {
        _connections = new ClickHouseConnections(endpoint);
        _store = new ReportStore(_connections.Client, new AnalyticsOptions(), TimeProvider.System, NullLogger<ReportStore>.Instance);
        _amendments = new AmendmentsReport(_store, new AnalyticsOptions(), TimeProvider.System);
        _completeness = new CompletenessReport(_store, new AnalyticsOptions(), TimeProvider.System);
        _counts = new CountsReport(_store, _amendments, _rows, TimeProvider.System);
        _catalog = catalog;
    }

    /// <summary>Every report of one site, for sites drawn evenly from all: most of a thousand are small, and each is somebody's.</summary>
    public Task<List<QueryFigures>> OfSitesAsync(IReadOnlyList<SiteId> sites, int questions, int seed)
    {
        var random = new Random(seed);
        return MeasureAsync(SiteReports(), questions, () => (sites[random.Next(sites.Count)], Spans[random.Next(Spans.Length)]));
    }

    /// <summary>Every report of one and the same site.</summary>
    public Task<List<QueryFigures>> OfSiteAsync(SiteId site, int questions)
    {
        int next = 0;
        return MeasureAsync(SiteReports(), questions, () => (site, Spans[next++ % Spans.Length]));
    }

    /// <summary>The list of sites, and the reports that read counts, without the condition of one site.</summary>
    public Task<List<QueryFigures>> OfAllSitesAsync(int questions)
    {
        int next = 0;
        return MeasureAsync(
        [
            ("sites", (_, _, _) => new SitesReport(_store).ReadAsync(default)),
            ("summary", (_, range, _) => RunAsync(SummaryReport.Sql, range)),
            ("series", (_, range, interval) => RunAsync(SeriesSql.Of("audience", interval, isMany: false), range)),
            ("crawlers", (_, range, _) => RunAsync(CrawlersReport.Sql, range)),
        ], questions, () => (default, Spans[next++ % Spans.Length]));
    }

    public void Dispose()
    {
        _counts.Dispose();
        _rows.Dispose();
        _amendments.Dispose();
        _store.Dispose();
        _connections.Dispose();
    }

    private List<(string Name, Func<SiteId, TimeRange, string, Task> Ask)> SiteReports() =>
    [
        ("summary", (site, range, _) => new SummaryReport(_store, _amendments, _completeness, _counts).ReadAsync(site, range, null, Verdict, default)),
        ("series", (site, range, interval) => new SeriesReport(_store, _amendments, new BucketsReport(_store), _counts, _catalog).ReadAsync(site, range, Interval.One(interval), new SeriesKey("audience"), "UTC", Verdict, default)),
        ("crawlers", (site, range, _) => new CrawlersReport(_store, _amendments, _counts, _catalog).ReadAsync(site, range, Verdict, "", null, 50, default)),
        ("pages", (site, range, _) => new PagesReport(_store, _amendments, _rows).ReadAsync(site, range, Verdict, "", null, 50, default)),
        ("hits", (site, range, _) => new HitsReport(_store, _amendments, new HitRows(_catalog), new AmendedHits(_store)).ReadAsync(site, range, Verdict, new HitFilter(null, null, null, null, null), null, 50, default)),
        ("hits of a crawler", (site, range, _) => new HitsReport(_store, _amendments, new HitRows(_catalog), new AmendedHits(_store)).ReadAsync(site, range, Verdict, new HitFilter(null, "gptbot", null, null, null), null, 50, default)),
        ("referrals", (site, range, _) => new ReferralsReport(_store, _amendments).ReadAsync(site, range, Verdict, "", default)),
        ("policy", (site, range, _) => new PolicyReport(_store).ReadAsync(site, range, default)),
    ];

    private async Task RunAsync(VerdictQuery query, TimeRange range)
    {
        var amended = await _amendments.ReadAsync(null, range, Verdict, default);
        var parameters = new ClickHouseParameterCollection().With("site", "").With(range).With("verdict", Verdict).With(amended).With("tz", "UTC")
            .With("only", "").With("afterHits", long.MaxValue).With("afterCrawler", "").With("limit", 51);
        _ = await _store.ReadAsync(query.For(amended).Replace("site = {site:String}", "{site:String} = ''", StringComparison.Ordinal), parameters, _ => 0, default);
    }

    // Reports in turn, so that a busy moment of the machine falls on all of them. The first round warms up and does not count.
    private static async Task<List<QueryFigures>> MeasureAsync(
        List<(string Name, Func<SiteId, TimeRange, string, Task> Ask)> reports, int questions, Func<(SiteId, (int Hours, string Interval))> next)
    {
        var time = TimeProvider.System;
        var figures = reports.ToDictionary(r => r.Name, _ => new List<double>(), StringComparer.Ordinal);
        for (int question = -3; question < questions; question++)
        {
            var (site, span) = next();
            var range = new TimeRange(DateTimeOffset.FromUnixTimeMilliseconds(NowMs - (span.Hours * 3_600_000L)), DateTimeOffset.FromUnixTimeMilliseconds(NowMs));
            foreach (var (name, ask) in reports)
            {
                long began = time.GetTimestamp();
                await ask(site, range, span.Interval);
                if (question >= 0)
                    figures[name].Add(time.GetElapsedTime(began).TotalMilliseconds);
            }
        }
        return [.. reports.Select(r => new QueryFigures(r.Name, [.. figures[r.Name].Order()]))];
    }
}
