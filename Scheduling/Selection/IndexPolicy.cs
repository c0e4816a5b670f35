namespace Weir.Scheduling.Selection;

/// <summary>Scans what a scan is worth most for: an index of each target from what is believed of it, against a price that keeps to the budget.</summary>
/// <remarks>A target is looked at when its index may have reached the price at the earliest, by a bound that a signal or a scan sets anew: so a choice costs what is
/// near its price and not what is watched. It chooses as one that looks at every target at every tick would. What it picks it leaves alone until
/// <see cref="OnScan"/> or <see cref="Release"/>.</remarks>
public sealed partial class IndexPolicy : ISelectionPolicy
{
    // Bounds are made for a price this much lower than the present one, and are made anew when it falls below that.
    private const double PriceBand = 0.9;

    // A bound may be early by this share of the time until it: looking once more costs as much as bisecting further.
    private const double BoundSlack = 0.1;

    private readonly Fleet _fleet;
    private IndexOptions _options;
    private readonly Learning _learning;
    private readonly Belief _belief;
    private readonly DueHeap _heap;
    private readonly ScanBudget[] _budgets;
    private readonly double[] _boundPrice;   // of each budget: the highest price that a bound in the heap was made for
    private readonly bool _isAlone;
    private readonly List<(double Worth, int Target)> _candidates = [];
    private readonly List<int> _early = [];
    private readonly int[] _asked, _taken;
    private readonly bool[] _isHeld, _isNew, _isUnknown;
    private double _longestDays;
    private int _day, _updates;

    /// <param name="fleet">The targets.</param>
    /// <param name="options">Budget and manner.</param>
    public IndexPolicy(Fleet fleet, IndexOptions options)
        : this(fleet, options, new Learning((fleet ?? throw new ArgumentNullException(nameof(fleet))).Engines), 0, fleet.Targets) => _isAlone = true;

