using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Scheduling;
using Weir.Scheduling.Planning;
using Weir.Scheduling.Targets;

namespace Weir.Scans.Fleet;

/// <summary>What half a million targets cost on one store: imported, planned, reported.</summary>
/// <param name="name">The store's name in the report.</param>
/// <param name="store">An empty store.</param>
/// <param name="targets">How many targets.</param>
internal sealed class FleetRun(string name, IControlStore store, int targets)
{
    private const string Tenant = Control.Tenant.Default;
    private static readonly Actor By = new(ActorKind.Key, "bench", "bench");

    private readonly List<FleetFigure> _figures = [];

    public async Task<IReadOnlyList<FleetFigure>> RunAsync()
    {
        await using var api = await FleetApi.StartAsync(store);
        byte[] csv = FleetFile.Csv(targets);
        await TimeAsync("import, CSV", "60 s", () => api.ImportAsync(csv));
        await TimeAsync("the same file again", "", () => api.ImportAsync(csv));
        byte[] json = FleetFile.JsonLines(targets);
        await TimeAsync("the same as JSON lines", "", () => api.ImportAsync(json));
        await TimeAsync("export, CSV", "", () => api.DownloadAsync("/v1/targets/export"));
        await TimeAsync("export, JSON lines", "", () => api.DownloadAsync("/v1/targets/export?format=jsonl"));
        await SettleAsync();
        await PlanAsync(api);
        await HistoryAsync();
        await SettleAsync();
        await ReportsAsync(api);
        await EventAsync(api);
        return _figures;
    }

    private async Task PlanAsync(FleetApi api)
    {
        var clock = api.Services.GetRequiredService<StoreClock>();
        var plans = api.Services.GetRequiredService<SqlPlans>();
        await plans.PutAsync(Tenant, new TenantPlan { Policy = PlanPolicy.Index, Share = 0.1 }, By);
        var settings = new SchedulingSettings { PlanningTick = TimeSpan.FromSeconds(1) };
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Planner NewPlanner() => new(
            new SqlPlanning(store, clock), plans, api.Services.GetRequiredService<EngineCatalog>(), settings, clock, api.Services.GetRequiredService<SchedulingMetrics>(), NullLogger<Planner>.Instance);
        var planner = NewPlanner();
        await TimeAsync("planner: begins without beliefs", "", async () => await planner.TickAsync(default) ?? -1);
        Add("planner: memory, bytes a target", "", "", (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)targets);
        await TicksAsync("planner: a tick over budget", planner, null);
        await TicksAsync("planner: a tick with one new target", planner, i => api.PostAsync(
            "/v1/targets", $$"""{"brand":"Brand 00007","query":"another {{i}}","engine":"chatgpt","pages":[{"site":"shop-00","pattern":"/x"}]}"""));
        await planner.ResignAsync(default);
        planner = NewPlanner();
        await TimeAsync("planner: another program takes over", "", async () => await planner.TickAsync(default) ?? -1);
        await planner.ResignAsync(default);
        var index = api.Services.GetRequiredService<ITargets>();
        await TimeAsync("index of pages: built", "", async () => (await index.IndexAsync()).Sites.Count());
    }

    private async Task TicksAsync(string what, Planner planner, Func<int, Task>? before)
    {
        var times = new List<double>();
        for (int i = 0; i < 8; i++)
        {
            if (before is not null)
                await before(i);
            await Task.Delay(TimeSpan.FromSeconds(0.3), TimeProvider.System);
            long start = TimeProvider.System.GetTimestamp();
            await planner.TickAsync(default);
            times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }
        Add(what, "", "ms", times);
    }

