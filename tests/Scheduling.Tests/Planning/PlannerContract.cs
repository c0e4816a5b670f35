using Dapper;
using Weir.Control;
using Weir.Scheduling.Planning;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Selection;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;
using Weir.Simulation;

namespace Weir.Scheduling.Tests.Planning;

/// <summary>What planning does on every store.</summary>
public abstract class PlannerContract : StoreContract
{
    private protected static readonly SchedulingSettings TwoHours = new() { PlanningTick = TimeSpan.FromHours(2) };
    private static readonly Actor By = new(ActorKind.Key, "key", "test");

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    public async Task A_month_through_the_real_tables_keeps_to_the_budget_forgets_nobody_and_finds_what_the_simulation_finds(double budget)
    {
        var (trace, run) = await WorldAsync(budget, days: 60, warmup: 30);
        int tick = 0;
        var live = SimulationRun.Run(trace, new Interrupted(run, () =>
        {
            // Every now and then another program takes over, with nothing but the store.
            if (++tick % 97 == 0)
            {
                Task.Run(() => run.Planner.ResignAsync(CancellationToken.None)).GetAwaiter().GetResult();
                run.Planner = Store.NewPlanner();
            }
        }));
        var simulated = SimulationRun.Run(
            trace, new FirstScans(new IndexPolicy(trace.Fleet, new IndexOptions { Budget = budget, Tick = TwoHours.PlanningTick }), trace.Fleet.Targets));
        TestContext.Current.TestOutputHelper?.WriteLine($"found within a day: {live.Found24:P1} live, {simulated.Found24:P1} simulated; fresh: {live.Freshness:P1}, {simulated.Freshness:P1}");

        Assert.InRange(live.CostWeekMax, 0, (budget * 8 / 7) + 1e-9);
        Assert.InRange(live.Cost, 0.85 * budget, budget * 1.03);
        Assert.InRange(live.GapMaxDays, 0, Math.Max(30, 3 / budget) + 1);
        Assert.InRange(live.Found24, simulated.Found24 - 0.02, simulated.Found24 + 0.02);
        Assert.InRange(live.Freshness, simulated.Freshness - 0.02, simulated.Freshness + 0.02);
    }

