namespace Weir.Scheduling.Selection;

/// <summary>The baseline preset of events: a target is scanned when a competitor published or its engine changed, and never else.</summary>
public sealed class EventPolicy : ISelectionPolicy
{
    private readonly Fleet _fleet;
    private readonly ScanAllowance _allowance;
    private readonly bool[] _isWaiting;
    private readonly Queue<int> _waiting = new();
    private readonly double[] _lastScan;

    /// <param name="fleet">The targets.</param>
    /// <param name="budget">Scans a target and day; null for as many as events ask for.</param>
    public EventPolicy(Fleet fleet, double? budget)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        (_fleet, _allowance, _isWaiting, _lastScan) = (fleet, new ScanAllowance(budget * fleet.Targets), new bool[fleet.Targets], new double[fleet.Targets]);
    }

    /// <inheritdoc/>
    public void OnSignal(in Signal signal)
    {
        if (signal.Class == SignalClass.Competitor)
            Ask(signal.Target);
    }

    /// <inheritdoc/>
    public void OnEngineUpdate(int engine, TimeSpan at)
    {
        for (int target = 0; target < _fleet.Targets; target++)
        {
            if (_fleet.EngineOf[target] == engine)
                Ask(target);
        }
    }

    /// <inheritdoc/>
    public void OnScan(int target, TimeSpan at, bool changed) => _lastScan[target] = at.TotalDays;

    /// <inheritdoc/>
    public int Select(TimeSpan now, Span<int> picked)
    {
        _allowance.Earn(now.TotalDays);
        int count = 0;
        while (_allowance.Left >= 1 && _waiting.TryDequeue(out int target))
        {
            _isWaiting[target] = false;
            picked[count++] = target;
            _allowance.Spend(1);
        }
        return count;
    }

    /// <inheritdoc/>
    public ScanReason Explain(int target, TimeSpan now) => new() { Rule = "event", DaysSinceScan = now.TotalDays - _lastScan[target] };

    private void Ask(int target)
    {
        if (_isWaiting[target])
            return;
        _isWaiting[target] = true;
        _waiting.Enqueue(target);
    }
}
