using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Triggers;

public sealed class DebounceTests : IAsyncLifetime
{
    private Store _store = null!;
    private ulong _hitId;

    public async ValueTask InitializeAsync() => _store = await Store.NewAsync();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Forty_hits_in_ten_minutes_are_one_scan_with_forty_triggers()
    {
        long target = await _store.AddTargetAsync();
        for (int i = 0; i < 40; i++)
        {
            await HappenAsync(target);
            _store.Time.Advance(TimeSpan.FromSeconds(15));
        }
        var scan = Assert.Single(await LeaseAsync(max: 100));
        Assert.Equal(40, scan.TriggerCount);
        Assert.Equal(40, scan.Triggers.Select(t => t.Id).Distinct().Count());
        Assert.Equal("GPTBot (verified) fetched /pricing 15 s ago, 40 fetches, never scanned before; feeds chatgpt with weight 0.4.", scan.WhyNow);
        Assert.All(await _store.Triggers.ListAsync(Store.Mine, 0, 100), t => Assert.Equal([scan.Id], t.Scans));
    }

    [Fact]
    public async Task A_scan_can_be_leased_a_second_after_its_first_trigger()
    {
        long target = await _store.AddTargetAsync();
        await HappenAsync(target);
        Assert.Empty(await LeaseAsync());
        _store.Time.Advance(_store.Settings.Debounce);
        Assert.Single(await LeaseAsync());
    }

    [Fact]
    public async Task Triggers_during_a_lease_make_the_next_scan_when_it_is_done()
    {
        long target = await _store.AddTargetAsync();
        await HappenAsync(target);
        _store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await LeaseAsync());
        await HappenAsync(target);
        await HappenAsync(target);
        Assert.Equal(1, (await _store.Queue.FindAsync(Store.Mine, scan.Id))!.TriggerCount);
        await _store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), ScanResult.Cited, null);
        await _store.Triggers.PlanAsync(_store.Policy);
        var next = Assert.Single(await _store.Queue.ListAsync(Store.Mine, ScanState.Queued, 0, 10));
        Assert.Equal(2, next.TriggerCount);
        Assert.Equal(_store.Time.GetUtcNow() + _store.Settings.MinimumGap, next.Due);
        Assert.Contains("2 fetches since the last scan 0 s ago (cited)", next.WhyNow);
    }

    [Fact]
    public async Task Triggers_during_a_lease_that_fails_join_the_scan_and_leave_its_wait_alone()
    {
        long target = await _store.AddTargetAsync();
        await HappenAsync(target);
        _store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await LeaseAsync());
        await HappenAsync(target);
        var answer = await _store.Queue.FailAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), "timeout");
        await _store.Triggers.PlanAsync(_store.Policy);
        var waiting = Assert.Single(await _store.Queue.ListAsync(Store.Mine, null, 0, 10));
        Assert.Equal((scan.Id, 2, answer.Due), (waiting.Id, waiting.TriggerCount, waiting.Due));
    }

    [Fact]
    public async Task A_stronger_trigger_raises_the_priority_and_is_named()
    {
        long target = await _store.AddTargetAsync(weight: 0.5);
        await HappenAsync(target, linkWeight: 0.5);
        await HappenAsync(target, "oai-searchbot", weight: 1, linkWeight: 0.5);
        await HappenAsync(target, linkWeight: 0.5);
        _store.Time.Advance(TimeSpan.FromSeconds(2));
        var scan = Assert.Single(await LeaseAsync());
        Assert.Equal(0.5, scan.Priority);
        Assert.StartsWith("OAI-SearchBot (verified) fetched /pricing 2 s ago, 3 fetches", scan.WhyNow);
    }

    [Fact]
    public async Task Deleting_a_target_leaves_its_triggers_readable()
    {
        long target = await _store.AddTargetAsync();
        await HappenAsync(target);
        Assert.True(await _store.Targets.DeleteAsync(Store.Mine, target));
        Assert.Empty(Assert.Single(await _store.Triggers.ListAsync(Store.Mine, 0, 10)).Targets);
        Assert.Empty(await _store.Queue.ListAsync(Store.Mine, null, 0, 10));
        Assert.Equal(0, await _store.Triggers.PlanAsync(_store.Policy));
    }

    [Fact]
    public async Task More_targets_than_one_transaction_takes_are_all_planned()
    {
        var targets = await _store.AddTargetsAsync(1300);
        await _store.Triggers.RecordAsync(
            [new NewTrigger(Fetches.Of(), "default", "chatgpt", 0.4, TimeSpan.Zero, [.. targets.Select(t => new TargetMatch(t, 1))])], "r", Store.Start);
        int planned = 0;
        while (await _store.Triggers.PlanAsync(_store.Policy) is var some and > 0)
            planned += some;
        Assert.Equal(1300, planned);
        Assert.Equal(1300, (await _store.Queue.DepthAsync()).Waiting);
    }

    private async Task HappenAsync(long target, string crawler = "gptbot", double weight = 0.4, double linkWeight = 1)
    {
        var fetch = Fetches.Of(crawler, hitId: ++_hitId, at: _store.Time.GetUtcNow());
        await _store.Triggers.RecordAsync(
            [new NewTrigger(fetch, "default", "chatgpt", weight, TimeSpan.FromHours(6), [new TargetMatch(target, linkWeight)])], "r", fetch.InsertedAt);
        await _store.Triggers.PlanAsync(_store.Policy);
    }

    private Task<IReadOnlyList<Scan>> LeaseAsync(int max = 1) =>
        _store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, max, TimeSpan.FromMinutes(1), "w"));
}
