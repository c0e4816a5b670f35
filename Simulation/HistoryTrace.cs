using Weir.Scheduling.Planning;
using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>Makes traces of what a store recorded.</summary>
/// <remarks>A scan says that something changed since the one before, and not when: each trace places the changes anew, at random between the two, so that several
/// traces show how much hangs on it. What came and went between two scans nobody saw, and no trace has it.</remarks>
public static class HistoryTrace
{
    // As in made-up worlds.
    private const double Tick = 1.0 / 12, WarmupMax = 30;

    /// <summary>Days of history below which nothing can be said.</summary>
    public const double DaysMin = 2;

    /// <summary>Makes one.</summary>
    /// <param name="history">What was recorded.</param>
    /// <param name="seed">Of the places of changes.</param>
    /// <exception cref="SimulationException">There is too little of it.</exception>
    public static Trace Make(ScanHistory history, int seed)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Days < DaysMin)
            throw new SimulationException(FormattableString.Invariant($"the history is {history.Days:0.#} days long; {DaysMin} are needed."));
        var random = new Random(seed);
        var events = new List<TraceEvent>(history.Signals.Count + history.Scans.Count);
        double[] last = new double[history.EngineOf.Count];
        foreach (var scan in history.Scans)
        {
            if (scan.IsChange)
                events.Add(new TraceEvent(scan.At - (random.NextDouble() * (scan.At - last[scan.Target])), scan.Target, (Half)1, TraceKind.Change, 0));
            last[scan.Target] = scan.At;
        }
        foreach (var signal in history.Signals)
            events.Add(new TraceEvent(signal.At, signal.Target, (Half)signal.Weight, TraceKind.Signal, (byte)signal.Class));
        return new Trace
        {
            Fleet = new Fleet([.. history.BrandOf], [.. history.EngineOf]),
            Days = history.Days,
            Warmup = Math.Min(WarmupMax, history.Days / 4),
            Tick = Tick,
            Events = [.. events.OrderBy(e => e.At).ThenBy(e => e.Kind).ThenBy(e => e.Subject)],
            Scans = [.. history.Scans.Select(s => (s.At, s.Target))],
        };
    }
}

/// <summary>Scans what was scanned.</summary>
internal sealed class RecordedPolicy(Trace trace) : ISelectionPolicy
{
    private readonly HashSet<int> _now = [];
    private int _next;

    public void OnSignal(in Signal signal)
    {
    }

    public void OnEngineUpdate(int engine, TimeSpan at)
    {
    }

    public void OnScan(int target, TimeSpan at, bool changed)
    {
    }

    public int Select(TimeSpan now, Span<int> picked)
    {
        _now.Clear();
        int count = 0;
        for (; _next < trace.Scans.Count && trace.Scans[_next].At <= now.TotalDays; _next++)
        {
            if (_now.Add(trace.Scans[_next].Target))
                picked[count++] = trace.Scans[_next].Target;
        }
        return count;
    }

    public ScanReason Explain(int target, TimeSpan now) => new() { Rule = "event" };
}
