using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Triggers;

/// <summary>What holds on every Store.</summary>
public abstract class DebounceContract : StoreContract
{
    private ulong _hitId;

    [Fact]
    public async Task Forty_hits_in_ten_minutes_are_one_scan_with_forty_triggers()
    {
        long target = await Store.AddTargetAsync();
        for (int i = 0; i < 40; i++)
        {
            await HappenAsync(target);
            Store.Time.Advance(TimeSpan.FromSeconds(15));
        }
        var scan = Assert.Single(await LeaseAsync(max: 100));
        Assert.Equal(40, scan.TriggerCount);
        Assert.Equal(40, scan.Triggers.Select(t => t.Id).Distinct().Count());
        Assert.Equal("GPTBot (verified) fetched /pricing 15 s ago, 40 fetches, never scanned before; feeds chatgpt with weight 0.4.", scan.WhyNow);
        Assert.All(await Store.Triggers.ListAsync(Store.Mine, 0, 100), t => Assert.Equal([scan.Id], t.Scans));
    }

    [Fact]
    public async Task A_scan_can_be_leased_a_second_after_its_first_trigger()
    {
        long target = await Store.AddTargetAsync();
        await HappenAsync(target);
        Assert.Empty(await LeaseAsync());
        Store.Time.Advance(Store.Settings.Debounce);
        Assert.Single(await LeaseAsync());
    }

    [Fact]
    public async Task Triggers_during_a_lease_make_the_next_scan_when_it_is_done()
    {
        long target = await Store.AddTargetAsync();
        await HappenAsync(target);
        Store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await LeaseAsync());
        await HappenAsync(target);
        await HappenAsync(target);
        Assert.Equal(1, (await Store.Queue.FindAsync(Store.Mine, scan.Id))!.TriggerCount);
        await Store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), ScanResult.Cited, null);
        await Store.Triggers.PlanAsync(Store.Policy);
        var next = Assert.Single(await Store.Queue.ListAsync(Store.Mine, ScanState.Queued, 0, 10));
        Assert.Equal(2, next.TriggerCount);
        Assert.Equal(Store.Time.GetUtcNow() + Store.Settings.MinimumGap, next.Due);
        Assert.Contains("2 fetches since the last scan 0 s ago (cited)", next.WhyNow);
    }

    [Fact]
    public async Task Triggers_during_a_lease_that_fails_join_the_scan_and_leave_its_wait_alone()
    {
        long target = await Store.AddTargetAsync();
        await HappenAsync(target);
        Store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await LeaseAsync());
        await HappenAsync(target);
        var answer = await Store.Queue.FailAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), "timeout");
        await Store.Triggers.PlanAsync(Store.Policy);
        var waiting = Assert.Single(await Store.Queue.ListAsync(Store.Mine, null, 0, 10));
        Assert.Equal((scan.Id, 2, answer.Due), (waiting.Id, waiting.TriggerCount, waiting.Due));
    }

    [Fact]
    public async Task A_stronger_trigger_raises_the_priority_and_is_named()
    {
        long target = await Store.AddTargetAsync(weight: 0.5);
        await HappenAsync(target, linkWeight: 0.5);
        await HappenAsync(target, "oai-searchbot", weight: 1, linkWeight: 0.5);
        await HappenAsync(target, linkWeight: 0.5);
        Store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await LeaseAsync());
        Assert.Equal(0.5, scan.Priority);
        Assert.StartsWith("OAI-SearchBot (verified) fetched /pricing 2 s ago, 3 fetches", scan.WhyNow);
    }

    [Fact]
    public async Task Deleting_a_target_leaves_its_triggers_readable()
    {
        long target = await Store.AddTargetAsync();
        await HappenAsync(target);
        Assert.True(await Store.Targets.DeleteAsync(Store.Mine, target));
        Assert.Empty(Assert.Single(await Store.Triggers.ListAsync(Store.Mine, 0, 10)).Targets);
        Assert.Empty(await Store.Queue.ListAsync(Store.Mine, null, 0, 10));
        Assert.Equal(0, await Store.Triggers.PlanAsync(Store.Policy));
    }

    [Fact]
    public async Task More_targets_than_one_transaction_takes_are_all_planned()
    {
        var targets = await Store.AddTargetsAsync(1300);
        await Store.Triggers.RecordAsync(
            [new NewTrigger(Fetches.Of(), TriggerClass.CrawlChanged, FetchContent.Changed, "default", "chatgpt", 0.4, TimeSpan.Zero, [.. targets.Select(t => new TargetMatch(t, 1))])], "r", Store.Start);
        int planned = 0;
        while (await Store.Triggers.PlanAsync(Store.Policy) is var some and > 0)
            planned += some;
        Assert.Equal(1300, planned);
        Assert.Equal(1300, (await Store.Queue.DepthAsync()).Waiting);
    }

    private async Task HappenAsync(long target, string crawler = "gptbot", double weight = 0.4, double linkWeight = 1)
    {
        var fetch = Fetches.Of(crawler, hitId: ++_hitId, at: Store.Time.GetUtcNow());
        await Store.Triggers.RecordAsync(
            [new NewTrigger(fetch, TriggerClass.CrawlChanged, FetchContent.Changed, "default", "chatgpt", weight, TimeSpan.FromHours(6), [new TargetMatch(target, linkWeight)])], "r", fetch.InsertedAt);
        await Store.Triggers.PlanAsync(Store.Policy);
    }

    private Task<IReadOnlyList<Scan>> LeaseAsync(int max = 1) =>
        Store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, max, TimeSpan.FromMinutes(1), "w"));
}

public sealed class SqliteDebounceTests : DebounceContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresDebounceTests(PostgresFixture postgres) : DebounceContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