    // Results and triggers of a month, made straight in the tables.
    private async Task HistoryAsync()
    {
        long nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), dayMs = 86_400_000;
        await TimeAsync("(results and triggers are made)", "", async () =>
        {
            long to = targets + 100;
            for (long from = 0; from < to; from += 25_000)
            {
                await store.WriteAsync(t => t.Connection!.ExecuteAsync(
                    """
                    INSERT INTO results (tenant, target_id, scan_id, at_ms, result, changed, evidence, worker)
                    SELECT t.tenant, t.id, -(2 * t.id) - n.n, @nowMs - @dayMs - (1 - n.n) * 10 * @dayMs - (t.id * 7919) % (10 * @dayMs),
                           CASE WHEN (t.id + n.n) % 7 = 0 THEN 'lost_citation' WHEN (t.id + n.n) % 3 = 0 THEN 'cited' ELSE 'gap' END,
                           CASE n.n WHEN 0 THEN NULL ELSE CASE WHEN t.id % 11 = 0 THEN 1 ELSE 0 END END, '{"position":null,"urls":["https://example.com/a"]}', 'bench'
                    FROM targets t CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1) AS n WHERE t.id > @from AND t.id <= @from + 25000;
                    UPDATE targets SET last_scan_ms = @nowMs - @dayMs - (id * 7919) % (10 * @dayMs),
                           last_result = CASE WHEN (id + 1) % 7 = 0 THEN 'lost_citation' WHEN (id + 1) % 3 = 0 THEN 'cited' ELSE 'gap' END WHERE id > @from AND id <= @from + 25000;
                    INSERT INTO triggers (tenant, kind, class, site, at_ms, hit_id, path, crawler, identity, engine, weight, delay_ms, recorded_ms)
                    SELECT t.tenant, 'crawl', 'crawl-changed', 'shop-00', @nowMs - (t.id * 7919) % (10 * @dayMs), t.id, '/products/1/1', 'oai-searchbot', 'verified', t.engine, 1, 0, @nowMs
                    FROM targets t WHERE t.id > @from AND t.id <= @from + 25000;
                    INSERT INTO trigger_targets (target_id, trigger_id, weight, is_weak)
                    SELECT g.hit_id, g.id, 1, 1 FROM triggers g WHERE g.hit_id > @from AND g.hit_id <= @from + 25000;
                    """, new { nowMs, dayMs, from }, t));
            }
            return 2 * targets;
        });
    }

    private async Task ReportsAsync(FleetApi api)
    {
        var firstBrand = (await api.GetAsync("/v1/brands/report?limit=1")).GetProperty("items")[0].GetProperty("id").GetInt64();
        long middle = firstBrand + (targets / FleetFile.QueriesPerBrand / 2);
        (string Path, int Times)[] questions =
        [
            ("/v1/scans/overview", 20), ("/v1/scans/overview?days=7", 20), ("/v1/brands/report?limit=100", 20), ($"/v1/brands/report?limit=100&cursor={middle}", 20), ($"/v1/brands/{middle}/report", 20),
            ("/v1/results?limit=100", 20), ("/v1/results?result=lost_citation&limit=100", 20), ("/v1/results?changed=true&limit=100", 20), ("/v1/results?engine=claude&limit=100", 20),
            ($"/v1/results?brand={middle}&limit=100", 10), ("/v1/triggers?limit=200", 20), ("/v1/targets?limit=100", 20), ("/v1/targets?limit=1000", 20),
            ($"/v1/targets?limit=100&cursor={targets / 2}", 20), ($"/v1/targets/{targets / 2}/results", 20), ("/v1/brands?limit=100", 20), ("/v1/topics?limit=100", 20), ("/v1/scans?limit=100", 20),
            ("/v1/scans?limit=100&state=queued", 20), ("/v1/scans?limit=100&state=dead", 20), ("/v1/scheduling", 20),
        ];
        foreach (var (path, count) in questions)
        {
            var times = new List<double>();
            for (int i = 0; i < count; i++)
            {
                long start = TimeProvider.System.GetTimestamp();
                await api.GetAsync(path);
                times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
                if (times.Sum() > 10_000)
                    break;
            }
            Add($"GET {path.Replace(middle.ToString(CultureInfo.InvariantCulture), "N", StringComparison.Ordinal)}", "p95 100 ms", "ms", times);
        }
    }

    private async Task EventAsync(FleetApi api)
    {
        await TimeAsync("an event about one engine, to its answer", "", async () =>
            (await api.PostAsync("/v1/events", """{"key":"update-1","kind":"ai_model_updated","aim":{"engine":"chatgpt"}}""")).GetProperty("events")[0].GetProperty("targets").GetInt64());
        await TimeAsync("an event about a topic", "", async () =>
            (await api.PostAsync("/v1/events", """{"key":"topic-1","kind":"query_trending","aim":{"topic":"topic 7"}}""")).GetProperty("events")[0].GetProperty("targets").GetInt64());
    }

    // What autovacuum does by itself within a minute.
    private async Task SettleAsync()
    {
        if (store.Dialect == SqlDialect.Sqlite)
            return;
        await using var connection = await store.ReadAsync();
        await connection.ExecuteAsync("ANALYZE", commandTimeout: 120, commandType: System.Data.CommandType.Text);
    }

    private async Task TimeAsync(string what, string must, Func<Task<long>> work)
    {
        long start = TimeProvider.System.GetTimestamp();
        await work();
        Add(what, must, " s", TimeProvider.System.GetElapsedTime(start).TotalSeconds);
    }

    private void Add(string what, string must, string unit, List<double> times)
    {
        times.Sort();
        Add(new FleetFigure(name, what, must, times[times.Count / 2], $"{times[times.Count / 2]:0.0} {unit} ({times[^1]:0})"));
    }

    private void Add(string what, string must, string unit, double value) => Add(new FleetFigure(name, what, must, value, $"{value:0.0}{unit}"));

    private void Add(FleetFigure figure)
    {
        _figures.Add(figure);
        Console.WriteLine($"{figure.Store}: {figure.What}: {figure.Text}");
    }
}

/// <summary>A figure of the report.</summary>
/// <param name="Store">Where.</param>
/// <param name="What">What was done.</param>
/// <param name="Must">What it must be; empty where nothing was said.</param>
/// <param name="Value">The figure.</param>
/// <param name="Text">The same for people.</param>
internal sealed record FleetFigure(string Store, string What, string Must, double Value, string Text);
