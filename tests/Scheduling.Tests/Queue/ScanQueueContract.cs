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
    public async Task Calls_for_many_scans_answer_each()
    {
        var targets = await Store.AddTargetsAsync(5);
        await Queue.EnqueueAsync([.. targets.Select(t => new NewScan(t, Store.Start, 1))]);
        var scans = await LeaseAsync(max: 5);
        Assert.Equal(5, scans.Count);
        var holds = scans.Select(HoldOf).ToList();
        Assert.All(await Queue.HeartbeatAsync(Store.Mine, holds, Minute), a => Assert.Equal(HoldOutcome.Done, a.Outcome));
        var late = holds[1] with { FencingToken = holds[1].FencingToken + 1 };
        var answers = await Queue.CompleteAsync(Store.Mine,
        [
            new FoundScan(holds[0], ScanResult.Cited, """{"text":"\u0000 'quoted' \"twice\""}"""), new FoundScan(late, ScanResult.Gap, null),
            new FoundScan(new ScanHold(999_999, 1), ScanResult.Gap, null), new FoundScan(holds[2], ScanResult.Gap, null), new FoundScan(holds[2], ScanResult.Gap, null),
            new FoundScan(holds[2], ScanResult.Cited, null),
        ]);
        Assert.Equal(
            [HoldOutcome.Done, HoldOutcome.NotHeld, HoldOutcome.NotFound, HoldOutcome.Done, HoldOutcome.Done, HoldOutcome.NotHeld], answers.Select(a => a.Outcome));
        Assert.Single((await Store.Results.HistoryAsync(Store.Mine, scans[2].Target, null, 10))!);
        Assert.Equal("\0 'quoted' \"twice\"", (await Store.Results.HistoryAsync(Store.Mine, scans[0].Target, null, 10))![0].Evidence!.Value.GetProperty("text").GetString());
        var failed = await Queue.FailAsync(Store.Mine, [new FailedScan(holds[3], "no \0 answer"), new FailedScan(holds[3], "again"), new FailedScan(holds[0], "late")]);
        Assert.Equal([HoldOutcome.Done, HoldOutcome.NotHeld, HoldOutcome.NotHeld], failed.Select(a => a.Outcome));
        Assert.Equal(ScanState.Done, failed[2].State);
    }

    [Fact]
    public async Task A_scan_that_is_given_back_is_due_at_once_and_the_attempt_does_not_count()
    {
        await EnqueueAsync();
        for (int i = 0; i < Store.Settings.MaxAttempts + 2; i++)
        {
            var scan = Assert.Single(await LeaseAsync());
            Assert.Equal((1, i + 1L), (scan.Attempts, scan.FencingToken));
            await Queue.FailAsync(Store.Mine, [new FailedScan(HoldOf(scan), "the worker stops", FailureKind.Returned)]);
        }
    }

    [Fact]
    public async Task An_engine_that_says_how_long_it_wants_to_rest_is_left_alone_for_that_time()
    {
        await EnqueueAsync();
        var scan = Assert.Single(await LeaseAsync());
        var rest = TimeSpan.FromMinutes(30);
        var answer = Assert.Single(await Queue.FailAsync(Store.Mine, [new FailedScan(HoldOf(scan), "429", FailureKind.Overload, rest)]));
        Assert.Equal(Store.Start + rest, answer.Due);
    }

    [Fact]
    public async Task No_more_of_a_lane_are_under_way_than_its_ceiling_which_overload_lowers_and_success_raises()
    {
        var targets = await Store.AddTargetsAsync(150);
        await Queue.EnqueueAsync([.. targets.Select(t => new NewScan(t, Store.Start, 1))]);
        var first = await LeaseAsync(max: 100);
        Assert.Equal(20, first.Count);
        Assert.Empty(await LeaseAsync(max: 100));
        await Queue.FailAsync(Store.Mine, [.. first.Take(4).Select(s => new FailedScan(HoldOf(s), "429 Too Many Requests", FailureKind.Overload))]);
        var lane = Assert.Single(await Queue.LanesAsync(Store.Mine));
        Assert.Equal((10, true, "429 Too Many Requests", 16L), (lane.Ceiling, lane.IsLowered, lane.Reason, lane.Leased));
        await Queue.FailAsync(Store.Mine, [new FailedScan(HoldOf(first[4]), "429 Too Many Requests", FailureKind.Overload)]); // the same burst
        Assert.Equal(10, Assert.Single(await Queue.LanesAsync(Store.Mine)).Ceiling);
        Assert.Empty(await LeaseAsync(max: 100));
        await Queue.CompleteAsync(Store.Mine, [.. first.Skip(5).Select(s => new FoundScan(HoldOf(s), ScanResult.Gap, null))]);
        Assert.Equal(11, Assert.Single(await Queue.LanesAsync(Store.Mine)).Ceiling);
        Assert.Equal(11, (await LeaseAsync(max: 100)).Count);
        Assert.Empty(await LeaseAsync(max: 100, engine: "chatgpt"));
        Assert.Empty(await LeaseAsync(max: 100, engine: "perplexity"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leases_at_the_same_time_do_not_go_over_a_ceiling_together(bool isForAll)
    {
        var targets = await Store.AddTargetsAsync(150);
        await Queue.EnqueueAsync([.. targets.Select(t => new NewScan(t, Store.Start, 1))]);
        for (int round = 0; round < 5; round++)
        {
            var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(() =>
                Store.NewQueue().LeaseAsync(isForAll ? Reach.All : Store.Mine, new LeaseRequest("chatgpt", 4, Minute, $"w{w}")))));
            var scans = leased.SelectMany(l => l).ToList();
            Assert.Equal(20, scans.DistinctBy(s => s.Id).Count());
            Assert.Equal(20, scans.Count);
            await Queue.FailAsync(Store.Mine, [.. scans.Select(s => new FailedScan(HoldOf(s), "again", FailureKind.Returned))]);
        }
    }

    [Fact]
    public async Task A_lease_for_all_tenants_takes_turns_and_its_scans_can_be_completed()
    {
        var targets = await Store.AddTargetsAsync(60);
        List<long> theirs = [];
        for (int i = 0; i < 6; i++)
            theirs.Add(await Store.AddTargetAsync(query: $"q{i}", isTheirs: true));
        await Queue.EnqueueAsync([.. targets.Select(t => new NewScan(t, Store.Start, 1)), .. theirs.Select(t => new NewScan(t, Store.Start, 0.1))]);
        foreach (string? engine in new[] { "chatgpt", null })
        {
            var scans = await Queue.LeaseAsync(Reach.All, new LeaseRequest(engine, 6, Minute, "house"));
            Assert.Equal(3, scans.Count(s => s.Tenant == "default"));
            Assert.Equal(3, scans.Count(s => s.Tenant == "other"));
            Assert.All(await Queue.CompleteAsync(Reach.All, [.. scans.Select(s => new FoundScan(HoldOf(s), ScanResult.Gap, null))]), a => Assert.Equal(HoldOutcome.Done, a.Outcome));
        }
        Assert.Equal(5, (await Queue.LeaseAsync(Reach.All, new LeaseRequest("chatgpt", 50, Minute, "house"))).Count(s => s.Tenant == "default"));
        Assert.Empty(await Store.Targets.ListAsync(Reach.All, 0, 10));
    }

    [Fact]
    public async Task Dead_letters_are_replayed_by_engine_and_brand_the_latest_of_each_target()
    {
        long twice = await EnqueueAsync();
        long older = await KillAsync();
        await Queue.EnqueueAsync([new NewScan(twice, DateTimeOffset.MinValue, 1)]);
        long newer = await KillAsync();
        await EnqueueAsync("gemini");
        await KillAsync();
        Assert.Equal(0, await Queue.ReplayAsync(Store.Mine, new ReplayFilter("perplexity", null, 100)));
        Assert.Equal(0, await Queue.ReplayAsync(Store.Mine, new ReplayFilter(null, "Nobody", 100)));
        Assert.Equal(0, await Queue.ReplayAsync(Store.Theirs, new ReplayFilter(null, null, 100)));
        Assert.Equal(1, await Queue.ReplayAsync(Store.Mine, new ReplayFilter("chatgpt", "Acme", 100)));
        Assert.Equal(ScanState.Queued, (await Queue.FindAsync(Store.Mine, newer))!.State);
        Assert.Equal(ScanState.Dead, (await Queue.FindAsync(Store.Mine, older))!.State);
        Assert.Equal(1, await Queue.ReplayAsync(Store.Mine, new ReplayFilter(null, null, 100)));
        Assert.Equal(0, await Queue.ReplayAsync(Store.Mine, new ReplayFilter(null, null, 100)));
    }

    [Fact]
    public async Task Very_many_scans_are_queued_in_one_call_some_of_them_twice()
    {
        var targets = await Store.AddTargetsAsync(6000);
        await Queue.EnqueueAsync([.. targets.Concat(targets).Select((t, i) => new NewScan(t, Store.Start, i < 6000 ? 0.2 : 0.4)), new NewScan(999_999, Store.Start, 1)]);
        Assert.Equal(new QueueDepth(0, 6000, 0, 0), await Queue.DepthAsync());
        Assert.All(await LeaseAsync(max: 50), s => Assert.Equal(0.4, s.Priority));
    }

    [Fact]
    public async Task Depth_counts_each_state()
    {
        var targets = await Store.AddTargetsAsync(3);
        await Queue.EnqueueAsync([new NewScan(targets[0], Store.Start, 1), new NewScan(targets[1], Store.Start, 0.5), new NewScan(targets[2], Store.Start + Minute, 1)]);
        await LeaseAsync();
        Store.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(
            new QueueDepth(1, 1, 1, 0) { DueAge = TimeSpan.FromSeconds(3), LeaseAge = TimeSpan.FromSeconds(3) }, await Queue.DepthAsync());
        var lane = Assert.Single(await Queue.LanesAsync(Store.Mine));
        Assert.Equal(("chatgpt", 1L, 1L, 1L, 0L, Store.Start, 5, false), (lane.Engine, lane.Waiting, lane.Ready, lane.Leased, lane.Dead, lane.DueSince, lane.Ceiling, lane.IsLowered));
        Assert.Empty(await Queue.LanesAsync(Store.Theirs));
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

    /// <summary>Lets the one scan that can be leased fail until it is a dead letter.</summary>
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
