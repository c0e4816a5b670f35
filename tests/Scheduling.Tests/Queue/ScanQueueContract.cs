using System.Collections.Concurrent;
using CsCheck;
using Dapper;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Scheduling.Tests.Queue;

/// <summary>What every queue of scans must do.</summary>
public abstract class ScanQueueContract : StoreContract
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private IScanQueue Queue => Store.Queue;

    [Fact]
    public async Task Nothing_is_leased_before_it_is_due()
    {
        await Queue.EnqueueAsync([new NewScan(await Store.AddTargetAsync(), Store.Start + Minute, 1)]);
        Assert.Empty(await LeaseAsync());
        Store.Time.Advance(Minute - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await LeaseAsync());
        Store.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(await LeaseAsync());
    }

    [Fact]
    public async Task A_lease_says_what_to_ask_and_until_when()
    {
        long target = await EnqueueAsync();
        var scan = Assert.Single(await LeaseAsync(worker: "w1"));
        Assert.Equal(("Acme", "best widgets", "chatgpt", target), (scan.Brand, scan.Query, scan.Engine, scan.Target));
        Assert.Equal((1L, 1, ScanState.Leased, "w1"), (scan.FencingToken, scan.Attempts, scan.State, scan.Worker));
        Assert.Equal(Store.Start + Minute, scan.LeasedUntil);
        Assert.Empty(await LeaseAsync());
    }

    [Fact]
    public async Task The_worthiest_go_first_then_the_longest_due()
    {
        var targets = await Store.AddTargetsAsync(4);
        await Queue.EnqueueAsync(
        [
            new NewScan(targets[0], Store.Start, 0.2), new NewScan(targets[1], Store.Start, 0.9),
            new NewScan(targets[2], Store.Start - Minute, 0.2), new NewScan(targets[3], Store.Start + Minute, 1),
        ]);
        Assert.Equal([targets[1], targets[2], targets[0]], (await LeaseAsync(max: 10)).Select(s => s.Target));
    }

    [Fact]
    public async Task A_target_has_one_open_scan_at_its_earliest_time_and_highest_priority()
    {
        long target = await Store.AddTargetAsync();
        await Queue.EnqueueAsync([new NewScan(target, Store.Start + Minute, 0.5)]);
        await Queue.EnqueueAsync([new NewScan(target, Store.Start, 0.1)]);
        var scan = Assert.Single(await LeaseAsync(max: 10));
        Assert.Equal((Store.Start, 0.5), (scan.Due, scan.Priority));
    }

    [Fact]
    public async Task Only_the_engine_asked_for_is_leased()
    {
        await EnqueueAsync("chatgpt");
        long gemini = await EnqueueAsync("gemini");
        Assert.Equal(gemini, Assert.Single(await LeaseAsync(max: 10, engine: "gemini")).Target);
        Assert.Empty(await LeaseAsync(max: 10, engine: "gemini"));
        Assert.Single(await LeaseAsync(max: 10));
    }

    [Fact]
    public async Task A_lease_that_runs_out_is_leased_again_and_its_late_holder_refused()
    {
        await EnqueueAsync();
        var early = Assert.Single(await LeaseAsync(worker: "slow"));
        Store.Time.Advance(Minute);
        var again = Assert.Single(await LeaseAsync(worker: "quick"));
        Assert.Equal((early.Id, early.FencingToken + 1, 2), (again.Id, again.FencingToken, again.Attempts));
        var late = await CompleteAsync(early);
        Assert.Equal((HoldOutcome.NotHeld, ScanState.Leased, "quick"), (late.Outcome, late.State, late.Worker));
        Assert.Equal(HoldOutcome.NotHeld, (await Queue.FailAsync(Store.Mine, HoldOf(early), "late")).Outcome);
        Assert.Equal(HoldOutcome.NotHeld, (await Queue.HeartbeatAsync(Store.Mine, HoldOf(early), Minute)).Outcome);
        Assert.Equal(HoldOutcome.Done, (await CompleteAsync(again)).Outcome);
    }

    [Fact]
    public async Task A_result_after_the_lease_ran_out_is_refused_even_if_nobody_else_holds_it()
    {
        await EnqueueAsync();
        var scan = Assert.Single(await LeaseAsync());
        Store.Time.Advance(Minute);
        Assert.Equal(HoldOutcome.NotHeld, (await CompleteAsync(scan)).Outcome);
        await Queue.ReapAsync();
        var late = await CompleteAsync(scan);
        Assert.Equal((HoldOutcome.NotHeld, ScanState.Queued), (late.Outcome, late.State));
    }

    [Fact]
    public async Task A_heartbeat_keeps_the_lease()
    {
        await EnqueueAsync();
        var scan = Assert.Single(await LeaseAsync());
        Store.Time.Advance(Minute / 2);
        Assert.Equal(Store.Time.GetUtcNow() + Minute, (await Queue.HeartbeatAsync(Store.Mine, HoldOf(scan), Minute)).LeasedUntil);
        Store.Time.Advance(Minute / 2);
        Assert.Empty(await LeaseAsync());
        Assert.Equal(HoldOutcome.Done, (await CompleteAsync(scan)).Outcome);
    }

    [Fact]
    public async Task Completing_twice_is_one_result_and_another_result_is_refused()
    {
        long target = await EnqueueAsync();
        var scan = Assert.Single(await LeaseAsync());
        Assert.Equal(HoldOutcome.Done, (await CompleteAsync(scan)).Outcome);
        Assert.Equal(HoldOutcome.Done, (await CompleteAsync(scan)).Outcome);
        Assert.Equal(HoldOutcome.NotHeld, (await Queue.CompleteAsync(Store.Mine, HoldOf(scan), ScanResult.Gap, null)).Outcome);
        Assert.Single((await Store.Results.HistoryAsync(Store.Mine, target, null, 10))!);
        Assert.Equal("cited", (await Queue.FindAsync(Store.Mine, scan.Id))!.Result);
    }

    [Fact]
    public async Task Failures_wait_longer_each_time_and_end_as_a_dead_letter_with_its_reason()
    {
        await EnqueueAsync();
        for (int attempt = 1; attempt <= Store.Settings.MaxAttempts; attempt++)
        {
            var scan = Assert.Single(await LeaseAsync());
            Assert.Equal(attempt, scan.Attempts);
            var answer = await Queue.FailAsync(Store.Mine, HoldOf(scan), $"engine said 500 ({attempt})");
            if (attempt == Store.Settings.MaxAttempts)
            {
                Assert.Equal(ScanState.Dead, answer.State);
                break;
            }
            var wait = answer.Due!.Value - Store.Time.GetUtcNow();
            var expected = Store.Settings.RetryFirst * Math.Pow(2, attempt - 1);
            Assert.InRange(wait, expected * 0.5, expected * 1.5);
            Assert.Empty(await LeaseAsync());
            Store.Time.Advance(wait);
        }
        Store.Time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await LeaseAsync());
        var dead = Assert.Single(await Queue.ListAsync(Store.Mine, ScanState.Dead, 0, 10));
        Assert.Equal("engine said 500 (5)", dead.Reason);
    }

    [Fact]
    public async Task Leases_that_run_out_again_and_again_end_as_a_dead_letter()
    {
        await EnqueueAsync();
        for (int attempt = 1; attempt <= Store.Settings.MaxAttempts; attempt++)
        {
            Assert.Single(await LeaseAsync());
            Store.Time.Advance(Minute);
        }
        Assert.Equal((0, 1), await Queue.ReapAsync());
        Assert.Contains("ran out", Assert.Single(await Queue.ListAsync(Store.Mine, ScanState.Dead, 0, 10)).Reason);
        Assert.Equal((0, 0), await Queue.ReapAsync());
    }

    [Fact]
    public async Task A_dead_letter_can_be_replayed_once_unless_its_target_has_another_open_scan()
    {
        long target = await EnqueueAsync();
        long id = await KillAsync();
        await Queue.EnqueueAsync([new NewScan(target, Store.Time.GetUtcNow(), 1)]);
        var refused = await Queue.ReplayAsync(Store.Mine, id);
        Assert.Equal((HoldOutcome.NotHeld, ScanState.Dead), (refused.Outcome, refused.State));
        await CompleteAsync(Assert.Single(await LeaseAsync()));
        Assert.Equal(HoldOutcome.Done, (await Queue.ReplayAsync(Store.Mine, id)).Outcome);
        Assert.Equal(HoldOutcome.NotHeld, (await Queue.ReplayAsync(Store.Mine, id)).Outcome);
        var scan = Assert.Single(await LeaseAsync());
        Assert.Equal((id, 1), (scan.Id, scan.Attempts));
        Assert.True(scan.FencingToken > Store.Settings.MaxAttempts);
    }

    [Fact]
    public async Task Another_tenants_scans_do_not_exist()
    {
        long theirs = await Store.AddTargetAsync(isTheirs: true);
        await Queue.EnqueueAsync([new NewScan(theirs, Store.Start, 1)]);
        Assert.Empty(await LeaseAsync(max: 10));
        var scan = Assert.Single(await Queue.LeaseAsync(Store.Theirs, new LeaseRequest(null, 10, Minute, "w")));
        Assert.Null(await Queue.FindAsync(Store.Mine, scan.Id));
        Assert.Empty(await Queue.ListAsync(Store.Mine, null, 0, 10));
        Assert.Equal(HoldOutcome.NotFound, (await CompleteAsync(scan)).Outcome);
        Assert.Equal(HoldOutcome.NotFound, (await Queue.FailAsync(Store.Mine, HoldOf(scan), "x")).Outcome);
        Assert.Equal(HoldOutcome.NotFound, (await Queue.HeartbeatAsync(Store.Mine, HoldOf(scan), Minute)).Outcome);
        Assert.Equal(HoldOutcome.NotFound, (await Queue.ReplayAsync(Store.Mine, scan.Id)).Outcome);
        Assert.NotNull(await Queue.FindAsync(Store.Theirs, scan.Id));
    }

    [Fact]
    public async Task A_key_of_some_sites_leases_only_what_belongs_to_them()
    {
        await EnqueueAsync();
        var none = Store.Mine with { Sites = [Store.Other] };
        Assert.Empty(await Queue.LeaseAsync(none, new LeaseRequest(null, 10, Minute, "w")));
        var demo = Store.Mine with { Sites = [Store.Demo] };
        Assert.Single(await Queue.LeaseAsync(demo, new LeaseRequest("chatgpt", 10, Minute, "w")));
    }

    [Fact(Timeout = 120_000)]
    public async Task Many_workers_complete_each_scan_once_though_leases_run_out()
    {
        const int Scans = 300;
        var targets = await Store.AddTargetsAsync(Scans);
        await Queue.EnqueueAsync([.. targets.Select((t, i) => new NewScan(t, Store.Start, i % 7 / 7.0))]);
        var completed = new ConcurrentDictionary<long, int>();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(w => Task.Run(async () =>
        {
            var random = new Random(w);
            while (completed.Count < Scans && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                var leased = await Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 5, TimeSpan.FromSeconds(2), $"w{w}"));
                if (leased.Count == 0)
                {
                    Store.Time.Advance(TimeSpan.FromMilliseconds(500));
                    foreach (var dead in await Queue.ListAsync(Store.Mine, ScanState.Dead, 0, 10))
                        await Queue.ReplayAsync(Store.Mine, dead.Id);
                }
                // A worker that dies now and then: its scans come back when their lease runs out.
                foreach (var scan in leased.Where(_ => random.Next(20) != 0))
                {
                    if ((await CompleteAsync(scan)).Outcome == HoldOutcome.Done)
                        completed.AddOrUpdate(scan.Id, 1, (_, n) => n + 1);
                }
            }
        })));
        Assert.Equal(Scans, completed.Count);
        Assert.All(completed.Values, n => Assert.Equal(1, n));
        Assert.All(await Queue.ListAsync(Store.Mine, null, 0, 1000), s => Assert.Equal(ScanState.Done, s.State));
    }

    [Fact]
    public async Task Depth_counts_each_state()
    {
        var targets = await Store.AddTargetsAsync(3);
        await Queue.EnqueueAsync([new NewScan(targets[0], Store.Start, 1), new NewScan(targets[1], Store.Start, 0.5), new NewScan(targets[2], Store.Start + Minute, 1)]);
        await LeaseAsync();
        Assert.Equal(new QueueDepth(1, 1, 1, 0), await Queue.DepthAsync());
    }

    /// <summary>Random calls on the queue and on a plain list give the same leases in the same order.</summary>
    [Fact]
    public async Task Leases_follow_a_plain_model()
    {
        var targets = await Store.AddTargetsAsync(12);
        await Gen.Select(Gen.Int[0, 5], Gen.Int[0, 11], Gen.Int[0, 4], Gen.Int[0, 90]).Array[1, 60].SampleAsync(
            async steps =>
            {
                await Store.Control.WriteAsync(t => t.Connection!.ExecuteAsync("DELETE FROM results; DELETE FROM scans", transaction: t));
                var model = new QueueModel(Store.Settings.MaxAttempts);
                foreach (var (what, which, priority, seconds) in steps)
                    await StepAsync(model, targets, what, which, priority / 4.0, TimeSpan.FromSeconds(seconds));
            },
            iter: 60, threads: 1);
    }

    private async Task StepAsync(QueueModel model, IReadOnlyList<long> targets, int what, int which, double priority, TimeSpan span)
    {
        var now = Store.Time.GetUtcNow();
        switch (what)
        {
            case 0 or 1:
                await Queue.EnqueueAsync([new NewScan(targets[which], now + span - TimeSpan.FromSeconds(30), priority)]);
                model.Enqueue(targets[which], now + span - TimeSpan.FromSeconds(30), priority);
                break;
            case 2 or 3:
                var leased = await LeaseAsync(1 + (which % 4));
                Assert.Equal(model.Lease(1 + (which % 4), now, TimeSpan.FromMinutes(1)), leased.Select(s => (s.Target, s.FencingToken)));
                model.Known(leased);
                break;
            case 4:
                if (model.Held(which) is not { } hold)
                    break;
                var answer = await Queue.CompleteAsync(Store.Mine, new ScanHold(hold.Id, hold.Token), ScanResult.Gap, null);
                Assert.Equal(QueueModel.Complete(hold, now), answer.Outcome == HoldOutcome.Done);
                break;
            default:
                Store.Time.Advance(span);
                break;
        }
    }

    private async Task<long> KillAsync()
    {
        long id = 0;
        for (int i = 0; i < Store.Settings.MaxAttempts; i++)
        {
            var scan = Assert.Single(await LeaseAsync());
            id = scan.Id;
            await Queue.FailAsync(Store.Mine, HoldOf(scan), "no");
            Store.Time.Advance(TimeSpan.FromHours(2));
        }
        return id;
    }

    private async Task<long> EnqueueAsync(string engine = "chatgpt")
    {
        long target = await Store.AddTargetAsync(engine);
        await Queue.EnqueueAsync([new NewScan(target, Store.Start, 1)]);
        return target;
    }

    private protected Task<IReadOnlyList<Scan>> LeaseAsync(int max = 1, string? engine = null, string worker = "w") =>
        Queue.LeaseAsync(Store.Mine, new LeaseRequest(engine, max, Minute, worker));

    private protected Task<HoldAnswer> CompleteAsync(Scan scan) => Queue.CompleteAsync(Store.Mine, HoldOf(scan), ScanResult.Cited, """{"url":"x"}""");

    private protected static ScanHold HoldOf(Scan scan) => new(scan.Id, scan.FencingToken);
}
