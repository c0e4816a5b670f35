using Weir.Control;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Queue;

/// <summary>How fast the queue is: run by name with <c>-explicit only</c>, in Release. It measures and asserts nothing about time.</summary>
public sealed class ScanQueueRate
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory(Explicit = true)]
    [InlineData(20_000, 1, 1)]
    [InlineData(20_000, 20, 1)]
    [InlineData(20_000, 20, 8)]
    [InlineData(200_000, 20, 8)]
    public async Task Lease_and_complete(int queued, int batch, int workers)
    {
        const int Done = 10_000;
        await using var store = await Store.NewAsync();
        var clock = TimeProvider.System;
        long start = clock.GetTimestamp();
        var targets = await store.AddTargetsAsync(queued);
        Write($"{queued:n0} targets made", queued, clock.GetElapsedTime(start));
        start = clock.GetTimestamp();
        foreach (long[] some in targets.Chunk(5000))
            await store.Queue.EnqueueAsync([.. some.Select(t => new NewScan(t, Store.Start, t % 97 / 97.0))]);
        Write("enqueued", queued, clock.GetElapsedTime(start));
        int left = Done;
        var cpu = Environment.CpuUsage.TotalTime;
        start = clock.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(w => Task.Run(async () =>
        {
            while (Interlocked.Add(ref left, -batch) >= 0)
            {
                foreach (var scan in await store.Queue.LeaseAsync(Store.Mine, new LeaseRequest("chatgpt", batch, Minute, $"w{w}")))
                    await store.Queue.CompleteAsync(Store.Mine, new ScanHold(scan.Id, scan.FencingToken), ScanResult.Cited, "{}");
            }
        })));
        Write($"CPU {(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds * 1000 / Done:0} µs a scan; leased by {batch} and completed by {workers} workers", Done, clock.GetElapsedTime(start));
    }

    [Fact(Explicit = true)]
    public async Task Record_and_plan()
    {
        const int Targets = 5_000;
        await using var store = await Store.NewAsync();
        var targets = await store.AddTargetsAsync(Targets);
        long start = TimeProvider.System.GetTimestamp();
        await store.Triggers.RecordAsync(
            [.. targets.Select((t, i) => new NewTrigger(Fetches.Of(hitId: (ulong)i + 1), TriggerClass.CrawlChanged, FetchContent.Changed, Tenant.Default, "chatgpt", 0.4, TimeSpan.Zero, [new TargetMatch(t, 1)]))],
            "r", Store.Start);
        Write("triggers recorded", Targets, TimeProvider.System.GetElapsedTime(start));
        start = TimeProvider.System.GetTimestamp();
        while (await store.Triggers.PlanAsync(new TriggerScanPolicy(store.Settings)) > 0)
        {
        }
        Write("targets planned", Targets, TimeProvider.System.GetElapsedTime(start));
    }

    private static void Write(string what, int count, TimeSpan took) =>
        TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {count / took.TotalSeconds:n0}/s ({took.TotalSeconds:0.00} s)");
}