    [Fact]
    public async Task A_tenant_with_a_budget_gets_scans_of_new_targets_soon_and_spread_over_it()
    {
        var targets = await Store.AddTargetsAsync(100);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, ScansPerDay = 24 });
        var planner = Store.NewPlanner();
        var perTick = new List<int>();
        for (int i = 0; i < 12 * 7; i++)
            perTick.Add((await TickAsync(planner)).Count);
        Assert.InRange(perTick.Max(), 1, 12);
        Assert.InRange(perTick.Take(12).Sum(), 20, 48);
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM targets WHERE last_scan_ms IS NULL"));
        Assert.Equal(targets.Count, (await new SqlPlans(Store.Control, Store.Clock).OutlookAsync(Store.Mine, [.. targets])).Count);
    }

    [Fact]
    public async Task The_reason_names_the_crawler_the_page_and_its_part()
    {
        var targets = await Store.AddTargetsAsync(20);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, Share = 0.5 });
        var planner = Store.NewPlanner();
        for (int i = 0; i < 12 * 25; i++)
            await TickAsync(planner);
        await HappenAsync(targets[3], "oai-searchbot", "/pricing");
        Scan? scan = null;
        for (int i = 0; i < 40 && scan is null; i++)
            scan = (await TickAsync(planner)).FirstOrDefault(s => s.Target == targets[3]);
        Assert.NotNull(scan);
        Assert.Matches(@"^\d+ % likely changed: (.+, )?OAI-SearchBot fetched a new version of /pricing \d+ (min|h) ago \(\d+ %\)(, .+)?\.$", scan.WhyNow);
        Assert.Contains("usual drift every", scan.WhyNow, StringComparison.Ordinal);
        Assert.Equal("/pricing", Assert.Single(scan.Triggers).Path);

        var plans = new SqlPlans(Store.Control, Store.Clock);
        var why = await plans.WhyAsync(Store.Mine, scan.Id);
        Assert.NotNull(why);
        Assert.Equal(("index", false, "/pricing", "OAI-SearchBot"), (why.Policy, why.IsFallback, why.Signals[0].Path, why.Signals[0].Crawler));
        Assert.True(why.Index >= why.Price);
        Assert.Equal(1, why.DriftShare + why.Signals.Sum(s => s.Share), 0.05);
        Assert.Equal(scan.Triggers[0].Id, why.Signals[0].Trigger);
        Assert.Null(await plans.WhyAsync(Store.Theirs, scan.Id));
    }

    [Fact]
    public async Task What_somebody_asks_for_is_scanned_at_once_and_paid_first()
    {
        var targets = await Store.AddTargetsAsync(50);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, ScansPerDay = 24 });
        var planner = Store.NewPlanner();
        for (int i = 0; i < 36; i++)
            await TickAsync(planner);
        await new SqlPlans(Store.Control, Store.Clock).RequestAsync(Store.Mine, [.. targets.Take(10)], By);
        List<Scan> first = [];
        while (await LeaseAsync() is { Count: > 0 } some) // so many at a time as their ceiling is
        {
            first.AddRange(some);
            await CompleteAsync(some);
        }
        Assert.Equal([.. targets.Take(10)], first.Select(s => s.Target).Order());
        Assert.All(first, s => Assert.StartsWith("Somebody asked for it", s.WhyNow, StringComparison.Ordinal));
        int next = 0;
        for (int i = 0; i < 4; i++)
            next += (await TickAsync(planner)).Count;
        Assert.InRange(next, 0, 2); // ten scans are five ticks' tokens
    }

    [Fact]
    public async Task One_program_plans_and_another_takes_over_when_it_is_gone()
    {
        await Store.AddTargetsAsync(50);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, ScansPerDay = 24 });
        var (first, second) = (Store.NewPlanner(), Store.NewPlanner());
        Assert.NotNull(await first.TickAsync(default));
        Assert.Null(await second.TickAsync(default));
        Store.Time.Advance(TwoHours.PlanningLease + TimeSpan.FromMinutes(1));
        Assert.NotNull(await second.TickAsync(default));
        Assert.Null(await first.TickAsync(default));
        await second.ResignAsync(default);
        Assert.NotNull(await first.TickAsync(default));
    }

    [Fact]
    public async Task Beliefs_outlive_a_program_and_lost_ones_go_by_intervals()
    {
        var targets = await Store.AddTargetsAsync(10);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, Share = 1 });
        var planner = Store.NewPlanner();
        for (int i = 0; i < 12 * 10; i++)
            await TickAsync(planner, scan => scan.Target == targets[0]);
        var plans = new SqlPlans(Store.Control, Store.Clock);
        var before = await plans.OutlookAsync(Store.Mine, [.. targets]);
        Assert.True(before[targets[0]].VolatilityScore > before[targets[1]].VolatilityScore + 20);

        await Store.Control.WriteAsync(async t => await t.Connection!.ExecuteAsync(
            "UPDATE target_beliefs SET belief = 'AAAA' WHERE target_id = @id", new { id = targets[2] }, t));
        await planner.ResignAsync(default);
        planner = Store.NewPlanner();
        await planner.TickAsync(default);
        Assert.Equal(1, (await plans.StandingAsync(Tenant.Default))!.UnknownBeliefs);
        Assert.Equal(before[targets[0]].VolatilityScore, (await plans.OutlookAsync(Store.Mine, [targets[0]]))[targets[0]].VolatilityScore, 0.01);
        Scan? scan = null;
        for (int i = 0; i < 12 * 8 && scan is null; i++)
            scan = (await TickAsync(planner)).FirstOrDefault(s => s.Target == targets[2]);
        Assert.NotNull(scan);
        Assert.Contains("the table of intervals stood in for the index", scan.WhyNow, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Targets_that_come_and_go_are_planned_or_left_whether_their_changes_are_still_kept_or_not()
    {
        var targets = (await Store.AddTargetsAsync(40)).ToList();
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, Share = 2 });
        var planner = Store.NewPlanner();
        await TickAsync(planner);
        var plans = new SqlPlans(Store.Control, Store.Clock);
        foreach (var (more, gone, areKept) in ((int, int, bool)[])[(1, 0, true), (3, 2, true), (200, 1, true), (0, 120, true), (5, 1, false), (2, 3, true)])
        {
            var made = await Store.Targets.UpsertAsync(Tenant.Default,
                [.. Enumerable.Range(0, more).Select(i => new NewTarget("Other", $"query {more}-{gone}-{i}", "perplexity", [new PageLink(Store.Demo, "/more")]))]);
            targets.AddRange(made.Select(m => m.Id));
            foreach (long id in targets.Take(gone).ToList())
            {
                Assert.True(await Store.Targets.DeleteAsync(Store.Mine, id));
                targets.Remove(id);
            }
            if (!areKept)
            {
                await Store.Control.WriteAsync(async t => await t.Connection!.ExecuteAsync(
                    "UPDATE versions SET version = (SELECT max(id) FROM target_changes) WHERE name = 'target_changes'; DELETE FROM target_changes", transaction: t));
            }
            Assert.DoesNotContain(await TickAsync(planner), s => !targets.Contains(s.Target));
            Assert.Equal(targets.Count, (await plans.StandingAsync(Tenant.Default))!.Targets);
        }
        for (int i = 0; i < 24; i++)
            await TickAsync(planner);
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM targets WHERE last_scan_ms IS NULL"));
        Assert.Equal(0, (await plans.StandingAsync(Tenant.Default))!.NeverScanned);
        // A brand takes its targets along.
        Assert.True(await Store.Topics.DeleteBrandAsync(Tenant.Default, (await Store.Topics.BrandsAsync(Tenant.Default, 0, 10)).Single(b => b.Name == "Other").Id, By));
        await TickAsync(planner);
        Assert.Equal(await CountAsync("SELECT count(*) FROM targets"), (await plans.StandingAsync(Tenant.Default))!.Targets);
    }

    [Fact]
    public async Task Planning_that_fell_behind_goes_by_intervals_until_it_has_caught_up()
    {
        await Store.AddTargetsAsync(20);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, Share = 0.5 });
        var planner = Store.NewPlanner();
        for (int i = 0; i < 24; i++)
            await TickAsync(planner);
        Store.Time.Advance(TimeSpan.FromDays(9));
        var late = (await TickAsync(planner)).Where(s => !s.WhyNow.StartsWith("Never scanned", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(late);
        var plans = new SqlPlans(Store.Control, Store.Clock);
        Assert.All(late, s => Assert.Contains("the table of intervals stood in for the index", s.WhyNow, StringComparison.Ordinal));
        Assert.True((await plans.WhyAsync(Store.Mine, late[0].Id))!.IsFallback);
        Assert.Equal(1, (await plans.StandingAsync(Tenant.Default))!.LateTicks);
        Assert.DoesNotContain(await TickAsync(planner), s => s.WhyNow.Contains("stood in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_history_can_be_run_again_under_other_policies()
    {
        var (trace, run) = await WorldAsync(0.3, days: 30, warmup: 5);
        var live = SimulationRun.Run(trace, run);
        Assert.Null(await ScanHistory.ReadAsync(Store.Control, "other", Store.Time.GetUtcNow(), 100));
        var history = (await ScanHistory.ReadAsync(Store.Control, Tenant.Default, Store.Time.GetUtcNow(), 100))!;
        Assert.Equal(history.Scans.Count, await CountAsync("SELECT count(*) FROM results"));
        Assert.Equal(history.Signals.Count, await CountAsync($"SELECT count(*) FROM triggers g JOIN trigger_targets x ON x.trigger_id = g.id WHERE g.at_ms >= {history.From.ToUnixTimeMilliseconds()}"));

        var (first, second) = (HistoryTrace.Make(history, 1), HistoryTrace.Make(history, 2));
        Assert.Equal(first.Events, HistoryTrace.Make(history, 1).Events);
        Assert.NotEqual(first.Events, second.Events);
        Assert.Equal(history.Scans.Count(s => s.IsChange), first.Events.Count(e => e.Kind == TraceKind.Change));
        foreach (var (target, changes) in first.Events.Where(e => e.Kind == TraceKind.Change).GroupBy(e => e.Subject).Select(g => (g.Key, g.Select(c => c.At).ToList())))
        {
            var scans = history.Scans.Where(s => s.Target == target).ToList();
            Assert.Equal(changes.Count, Enumerable.Range(0, scans.Count).Count(i => scans[i].IsChange && changes.Exists(c => c <= scans[i].At && c >= (i == 0 ? 0 : scans[i - 1].At))));
        }
        var recorded = SimulationRun.Run(first, Policies.Make("recorded", first, null));
        Assert.Equal(live.Cost, recorded.Cost, 0.02);
        Assert.InRange(recorded.FoundAny, 0.95, 1); // what was seen is all that is known
        Assert.InRange(SimulationRun.Run(first, Policies.Make("daily", first, null)).Found24, recorded.Found24, 1);
    }

    [Theory]
    [InlineData(PlanPolicy.Tiers, 20 * 2)] // a first, one a week later, and then the quiet are left for a month
    [InlineData(PlanPolicy.Sampling, 2 * 30)]
    public async Task The_other_policies_scan_as_often_as_they_say(PlanPolicy policy, double scans)
    {
        await Store.AddTargetsAsync(20);
        await PlanAsync(new TenantPlan { Policy = policy });
        var planner = Store.NewPlanner();
        int made = 0;
        for (int i = 0; i < 12 * 30; i++)
            made += (await TickAsync(planner)).Count;
        Assert.InRange(made, scans * 0.5, scans * 1.7);
    }

    [Fact]
    public async Task Without_a_budget_triggers_make_scans_and_with_one_they_only_speak()
    {
        var targets = await Store.AddTargetsAsync(5);
        var planner = Store.NewPlanner();
        await HappenAsync(targets[0], "oai-searchbot", "/page-0");
        await Store.Triggers.PlanAsync(Store.Policy);
        Assert.Equal(0, await planner.TickAsync(default));
        Store.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([targets[0]], (await LeaseAsync()).Select(s => s.Target));

        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, ScansPerDay = 0.5 });
        await HappenAsync(targets[1], "oai-searchbot", "/page-1");
        await Store.Triggers.PlanAsync(Store.Policy);
        Store.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(await LeaseAsync());

        var plans = new SqlPlans(Store.Control, Store.Clock);
        long scan = (await plans.RequestAsync(Store.Mine, [targets[2]], By))[targets[2]];
        await HappenAsync(targets[2], "oai-searchbot", "/page-2");
        Assert.Equal(1, (await Store.Queue.FindAsync(Store.Mine, scan))!.TriggerCount);
    }

    private protected async Task<(Trace Trace, StoreRun Run)> WorldAsync(double budget, double days, double warmup)
    {
        var world = World.Make(new WorldParameters { Brands = 5, Queries = 10, Engines = StoreRun.EngineNames.Length, Days = days, Warmup = warmup }, 5);
        var trace = new Trace
        {
            Fleet = new Fleet(new int[world.Fleet.Targets], [.. world.Fleet.EngineOf]),
            Days = world.Days,
            Warmup = world.Warmup,
            Tick = world.Tick,
            Events = world.Events,
        };
        string EngineOf(int target) => StoreRun.EngineNames[trace.Fleet.EngineOf[target]];
        var made = await Store.Targets.UpsertAsync(Tenant.Default,
            [.. Enumerable.Range(0, trace.Fleet.Targets).Select(i => new NewTarget("Acme", $"query {i}", EngineOf(i), [new PageLink(Store.Demo, $"/page-{i}")]))]);
        await PlanAsync(new TenantPlan { Policy = PlanPolicy.Index, Share = budget });
        return (trace, new StoreRun(Store, [.. made.Select(m => m.Id)], EngineOf));
    }

    private protected Task PlanAsync(TenantPlan plan) => new SqlPlans(Store.Control, Store.Clock).PutAsync(Tenant.Default, plan, By);

    private async Task HappenAsync(long target, string crawler, string path)
    {
        var fetch = Fetches.Of(crawler, path, (ulong)Random.Shared.NextInt64(), Store.Time.GetUtcNow(), Store.Time.GetUtcNow());
        await Store.Triggers.RecordAsync(
            [new NewTrigger(fetch, TriggerClass.CrawlChanged, FetchContent.Changed, Tenant.Default, "chatgpt", 1, TimeSpan.FromHours(2), [new TargetMatch(target, 1)])], "test", Store.Time.GetUtcNow());
    }

    // Two hours later: plans, and completes what was planned; an answer changes where it is said to.
    private async Task<IReadOnlyList<Scan>> TickAsync(Planner planner, Func<Scan, bool>? changed = null)
    {
        Store.Time.Advance(TwoHours.PlanningTick);
        Assert.NotNull(await planner.TickAsync(TestContext.Current.CancellationToken));
        var all = new List<Scan>();
        // A lane's ceiling keeps some back until others are done.
        while (await LeaseAsync() is { Count: > 0 } scans)
        {
            await CompleteAsync(scans, changed);
            all.AddRange(scans);
        }
        return all;
    }

    private readonly Dictionary<long, bool> _isCited = [];

    private async Task CompleteAsync(IReadOnlyList<Scan> scans, Func<Scan, bool>? changed = null)
    {
        foreach (var scan in scans)
        {
            bool isCited = _isCited[scan.Target] = _isCited.GetValueOrDefault(scan.Target) ^ (changed?.Invoke(scan) ?? false);
            await Store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), isCited ? ScanResult.Cited : ScanResult.Gap, null);
        }
    }

    private Task<IReadOnlyList<Scan>> LeaseAsync() => Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 100, TimeSpan.FromHours(1), "test"));

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = await Store.Control.ReadAsync();
        return await connection.QuerySingleAsync<long>(sql);
    }

    private sealed class Interrupted(StoreRun run, Action beforeTick) : ISelectionPolicy
    {
        public void OnSignal(in Signal signal) => run.OnSignal(in signal);

        public void OnEngineUpdate(int engine, TimeSpan at) => run.OnEngineUpdate(engine, at);

        public void OnScan(int target, TimeSpan at, bool changed) => run.OnScan(target, at, changed);

        public int Select(TimeSpan now, Span<int> picked)
        {
            beforeTick();
            return run.Select(now, picked);
        }

        public ScanReason Explain(int target, TimeSpan now) => run.Explain(target, now);
    }
}

public sealed class SqlitePlannerTests : PlannerContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync(TwoHours);
}

public sealed class PostgresPlannerTests(PostgresFixture postgres) : PlannerContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(TwoHours, await postgres.NewDatabaseAsync());
}
