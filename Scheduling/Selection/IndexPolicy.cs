namespace Weir.Scheduling.Selection;

/// <summary>How <see cref="IndexPolicy"/> works.</summary>
public sealed record IndexOptions
{
    /// <summary>Scans a target and day: 1 is daily scanning.</summary>
    public required double Budget { get; init; }

    /// <summary>Time between two calls of <see cref="ISelectionPolicy.Select"/>.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Worth of a target's day of freshness, in changes that are found within a day. 0.01 finds more, 0.05 stays fresher.</summary>
    public double Kappa { get; init; } = 0.02;

    /// <summary>Whether each tenant has its own budget and price; else all share one, which finds more and is less even.</summary>
    public bool IsByTenant { get; init; }

    /// <summary>Whether signals count.</summary>
    public bool HasSignals { get; init; } = true;

    /// <summary>Chance that a scan reports a change that is none.</summary>
    public double Noise { get; init; }
}

/// <summary>Scans what a scan is worth most for: an index of each target from what is believed of it, against a price that keeps to the budget.</summary>
/// <remarks>Select looks at every target; that is the reference which anything cleverer has to agree with.</remarks>
public sealed class IndexPolicy : ISelectionPolicy
{
    private readonly Fleet _fleet;
    private readonly IndexOptions _options;
    private readonly Belief _belief;
    private readonly SignalStrength _strength;
    private readonly ScanBudget[] _budgets;
    private readonly double _longestDays;
    private readonly (double Worth, int Target)[] _candidates;
    private int _day;

    /// <param name="fleet">The targets.</param>
    /// <param name="options">Budget and manner.</param>
    public IndexPolicy(Fleet fleet, IndexOptions options)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        ArgumentNullException.ThrowIfNull(options);
        (_fleet, _options) = (fleet, options);
        _belief = new Belief(fleet);
        _strength = new SignalStrength(fleet.Engines);
        _longestDays = Math.Max(30, 3 / Math.Max(options.Budget, 1e-9));
        _candidates = new (double, int)[fleet.Targets];
        double tick = options.Tick.TotalDays;
        _budgets = options.IsByTenant
            ? [.. Enumerable.Range(0, fleet.Tenants).Select(tenant => fleet.TenantOf.Count(t => t == tenant)).Select(n => new ScanBudget(options.Budget * n, n, tick))]
            : [new ScanBudget(options.Budget * fleet.Targets, fleet.Targets, tick)];
    }

    /// <inheritdoc/>
    public void OnSignal(in Signal signal)
    {
        if (!_options.HasSignals)
            return;
        int engine = _fleet.EngineOf[signal.Target];
        _belief.Add(signal.Target, signal.Class, signal.At.TotalDays, _strength.Of(engine, signal.Class), signal.Weight);
    }

    /// <inheritdoc/>
    public void OnEngineUpdate(int engine, TimeSpan at)
    {
        if (!_options.HasSignals)
            return;
        for (int target = 0; target < _fleet.Targets; target++)
        {
            if (_fleet.EngineOf[target] == engine)
                _belief.Add(target, SignalClass.EngineUpdate, at.TotalDays, _strength.Of(engine, SignalClass.EngineUpdate), 1);
        }
    }

    /// <inheritdoc/>
    public void OnScan(int target, TimeSpan at, bool changed)
    {
        double now = at.TotalDays;
        int engine = _fleet.EngineOf[target];
        _belief.Advance(target, now);
        int signals = _belief.SignalsOf(target);
        if (signals > 0)
        {
            double expected = _belief.ChangeChance(target, now);
            for (int i = 0; i < signals; i++)
            {
                var (signal, signalAt) = _belief.SignalOf(target, i);
                _strength.Learn(engine, signal, Math.Max(0, now - signalAt), changed, expected);
            }
        }
        _belief.Scanned(target, engine, now, changed, _options.Noise);
    }

    /// <inheritdoc/>
    public int Select(TimeSpan now, Span<int> picked)
    {
        double days = now.TotalDays;
        if ((int)days > _day)
        {
            _day = (int)days;
            _belief.LearnPriors(_fleet);
        }
        int found = 0;
        for (int target = 0; target < _fleet.Targets; target++)
        {
            _belief.Advance(target, days);
            double worth = days - _belief.LastScan(target) >= _longestDays ? double.PositiveInfinity : _belief.Worth(target, days, _options.Kappa);
            if (worth >= BudgetOf(target).Price)
                _candidates[found++] = (-worth, target);
        }
        return Take(_candidates.AsSpan(0, found), picked);
    }

    /// <inheritdoc/>
    public ScanReason Explain(int target, TimeSpan now)
    {
        double days = now.TotalDays;
        _belief.Advance(target, days);
        double since = days - _belief.LastScan(target);
        double drift = -Math.Log(Math.Max(1e-300, _belief.Survival(target, since)));
        double hazard = drift + _belief.Arrived(target);
        return new ScanReason
        {
            Rule = since >= _longestDays ? "overdue" : null,
            Index = since >= _longestDays ? double.PositiveInfinity : _belief.Worth(target, days, _options.Kappa),
            Price = BudgetOf(target).Price,
            DaysSinceScan = since,
            ChangeChance = _belief.ChangeChance(target, days),
            Rate = _belief.ExpectedRate(target),
            DriftShare = hazard > 0 ? drift / hazard : 0,
            Signals = SignalsOf(target, days, hazard),
        };
    }

    /// <summary>Fixes a target's rate: for measuring what knowing it would be worth.</summary>
    internal void TellRate(int target, double rate) => _belief.Tell(target, rate);

    private ScanBudget BudgetOf(int target) => _budgets[_options.IsByTenant ? _fleet.TenantOf[target] : 0];

    // The best of those that are worth their price, as far as each budget goes.
    private int Take(Span<(double Worth, int Target)> candidates, Span<int> picked)
    {
        candidates.Sort();
        Span<int> asked = _budgets.Length <= 1024 ? stackalloc int[_budgets.Length] : new int[_budgets.Length];
        Span<int> taken = _budgets.Length <= 1024 ? stackalloc int[_budgets.Length] : new int[_budgets.Length];
        asked.Clear();
        taken.Clear();
        foreach (var budget in _budgets)
            budget.Earn();
        int count = 0;
        foreach (var (_, target) in candidates)
        {
            int of = _options.IsByTenant ? _fleet.TenantOf[target] : 0;
            asked[of]++;
            if (taken[of] >= _budgets[of].Whole)
                continue;
            taken[of]++;
            picked[count++] = target;
        }
        for (int i = 0; i < _budgets.Length; i++)
            _budgets[i].Spend(taken[i], asked[i]);
        return count;
    }

    private List<(SignalClass, double, double)> SignalsOf(int target, double days, double hazard)
    {
        var parts = new List<(SignalClass, double AgeDays, double Share)>();
        for (int i = 0; i < _belief.SignalsOf(target) && hazard > 0; i++)
        {
            var (signal, at) = _belief.SignalOf(target, i);
            double arrived = 0;
            var strength = _strength.Of(_fleet.EngineOf[target], signal);
            for (int k = 0; k < Belief.Delays; k++)
                arrived += strength[k] * (1 - Math.Exp(-Math.Max(0, days - at) / Belief.DelayDays[k]));
            parts.Add((signal, Math.Max(0, days - at), Math.Min(1, arrived / hazard)));
        }
        return [.. parts.OrderByDescending(p => p.Share)];
    }
}
