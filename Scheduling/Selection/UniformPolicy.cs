namespace Weir.Scheduling.Selection;

/// <summary>Scans every target in turn, at even intervals: with a budget of 1, daily scanning.</summary>
public sealed class UniformPolicy : ISelectionPolicy
{
    private readonly Fleet _fleet;
    private readonly double _perTick;
    private readonly double[] _lastScan;
    private double _tokens;
    private int _next;

    /// <param name="fleet">The targets.</param>
    /// <param name="budget">Scans a target and day.</param>
    /// <param name="tick">Time between two choices.</param>
    public UniformPolicy(Fleet fleet, double budget, TimeSpan tick)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        _fleet = fleet;
        _perTick = budget * fleet.Targets * tick.TotalDays;
        _lastScan = new double[fleet.Targets];
    }

    /// <inheritdoc/>
    public void OnSignal(in Signal signal)
    {
    }

    /// <inheritdoc/>
    public void OnEngineUpdate(int engine, TimeSpan at)
    {
    }

    /// <inheritdoc/>
    public void OnScan(int target, TimeSpan at, bool changed) => _lastScan[target] = at.TotalDays;

    /// <inheritdoc/>
    public int Select(TimeSpan now, Span<int> picked)
    {
        _tokens = Math.Min(_tokens + _perTick, _fleet.Targets);
        int count = (int)(_tokens + 1e-9);
        for (int i = 0; i < count; i++)
        {
            picked[i] = _next;
            _next = (_next + 1) % _fleet.Targets;
        }
        _tokens -= count;
        return count;
    }

    /// <inheritdoc/>
    public ScanReason Explain(int target, TimeSpan now) => new() { Rule = "turn", DaysSinceScan = now.TotalDays - _lastScan[target] };
}
