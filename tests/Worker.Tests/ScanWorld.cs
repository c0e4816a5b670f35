using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
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
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;
using Weir.TestKit;

namespace Weir.Worker.Tests;

/// <summary>A real API with a real queue, an engine, and workers between them. Nothing is asked of a store of hits, so there is none.</summary>
internal sealed class ScanWorld : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(WorkerService Service, WorkerMetrics Metrics)> _workers = [];
    private ControlDatabase _control = null!;
    private WebApplication _api = null!;
    private int _queries;

    public StandInEngine Engine { get; private set; } = null!;

    public HttpClient Api { get; private set; } = null!;

    public Uri Url => new(_api.Urls.First());

    public string Key { get; private set; } = null!;

    public static async Task<ScanWorld> NewAsync(SchedulingSettings? settings = null)
    {
        var world = new ScanWorld { Engine = await StandInEngine.StartAsync() };
        world._control = await ControlDatabase.OpenAsync(world._folder.Path, [SchedulingMigrations.Set], TimeProvider.System);
        var keys = new SqlApiKeys(world._control, TimeProvider.System, NullLogger<SqlApiKeys>.Instance);
        var sites = new SqlSites(world._control, TimeProvider.System);
        await sites.EnsureAsync(SiteId.Parse("acme"));
        var site = new Site { Id = SiteId.Parse("acme"), Hosts = ["www.acme.example", "*.acme.example"], Origins = [new Uri("http://127.0.0.1:3000")] };
        world._api = AnalyticsHost.Create(
            new AnalyticsOptions { Listen = new Uri("http://127.0.0.1:0") }, new ClickHouseEndpoint(new Uri("http://127.0.0.1:9")), keys, sites, CrawlerCatalog.Load(), web =>
            {
                web.Logging.ClearProviders();
                web.Services.AddControl(world._control);
                web.Services.AddSingleton<ISiteFiles>(new SiteFiles([new FileSite(site, "weir.json")]));
                web.Services.AddScheduling(settings ?? new SchedulingSettings { RetryFirst = TimeSpan.FromMilliseconds(1), RetryMax = TimeSpan.FromMilliseconds(2), MaxAttempts = 100 });
            });
        await world._api.StartAsync();
        world.Key = (await keys.CreateAsync(new NewApiKey([Scopes.ScansWrite], Tenant.Default))).Text;
        world.Api = new HttpClient { BaseAddress = world.Url };
        world.Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await keys.CreateAsync(new NewApiKey([Scopes.Admin], Tenant.Default))).Text);
        return world;
    }

    /// <summary>Makes targets and a due scan for each; their queries are <c>query 1</c> and so on.</summary>
    /// <returns>The targets' numbers.</returns>
    public async Task<IReadOnlyList<long>> AddScansAsync(int count, string engine = "chatgpt")
    {
        var wishes = Enumerable.Range(0, count).Select(_ => new NewTarget($"Acme", $"query {++_queries}", engine, [new PageLink(SiteId.Parse("acme"), "/pricing")]));
        var made = await _api.Services.GetRequiredService<ITargets>().UpsertAsync(Tenant.Default, [.. wishes]);
        await DueAsync([.. made.Select(m => m.Id)]);
        return [.. made.Select(m => m.Id)];
    }

    /// <summary>Makes scans of targets due now.</summary>
    public Task DueAsync(params IReadOnlyList<long> targets) => _api.Services.GetRequiredService<IScanQueue>()
        .EnqueueAsync([.. targets.Select(t => new NewScan(t, TimeProvider.System.GetUtcNow(), 0.5))]);

    public WorkerOptions Options(params (string Engine, Uri Url)[] engines) => new()
    {
        Api = Url,
        Key = Key,
        Name = "worker-1",
        Poll = TimeSpan.FromMilliseconds(20),
        Engines = [.. (engines.Length > 0 ? engines : [("chatgpt", Engine.Url)]).Select(e => new EngineOptions
        {
            Engine = e.Engine, Url = e.Url, Model = "stand-in", RetryFirst = TimeSpan.FromMilliseconds(10), BreakFirst = TimeSpan.FromSeconds(1),
        })],
    };

    /// <summary>Starts a worker; the world stops it.</summary>
    public async Task<WorkerService> StartAsync(WorkerOptions options, WorkerLog? log = null)
    {
        var metrics = new WorkerMetrics();
        var service = new WorkerService(options, metrics, TimeProvider.System, log is null ? NullLoggerFactory.Instance : LoggerFactory.Create(b => b.AddProvider(log)));
        _workers.Add((service, metrics));
        await service.StartAsync(CancellationToken.None);
        return service;
    }

    /// <summary>Scans in a state, or all.</summary>
    public async Task<IReadOnlyList<JsonElement>> ScansAsync(string? state = null) =>
        [.. (await Api.GetFromJsonAsync<JsonElement>($"/v1/scans?limit=1000{(state is null ? "" : $"&state={state}")}")).GetProperty("items").EnumerateArray()];

    /// <summary>The newest result of a target.</summary>
    public async Task<JsonElement> ResultAsync(long target) => (await ResultsAsync(target))[0];

    public async Task<IReadOnlyList<JsonElement>> ResultsAsync(long target) =>
        [.. (await Api.GetFromJsonAsync<JsonElement>($"/v1/targets/{target}/results")).GetProperty("items").EnumerateArray()];

    /// <summary>Waits until so many scans are done.</summary>
    public Task DoneAsync(int count) => UntilAsync(async () => (await ScansAsync("done")).Count >= count, $"{count} scans done");

    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, $"within a minute there was not: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (service, metrics) in _workers)
        {
            await service.StopAsync(CancellationToken.None);
            service.Dispose();
            metrics.Dispose();
        }
        Api.Dispose();
        await _api.DisposeAsync();
        await Engine.DisposeAsync();
        await _control.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Keeps what a worker logs.</summary>
internal sealed class WorkerLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
