using Microsoft.Extensions.Time.Testing;
using Weir.Control;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;
using Weir.TestKit;

namespace Weir.Scheduling.Tests;

/// <summary>A real store in a folder of its own, with two tenants and a clock that the test moves.</summary>
internal sealed class Store : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    public static readonly SiteId Demo = SiteId.Parse("demo");
    public static readonly SiteId Other = SiteId.Parse("other.example");
    public static readonly Reach Mine = new(Tenant.Default);
    public static readonly Reach Theirs = new("other");

    public static readonly EngineCatalog Engines = new(
    [
        NewCrawler("gptbot", "GPTBot", new EngineFeed("chatgpt", 0.4, TimeSpan.FromHours(6))),
        NewCrawler("oai-searchbot", "OAI-SearchBot", new EngineFeed("chatgpt", 1, TimeSpan.FromHours(2))),
        NewCrawler("googlebot", "Googlebot", new EngineFeed("google-ai-overview", 0.8, TimeSpan.FromHours(1)), new EngineFeed("gemini", 0.5, TimeSpan.FromHours(3))),
        NewCrawler("perplexitybot", "PerplexityBot", new EngineFeed("perplexity", 1, TimeSpan.FromHours(1))),
        NewCrawler("ahrefsbot", "AhrefsBot"),
    ]);

    private readonly TemporaryFolder _folder = new();

    private Store(SchedulingSettings settings) => Settings = settings;

    public FakeTimeProvider Time { get; } = new(Start);
    public SchedulingSettings Settings { get; }
    public SchedulingMetrics Metrics { get; private set; } = null!;
    public IControlStore Control { get; private set; } = null!;
    public StoreClock Clock { get; private set; } = null!;
    public SqlTargets Targets { get; private set; } = null!;
    public SqlTriggers Triggers { get; private set; } = null!;
    public SqlEvents Events { get; private set; } = null!;
    public SqlTopics Topics { get; private set; } = null!;
    public SqlTargetImports Imports { get; private set; } = null!;
    public SqlScanQueue Queue { get; private set; } = null!;
    public SqlResults Results { get; private set; } = null!;
    public IScanPolicy Policy { get; private set; } = null!;

    /// <param name="settings">Defaults without them.</param>
    /// <param name="postgres">An empty database; a SQLite file without it.</param>
    public static async Task<Store> NewAsync(SchedulingSettings? settings = null, PostgresOptions? postgres = null)
    {
        var store = new Store(settings ?? new SchedulingSettings());
        store.Metrics = new SchedulingMetrics(store.Time);
        store.Control = postgres is null
            ? await ControlDatabase.OpenAsync(store._folder.Path, [SchedulingMigrations.Set], store.Time)
            : await PostgresStore.OpenAsync(postgres, [SchedulingMigrations.Set]);
        store.Clock = StoreClock.Moved(store.Control, store.Time);
        var sites = new SqlSites(store.Control, store.Time);
        await sites.EnsureAsync(Demo);
        await sites.EnsureAsync(Other, "other");
        store.Targets = new SqlTargets(store.Control, store.Time);
        store.Triggers = new SqlTriggers(store.Control, store.Clock);
        store.Events = new SqlEvents(store.Control, store.Targets, store.Clock);
        store.Topics = new SqlTopics(store.Control, store.Time);
        store.Imports = new SqlTargetImports(store.Control, store.Time);
        store.Queue = store.NewQueue();
        store.Results = new SqlResults(store.Control);
        store.Policy = new TriggerScanPolicy(store.Settings);
        return store;
    }

    public SqlScanQueue NewQueue() => new(Control, Clock, new RetryRule(Settings, new Random(1)), Engines, Metrics);

    public Weir.Scheduling.Planning.Planner NewPlanner() => new(
        new Weir.Scheduling.Planning.SqlPlanning(Control, Clock), new Weir.Scheduling.Planning.SqlPlans(Control, Clock), Engines, Settings, Clock, Metrics,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<Weir.Scheduling.Planning.Planner>.Instance);

    public HitReader NewReader(IFetchLog log) => new(log, Targets, Triggers, new TriggerRules(Settings), Engines, Settings, Metrics, Time);

    /// <summary>A target of the demo site, or of the other tenant's.</summary>
    public async Task<long> AddTargetAsync(string engine = "chatgpt", string query = "best widgets", string pattern = "/pricing",
        bool isTheirs = false, double weight = 1)
    {
        var made = await Targets.UpsertAsync(isTheirs ? "other" : Tenant.Default,
            [new NewTarget("Acme", query, engine, [new PageLink(isTheirs ? Other : Demo, pattern, weight)])]);
        return made[0].Id;
    }

    public async Task<IReadOnlyList<long>> AddTargetsAsync(int count, string engine = "chatgpt")
    {
        var made = await Targets.UpsertAsync(Tenant.Default,
            [.. Enumerable.Range(0, count).Select(i => new NewTarget("Acme", $"query {i}", engine, [new PageLink(Demo, $"/page-{i}")]))]);
        return [.. made.Select(m => m.Id)];
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)Control).DisposeAsync();
        Metrics.Dispose();
        _folder.Dispose();
    }

    private static Crawler NewCrawler(string id, string name, params EngineFeed[] feeds) =>
        new() { Id = id, Name = name, Operator = "operator", Purpose = Purpose.AiSearch, Engines = feeds };
}
