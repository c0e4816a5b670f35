using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>Knows every change when it happens: what no policy can beat at a budget.</summary>
internal sealed class OraclePolicy : ISelectionPolicy
{
    private readonly Trace _trace;
    private readonly double _perTick, _perDay;
    private readonly double[] _changedAt;
    private readonly List<(double At, int Target)> _open = [];
    private double _tokens;
    private int _next;

    public OraclePolicy(Trace trace, double budget)
    {
        _trace = trace;
        (_perDay, _perTick) = (budget * trace.Fleet.Targets, budget * trace.Fleet.Targets * trace.Tick);
        _changedAt = new double[trace.Fleet.Targets];
        Array.Fill(_changedAt, double.NaN);
    }

    public void OnSignal(in Signal signal)
    {
    }

    public void OnEngineUpdate(int engine, TimeSpan at)
    {
    }

    public void OnScan(int target, TimeSpan at, bool changed) => _changedAt[target] = double.NaN;

    // The newest changes first: they have the longest to go until nobody counts them.
    public int Select(TimeSpan now, Span<int> picked)
    {
        _tokens = Math.Min(_tokens + _perTick, Math.Max(1, _perDay));
        for (; _next < _trace.Events.Count && _trace.Events[_next].At <= now.TotalDays; _next++)
        {
            if (_trace.Events[_next] is { Kind: TraceKind.Change } e)
                _changedAt[e.Subject] = e.At;
        }
        _open.Clear();
        for (int target = 0; target < _changedAt.Length; target++)
        {
            if (!double.IsNaN(_changedAt[target]))
                _open.Add((-_changedAt[target], target));
        }
        _open.Sort();
        int count = Math.Min(_open.Count, (int)(_tokens + 1e-9));
        for (int i = 0; i < count; i++)
            picked[i] = _open[i].Target;
        _tokens -= count;
        return count;
    }

    public ScanReason Explain(int target, TimeSpan now) => new() { Rule = "event", DaysSinceScan = 0 };
}

/// <summary>The index, told each target's true rate of drift; signals it still has to learn.</summary>
internal sealed class InformedPolicy(IndexPolicy index, Trace trace) : ISelectionPolicy
{
    private int _next;

    public void OnSignal(in Signal signal) => index.OnSignal(in signal);

    public void OnEngineUpdate(int engine, TimeSpan at) => index.OnEngineUpdate(engine, at);

    public void OnScan(int target, TimeSpan at, bool changed) => index.OnScan(target, at, changed);

    public int Select(TimeSpan now, Span<int> picked)
    {
        for (; _next < trace.Rates.Count && trace.Rates[_next].At <= now.TotalDays; _next++)
            index.TellRate(trace.Rates[_next].Target, trace.Rates[_next].Rate);
        return index.Select(now, picked);
    }

    public ScanReason Explain(int target, TimeSpan now) => index.Explain(target, now);
}
