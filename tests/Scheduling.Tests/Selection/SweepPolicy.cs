using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Selection;

/// <summary>What <see cref="IndexPolicy"/> has to agree with: looks at every target at every tick. Its scans and signals are told as to any policy.</summary>
internal sealed class SweepPolicy
{
    private readonly Fleet _fleet;
    private readonly IndexOptions _options;
    private readonly Learning _learning;
    private readonly Belief _belief;
    private readonly ScanBudget[] _budgets;
    private readonly double _longest;
    private int _day;

    public SweepPolicy(Fleet fleet, IndexOptions options)
    {
        (_fleet, _options, _learning) = (fleet, options, new Learning(fleet.Engines));
        _belief = new Belief(fleet, _learning.PriorOf);
        _longest = Math.Max(30, 3 / options.Budget);
        _budgets = options.IsByTenant
            ? [.. Enumerable.Range(0, fleet.Tenants).Select(tenant => fleet.TenantOf.Count(t => t == tenant)).Select(n => new ScanBudget(options.Budget * n, n))]
            : [new ScanBudget(options.Budget * fleet.Targets, fleet.Targets)];
    }

    public void OnSignal(Signal signal) => _belief.Add(
        signal.Target, signal.Class, signal.At.TotalDays, _learning.Strength.Of(_fleet.EngineOf[signal.Target], signal.Class), signal.Weight);

    public void OnEngineUpdate(int engine, TimeSpan at)
    {
        for (int target = 0; target < _fleet.Targets; target++)
        {
            if (_fleet.EngineOf[target] == engine)
                OnSignal(new Signal(target, SignalClass.EngineUpdate, at));
        }
    }

    public void OnScan(int target, double now, bool changed)
    {
        _belief.Advance(target, now);
        double expected = _belief.ChangeChance(target, now);
        for (int i = 0; i < _belief.SignalsOf(target); i++)
        {
            var (signal, at) = _belief.SignalOf(target, i);
            _learning.Strength.Learn(_fleet.EngineOf[target], signal, Math.Max(0, now - at), changed, expected);
        }
        _belief.Scanned(target, _fleet.EngineOf[target], now, changed, 0);
    }

    /// <summary>What to scan, and how near to its price each target is: worth / price.</summary>
    public (HashSet<int> Picked, Dictionary<int, double> Nearness) Select(double now)
    {
        if ((int)now > _day)
        {
            _day = (int)now;
            var (sums, counts) = (new double[_fleet.Engines * Belief.Rates], new int[_fleet.Engines]);
            _belief.SumWeights(_fleet, _fleet.Targets, sums, counts);
            _learning.LearnPriors(sums, counts);
        }
        var (picked, nearness) = (new HashSet<int>(), new Dictionary<int, double>());
        var candidates = new List<(double, int)>();
        for (int target = 0; target < _fleet.Targets; target++)
        {
            _belief.Advance(target, now);
            double worth = now - _belief.LastScan(target) >= _longest ? double.PositiveInfinity : _belief.Worth(target, now, _options.Kappa);
            nearness[target] = worth / _budgets[Number(target)].Price;
            if (nearness[target] >= 1)
                candidates.Add((-worth, target));
        }
        candidates.Sort();
        var (asked, taken) = (new int[_budgets.Length], new int[_budgets.Length]);
        foreach (var budget in _budgets)
            budget.Earn(now);
        foreach (var (_, target) in candidates)
        {
            int of = Number(target);
            asked[of]++;
            if (taken[of] < _budgets[of].Whole && ++taken[of] > 0)
                picked.Add(target);
        }
        for (int i = 0; i < _budgets.Length; i++)
            _budgets[i].Spend(taken[i], asked[i], now);
        return (picked, nearness);
    }

    private int Number(int target) => _options.IsByTenant ? _fleet.TenantOf[target] : 0;
}
