using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Analytics.Api;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;
using Weir.Reporting;
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;
using Weir.Worker;

namespace Weir.Scans;

/// <summary>What one round came to.</summary>
/// <param name="Scans">Scans that were completed.</param>
/// <param name="Seconds">From the first lease to the last result.</param>
/// <param name="Latencies">From each scan's lease to its result, in seconds, sorted.</param>
/// <param name="Asked">Questions that the engine got.</param>
/// <param name="Refused">Of them, those that it refused with 429.</param>
internal sealed record ScanRound(int Scans, double Seconds, double[] Latencies, int Asked, int Refused)
{
    public double AnHour => Scans / Seconds * 3600;

    public double Latency(double share) => Latencies[Math.Min(Latencies.Length - 1, (int)(share * Latencies.Length))];

    private static readonly string[] Engines = ["chatgpt", "perplexity", "gemini", "copilot", "claude"];

    /// <summary>Queues scans in a new SQLite store behind a real API, and has one worker do them, all in this process.</summary>
    public static async Task<ScanRound> RunAsync(int scans, int engines, TimeSpan takes, int engineMax)
    {
        string folder = Directory.CreateTempSubdirectory("weir-worker-bench").FullName;
        await using var engine = new Engine(takes, engineMax);
        await engine.StartAsync();
        await using var store = await ControlDatabase.OpenAsync(folder, [SchedulingMigrations.Set], TimeProvider.System);
        await using var api = await ApiAsync(store);
        var latencies = new ConcurrentBag<double>();
        using var listener = Listen(latencies);
        var keys = new SqlApiKeys(store, TimeProvider.System, NullLogger<SqlApiKeys>.Instance);
        var options = new WorkerOptions
        {
            Api = new Uri(api.Urls.First()),
            Key = (await keys.CreateAsync(new NewApiKey([Scopes.ScansWrite], Tenant.Default))).Text,
            Engines = [.. Engines.Take(engines).Select(name => new EngineOptions { Engine = name, Url = engine.Url, Model = "stand-in", ConcurrencyMax = 64 })],
        };
        await AddAsync(api.Services, scans, engines);
        using var metrics = new WorkerMetrics();
        using var worker = new WorkerService(options, metrics, TimeProvider.System, NullLoggerFactory.Instance);
        long began = TimeProvider.System.GetTimestamp();
        await worker.StartAsync(CancellationToken.None);
        while (latencies.Count < scans)
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMinutes(10))
                throw new BenchException($"only {latencies.Count} of {scans} scans were done in ten minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await worker.StopAsync(CancellationToken.None);
        Directory.Delete(folder, recursive: true);
        return new ScanRound(scans, seconds, [.. latencies.Order()], engine.Asked, engine.Refused);
    }

    private static async Task<WebApplication> ApiAsync(ControlDatabase store)
    {
        var keys = new SqlApiKeys(store, TimeProvider.System, NullLogger<SqlApiKeys>.Instance);
        var sites = new SqlSites(store, TimeProvider.System);
        await sites.EnsureAsync(SiteId.Parse("acme"));
        var site = new Site { Id = SiteId.Parse("acme"), Hosts = ["acme.example"], Origins = [new Uri("http://127.0.0.1:3000")] };
        // Nothing is asked of a store of hits, so there is none.
        var api = AnalyticsHost.Create(
            new AnalyticsOptions { Listen = new Uri("http://127.0.0.1:0") }, new ClickHouseEndpoint(new Uri("http://127.0.0.1:9")), keys, sites, CrawlerCatalog.Load(), web =>
            {
                web.Logging.ClearProviders();
                web.Services.AddControl(store);
                web.Services.AddSingleton<ISiteFiles>(new SiteFiles([new FileSite(site, "weir.json")]));
                web.Services.AddScheduling();
            });
        await api.StartAsync();
        return api;
    }

    private static async Task AddAsync(IServiceProvider services, int count, int engines)
    {
        var wishes = Enumerable.Range(0, count).Select(i => new NewTarget("Acme", $"which widget is best for purpose {i / engines}", Engines[i % engines], [new PageLink(SiteId.Parse("acme"), "/widgets")]));
        var made = await services.GetRequiredService<ITargets>().UpsertAsync(Tenant.Default, [.. wishes]);
        await services.GetRequiredService<IScanQueue>().EnqueueAsync([.. made.Select(m => new NewScan(m.Id, TimeProvider.System.GetUtcNow(), 0.5))]);
    }

    private static MeterListener Listen(ConcurrentBag<double> latencies)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "weir.worker.scan.duration")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => latencies.Add(seconds));
        listener.Start();
        return listener;
    }
}
