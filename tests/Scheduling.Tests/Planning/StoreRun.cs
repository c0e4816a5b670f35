using Weir.Scheduling.Planning;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Selection;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Planning;

/// <summary>The real tables, planner and queue as a policy of a simulated world: signals become triggers, picks are leases, results are completed scans.</summary>
internal sealed class StoreRun(Store store, IReadOnlyList<long> targets, Func<int, string> engineOf) : ISelectionPolicy
{
    private readonly List<(NewTrigger? Crawl, NewEvent? Event)> _happened = [];
    private readonly Dictionary<int, Scan> _leased = [];
    private readonly bool[] _isCited = new bool[targets.Count];
    private readonly Dictionary<long, int> _placeOf = targets.Select((id, place) => (id, place)).ToDictionary(t => t.id, t => t.place);
    private ulong _hitId;

    /// <summary>Engines by their numbers in the world.</summary>
    public static readonly string[] EngineNames = ["chatgpt", "perplexity", "gemini", "google-ai-overview"];

    /// <summary>What plans; replaced by a test that lets another program take over.</summary>
    public Weir.Scheduling.Planning.Planner Planner { get; set; } = store.NewPlanner();

    public void OnSignal(in Signal signal)
    {
        if (signal.Class == SignalClass.Competitor)
        {
            Assert.Equal(EventStrength.High.Weight(), signal.Weight);
            Happen(EventKind.CompetitorPublished, new EventAim { Query = $"query {signal.Target}", Engine = engineOf(signal.Target) }, signal.At);
            return;
        }
        var fetch = Fetches.Of("oai-searchbot", $"/page-{signal.Target}", ++_hitId, Store.Start + signal.At, Store.Start + signal.At);
        _happened.Add((new NewTrigger(fetch, TriggerClasses.Of(SignalClasses.Name(signal.Class)), FetchContent.Unknown, Control.Tenant.Default, engineOf(signal.Target), signal.Weight, TimeSpan.FromHours(2),
            [new TargetMatch(targets[signal.Target], 1)]), null));
    }

    public void OnEngineUpdate(int engine, TimeSpan at) => Happen(EventKind.AiModelUpdated, new EventAim { Engine = EngineNames[engine] }, at);

    public int Select(TimeSpan now, Span<int> picked)
    {
        var scans = Task.Run(() => PlanAsync(now)).GetAwaiter().GetResult();
        _leased.Clear();
        int count = 0;
        foreach (var scan in scans)
        {
            int place = _placeOf[scan.Target];
            _leased[place] = scan;
            picked[count++] = place;
        }
        return count;
    }

    public void OnScan(int target, TimeSpan at, bool changed)
    {
        _isCited[target] ^= changed;
        var scan = _leased[target];
        var answer = Task.Run(() => store.Queue.CompleteAsync(
            Store.Mine, new ScanHold(scan.Id, scan.FencingToken), _isCited[target] ? ScanResult.Cited : ScanResult.Gap, null)).GetAwaiter().GetResult();
        Assert.Equal(HoldOutcome.Done, answer.Outcome);
    }

    public ScanReason Explain(int target, TimeSpan now) => default;

    private void Happen(EventKind kind, EventAim aim, TimeSpan at) =>
        _happened.Add((null, new NewEvent($"event {++_hitId}", kind, EventStrength.High, Store.Start + at, aim)));

    // In the order of time, as each reader gives them.
    private async Task RecordAsync(DateTimeOffset now)
    {
        for (int next = 0; next < _happened.Count;)
        {
            bool isEvent = _happened[next].Event is not null;
            var some = _happened.Skip(next).TakeWhile(h => h.Event is not null == isEvent).ToList();
            next += some.Count;
            if (isEvent)
                Assert.All(await store.Events.RecordAsync(Store.Mine, [.. some.Select(h => h.Event!)]), a => Assert.Equal(EventOutcome.Recorded, a.Outcome));
            else
                Assert.NotEqual(0, await store.Triggers.RecordAsync([.. some.Select(h => h.Crawl!)], "test", now));
        }
        _happened.Clear();
    }

    private async Task<List<Scan>> PlanAsync(TimeSpan now)
    {
        store.Time.SetUtcNow(Store.Start + now);
        await RecordAsync(Store.Start + now);
        Assert.NotNull(await Planner.TickAsync(TestContext.Current.CancellationToken));
        var scans = new List<Scan>();
        while (await store.Queue.LeaseAsync(Store.Mine, new LeaseRequest(null, 100, TimeSpan.FromHours(1), "test")) is { Count: > 0 } leased)
            scans.AddRange(leased);
        return scans;
    }
}
