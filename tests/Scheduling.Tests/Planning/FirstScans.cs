using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Planning;

/// <summary>The index as a program uses it that was just told of its targets: what a target's first scan finds can be compared with nothing, and there is half a budget for such scans.</summary>
internal sealed class FirstScans : ISelectionPolicy
{
    private readonly IndexPolicy _policy;

    public FirstScans(IndexPolicy policy, int targets)
    {
        _policy = policy;
        for (int target = 0; target < targets; target++)
            policy.MarkNew(target);
    }

    public void OnSignal(in Signal signal) => _policy.OnSignal(signal);

    public void OnEngineUpdate(int engine, TimeSpan at) => _policy.OnEngineUpdate(engine, at);

    public void OnScan(int target, TimeSpan at, bool changed)
    {
        if (_policy.IsNew(target))
            _policy.OnFirstScan(target, at);
        else
            _policy.OnScan(target, at, changed);
    }

    public int Select(TimeSpan now, Span<int> picked) => _policy.Select(now, picked);

    public ScanReason Explain(int target, TimeSpan now) => _policy.Explain(target, now);
}
