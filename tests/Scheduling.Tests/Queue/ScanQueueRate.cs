using Weir.Control;
using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Queue;

/// <summary>How fast triggers become scans (the queue itself: <c>bench/run queue</c>): run by name with <c>-explicit only</c>, in Release. It measures and asserts nothing about time.</summary>
public sealed class ScanQueueRate
{
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
