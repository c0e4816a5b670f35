using Dapper;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Retention;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Retention;

/// <summary>What goes with its age, and what stays, on every store.</summary>
public abstract class RetentionContract : StoreContract
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(91);

    private int _pauses;

    private SqlRetention Retention => new(Store.Control, Store.Clock, Store.Settings, Store.Metrics);

    [Fact]
    public async Task Finished_scans_and_their_triggers_go_after_90_days_and_results_after_400()
    {
        long target = await Store.AddTargetAsync();
        await TriggerAsync(target, 1);
        await ScanAsync();
        Store.Time.Advance(Old);
        await TriggerAsync(target, 2);
        await ReadByPlannerAsync();

        Assert.Equal((1, 1, 0), await RunAsync());
        Assert.Equal((0, 0, 0), await RunAsync());
        // The open scan has its trigger, and nothing is planned again for what went.
        var scan = Assert.Single(await Store.Queue.ListAsync(Store.Mine, null, 0, 10));
        Assert.Single((await Store.Queue.FindAsync(Store.Mine, scan.Id))!.Triggers);
        var kept = Assert.Single(await Store.Triggers.ListAsync(Store.Mine, 0, 10));
        Assert.Equal(0, await Store.Triggers.PlanAsync(Store.Policy));
        Assert.Single((await Store.Results.HistoryAsync(Store.Mine, target, null, 10))!);
        Assert.Equal((kept.Id - 1, 0), (await Retention.DeletedTriggersAsync("default"), await Retention.DeletedTriggersAsync("other")));

        Store.Time.Advance(TimeSpan.FromDays(310));
        Assert.Equal((0, 0, 1), await RunAsync());
        Assert.Equal(scan.Id, Assert.Single(await Store.Queue.ListAsync(Store.Mine, ScanState.Queued, 0, 10)).Id);
        Assert.Single(await Store.Triggers.ListAsync(Store.Mine, 0, 10));
    }

    [Fact]
    public async Task A_trigger_that_nobody_has_planned_from_or_read_stays_however_old()
    {
        long target = await Store.AddTargetAsync();
        await TriggerAsync(target, 1, isPlanned: false);
        await ReadByPlannerAsync();
        Store.Time.Advance(Old);
        Assert.Equal((0, 0, 0), await RunAsync());
        await Store.Triggers.PlanAsync(Store.Policy);
        await ScanAsync();
        await TriggerAsync(target, 2);
        await ScanAsync();
        Store.Time.Advance(Old);
        Assert.Equal((1, 2, 0), await RunAsync());
        Assert.Single(await Store.Triggers.ListAsync(Store.Mine, 0, 10)); // the planner has not read the second
    }

    [Fact]
    public async Task Very_many_old_rows_go_little_by_little_and_events_and_dead_letters_with_them()
    {
        var targets = await Store.AddTargetsAsync(1200);
        await Store.Queue.EnqueueAsync([.. targets.Select(t => new NewScan(t, Store.Start, 1))]);
        await ExecuteAsync("UPDATE scans SET state = CASE WHEN id % 2 = 0 THEN 'done' ELSE 'dead' END, finished_ms = created_ms WHERE id <> (SELECT max(id) FROM scans)");
        await ExecuteAsync("INSERT INTO events (tenant, event_key, kind, strength, at_ms, aim, recorded_ms) VALUES ('default', 'k', 'query_trending', 'strong', 0, '{}', 0)");
        Store.Time.Advance(Old);
        var deleted = await Retention.RunAsync(PauseAsync);
        Assert.Equal((1199, 1), (deleted["scans"], deleted["events"]));
        Assert.Equal(2, _pauses);
        Assert.Single(await Store.Queue.ListAsync(Store.Mine, null, 0, 10));
    }

    private async Task<(int Triggers, int Scans, int Results)> RunAsync()
    {
        var deleted = await Retention.RunAsync(PauseAsync);
        return (deleted["triggers"], deleted["scans"], deleted["results"]);
    }

    private Task PauseAsync()
    {
        _pauses++;
        return Task.CompletedTask;
    }

    private async Task TriggerAsync(long target, ulong hit, bool isPlanned = true)
    {
        await Store.Triggers.RecordAsync(
            [new NewTrigger(Fetches.Of(hitId: hit), TriggerClass.CrawlChanged, FetchContent.Changed, "default", "chatgpt", 0.4, TimeSpan.Zero, [new TargetMatch(target, 1)])],
            "r", Store.Time.GetUtcNow());
        if (isPlanned)
            Assert.Equal(1, await Store.Triggers.PlanAsync(Store.Policy));
    }

    private async Task ScanAsync()
    {
        Store.Time.Advance(TimeSpan.FromHours(12));
        var scan = Assert.Single(await Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 1, TimeSpan.FromMinutes(1), "w")));
        await Store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), ScanResult.Gap, null);
    }

    private Task ReadByPlannerAsync() => ExecuteAsync("UPDATE planner SET trigger_id = (SELECT max(id) FROM triggers)");

    private Task ExecuteAsync(string sql) => Store.Control.WriteAsync(t => t.Connection!.ExecuteAsync(sql, transaction: t));
}

public sealed class SqliteRetentionTests : RetentionContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();

    [Fact]
    public async Task No_deletion_of_a_trigger_reads_all_scans()
    {
        await using var connection = await Store.Control.ReadAsync();
        long root = connection.QuerySingle<long>("SELECT rootpage FROM sqlite_master WHERE name = 'scans_by_lead'");
        var steps = connection.Query("EXPLAIN DELETE FROM triggers WHERE id = 1").Select(s => ((string)s.opcode, (long)s.p2));
        Assert.Contains(("OpenRead", root), steps);
    }
}

public sealed class PostgresRetentionTests(PostgresFixture postgres) : RetentionContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