    /// <summary>One of several that learn together; whoever owns what they learn moves its priors. The first places of the fleet are taken, the others wait for <see cref="Join"/>.</summary>
    internal IndexPolicy(Fleet fleet, IndexOptions options, Learning learning, double now, int taken)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_fleet, _options, _learning, _updates) = (fleet, options, learning, learning.Updates.Found.Count);
        _belief = new Belief(fleet, learning.PriorOf);
        _heap = new DueHeap(fleet.Targets);
        (_isHeld, _isNew, _isUnknown) = (new bool[fleet.Targets], new bool[fleet.Targets], new bool[fleet.Targets]);
        _budgets = options.IsByTenant
            ? [.. Enumerable.Range(0, fleet.Tenants).Select(tenant => fleet.TenantOf.Count(t => t == tenant)).Select(n => new ScanBudget(options.Budget * n, n, now))]
            : [new ScanBudget(options.Budget * taken, taken, now)];
        (_boundPrice, _asked, _taken) = (new double[_budgets.Length], new int[_budgets.Length], new int[_budgets.Length]);
        _longestDays = LongestDays(options);
        for (int target = 0; target < taken; target++)
            _heap.Set(target, now);
        _isHeld.AsSpan(taken).Fill(true);
    }

    /// <summary>A target takes a place that nobody has; the caller says what is known of it, and calls <see cref="Place(int)"/>.</summary>
    internal void Join(int target)
    {
        _belief.Reset(target, _fleet.EngineOf[target]);
        _isHeld[target] = false;
    }

    /// <summary>A target leaves its place.</summary>
    internal void Leave(int target)
    {
        Hold(target);
        (_isNew[target], _isUnknown[target]) = (false, false);
        _belief.Reset(target, _fleet.EngineOf[target]);
    }

    /// <summary>Goes on with another budget and other costs, after targets joined or left.</summary>
    /// <param name="options">As they are now; its budget is one of all targets.</param>
    /// <param name="targets">How many targets there are.</param>
    internal void Adjust(IndexOptions options, int targets)
    {
        (_options, _longestDays) = (options, LongestDays(options));
        Budget.PerDay = options.Budget * targets;
    }

    /// <summary>What is believed of the targets.</summary>
    internal Belief Belief => _belief;

    /// <summary>The budget of all targets, where they share one.</summary>
    internal ScanBudget Budget => _budgets[0];

    /// <inheritdoc/>
    public void OnSignal(in Signal signal)
    {
        if (_options.HasSignals)
            Add(signal.Target, signal.Class, signal.At.TotalDays, signal.Weight);
    }

    /// <inheritdoc/>
    public void OnEngineUpdate(int engine, TimeSpan at)
    {
        if (!_options.HasSignals)
            return;
        for (int target = 0; target < _fleet.Targets; target++)
        {
            if (_fleet.EngineOf[target] == engine)
                Add(target, SignalClass.EngineUpdate, at.TotalDays, 1);
        }
    }

    /// <inheritdoc/>
    public void OnScan(int target, TimeSpan at, bool changed)
    {
        double now = at.TotalDays;
        int engine = _fleet.EngineOf[target];
        _belief.Advance(target, now);
        double expected = _belief.ChangeChance(target, now);
        for (int i = 0; i < _belief.SignalsOf(target); i++)
        {
            var (signal, signalAt) = _belief.SignalOf(target, i);
            _learning.Strength.Learn(engine, signal, Math.Max(0, now - signalAt), changed, expected);
        }
        if (!_isUnknown[target])
            _learning.Updates.Note(engine, now, changed, expected + ((1 - expected) * _options.Noise));
        _belief.Scanned(target, engine, now, changed, _options.Noise);
        (_isHeld[target], _isNew[target], _isUnknown[target]) = (false, false, false);
        Place(target, now);
    }

    /// <summary>A target's first scan, or one that nothing can be compared with.</summary>
    internal void OnFirstScan(int target, TimeSpan at)
    {
        _belief.Begin(target, at.TotalDays);
        (_isHeld[target], _isNew[target], _isUnknown[target]) = (false, false, false);
        Place(target, at.TotalDays);
    }

    /// <inheritdoc/>
    public int Select(TimeSpan now, Span<int> picked)
    {
        double days = now.TotalDays;
        if (_isAlone && (int)days > _day)
        {
            _day = (int)days;
            LearnPriors();
        }
        for (; _updates < _learning.Updates.Found.Count; _updates++)
            Suspect(_learning.Updates.Found[_updates], days);
        for (int budget = 0; budget < _budgets.Length; budget++)
        {
            if (_budgets[budget].Price < _boundPrice[budget])
                PlaceAll(budget, days);
        }
        _candidates.Clear();
        _early.Clear();
        while (_heap.Earliest <= days)
        {
            int target = _heap.Pop();
            _belief.Advance(target, days);
            double worth = WorthOf(target, days);
            if (worth >= BudgetOf(target).Price)
                _candidates.Add((-worth, target));
            else
                _early.Add(target);
        }
        int count = Take(days, picked);
        foreach (int target in _early)
            Place(target, days);
        return count;
    }

    /// <summary>Says that a target was never scanned: it gets a first scan soon, of half the budget at most while others are worth theirs.</summary>
    internal void MarkNew(int target) => _isNew[target] = true;

    /// <summary>Whether a target was never scanned.</summary>
    internal bool IsNew(int target) => _isNew[target];

    /// <summary>Says that what was believed of a target is lost: until its next scan it goes by the tier of a new one.</summary>
    internal void MarkUnknown(int target) => _isUnknown[target] = true;

    /// <summary>Whether what was believed of a target is lost.</summary>
    internal bool IsUnknown(int target) => _isUnknown[target];

    /// <summary>Leaves a target alone until <see cref="OnScan"/> or <see cref="Release"/>.</summary>
    internal void Hold(int target)
    {
        _isHeld[target] = true;
        _heap.Remove(target);
    }

    /// <summary>A target's scan came to nothing: it may be picked again from a time on.</summary>
    internal void Release(int target, TimeSpan from)
    {
        _isHeld[target] = false;
        _heap.Set(target, from.TotalDays);
    }

    /// <summary>Whether a target has been picked or held, and not been scanned since.</summary>
    internal bool IsHeld(int target) => _isHeld[target];

    /// <summary>When its index may reach the price at the earliest, in days; NaN while it is held.</summary>
    internal double LookAt(int target) => _heap.DueOf(target);

    /// <summary>Looks at a target anew, after its belief was taken from elsewhere.</summary>
    internal void Place(int target) => Place(target, _belief.AsOf(target));

    /// <summary>Fixes a target's rate: for measuring what knowing it would be worth.</summary>
    internal void TellRate(int target, double rate)
    {
        _belief.Tell(target, rate);
        if (!_isHeld[target])
            Place(target, _belief.AsOf(target));
    }

    private ScanBudget BudgetOf(int target) => _budgets[BudgetNumber(target)];

    private int BudgetNumber(int target) => _options.IsByTenant ? _fleet.TenantOf[target] : 0;

    private double CostOf(int target) => _options.CostOf is { } costs ? costs[_fleet.EngineOf[target]] : 1;

    private void Add(int target, SignalClass signal, double now, double weight)
    {
        _belief.Add(target, signal, now, _learning.Strength.Of(_fleet.EngineOf[target], signal), weight);
        if (signal == SignalClass.EngineUpdate)
            _learning.Updates.Announced(_fleet.EngineOf[target], now);
        Place(target, _belief.AsOf(target));
    }

    private void Suspect(SilentUpdate update, double now)
    {
        if (!_options.HasSignals)
            return;
        for (int target = 0; target < _fleet.Targets; target++)
        {
            if (_fleet.EngineOf[target] != update.Engine || _belief.LastScan(target) >= now)
                continue;
            _belief.Suspect(target, now, update.Share);
            Place(target, now);
        }
    }

    private double WorthOf(int target, double now) => _isNew[target] || now - _belief.LastScan(target) >= LongestOf(target)
        ? double.PositiveInfinity : _isUnknown[target] ? 0 : _belief.Worth(target, now, _options.Kappa) / CostOf(target);

    private double LongestOf(int target) => _isUnknown[target] ? TierPolicy.IntervalOf(TierPolicy.NewScore) : _longestDays;

    private static double LongestDays(IndexOptions options) => Math.Max(30, 3 / Math.Max(options.Budget, 1e-9));

    private void LearnPriors()
    {
        Span<double> sums = new double[_fleet.Engines * Belief.Rates];
        Span<int> counts = new int[_fleet.Engines];
        _belief.SumWeights(_fleet, _fleet.Targets, sums, counts);
        _learning.LearnPriors(sums, counts);
    }

    private void PlaceAll(int budget, double now)
    {
        _boundPrice[budget] = 0;
        for (int target = 0; target < _fleet.Targets; target++)
        {
            if (_isHeld[target] || BudgetNumber(target) != budget || _heap.DueOf(target) <= now)
                continue;
            _belief.Advance(target, now);
            Place(target, now);
        }
    }

    // When to look at a target again. The bound rises with time, so the last time found at which it is below the price is safe.
    private void Place(int target, double now)
    {
        if (_isHeld[target])
            return;
        int budget = BudgetNumber(target);
        double price = _budgets[budget].Price * PriceBand, latest = _belief.LastScan(target) + LongestOf(target);
        _boundPrice[budget] = Math.Max(_boundPrice[budget], price);
        price *= CostOf(target);
        if (_isNew[target] || latest <= now || (!_isUnknown[target] && _belief.WorthUntil(target, now + (_options.Tick.TotalDays / 2), _options.Kappa) >= price))
        {
            _heap.Set(target, now);
            return;
        }
        double low = 0, high = latest - now;
        if (_isUnknown[target] || _belief.WorthUntil(target, latest, _options.Kappa) < price)
            low = high;
        while (high - low > Math.Max(_options.Tick.TotalDays / 2, BoundSlack * low))
        {
            double middle = (low + high) / 2;
            if (_belief.WorthUntil(target, now + middle, _options.Kappa) >= price)
                high = middle;
            else
                low = middle;
        }
        _heap.Set(target, now + low);
    }

    // The best of those that are worth their price, as far as each budget goes. What is left over is looked at again at the next tick.
    private int Take(double now, Span<int> picked)
    {
        _candidates.Sort();
        _asked.AsSpan().Clear();
        _taken.AsSpan().Clear();
        foreach (var budget in _budgets)
            budget.Earn(now);
        int count = TakeSome(picked, 0, isSharing: true);
        count = TakeSome(picked, count, isSharing: false);
        for (int i = 0; i < _budgets.Length; i++)
            _budgets[i].Spend(_taken[i], _asked[i], now);
        return count;
    }

    // First scans leave half of what may be spent to the others, where these want it.
    private int TakeSome(Span<int> picked, int count, bool isSharing)
    {
        foreach (var (_, target) in _candidates)
        {
            if (_isHeld[target])
                continue;
            int of = BudgetNumber(target), may = _budgets[of].Whole;
            if (isSharing)
                _asked[of]++;
            if (_taken[of] >= (isSharing && _isNew[target] ? (may + 1) / 2 : may))
            {
                if (!isSharing)
                    _heap.Set(target, 0);
                continue;
            }
            _taken[of]++;
            _isHeld[target] = true;
            picked[count++] = target;
        }
        return count;
    }
}
