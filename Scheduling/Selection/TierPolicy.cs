namespace Weir.Scheduling.Selection;

/// <summary>How <see cref="TierPolicy"/> rates a target.</summary>
public enum TierScore
{
    /// <summary>The share of its scans that found a change.</summary>
    ChangedShare,

    /// <summary>The chance of a change within a week, from an estimate of its rate.</summary>
    WeeklyChance,
}

/// <summary>The baseline preset of intervals: a volatility score above 70, 40 or 20 is scanned every 1, 3 or 7 days, any other every 30.</summary>
/// <remarks>Without a budget it costs what it costs. With one, <see cref="TierScore.ChangedShare"/> stretches all intervals by one factor, and
/// <see cref="TierScore.WeeklyChance"/> moves the thresholds together, which is the better reading. A new target has score 25. Signals are not used.</remarks>
public sealed class TierPolicy : ISelectionPolicy
{
    /// <summary>Score of a target that was never scanned.</summary>
    internal const double NewScore = 25;

    // The estimate forgets, or a target that was volatile once would be so for good.
    private const double ForgetDays = 45;

    private static readonly double[] IntervalDays = [1, 3, 7, 30];
    private static readonly double[] Threshold = [70, 40, 20];

    private readonly Fleet _fleet;
    private readonly TierScore _score;
    private readonly double? _perDay;
    private readonly double[] _lastScan, _changes, _scans, _days, _scores;
    private readonly double[] _thresholds = [.. Threshold];
    private readonly List<(double Late, int Target)> _due = [];
    private readonly ScanAllowance _allowance;
    private double _factor = 1;

    /// <param name="fleet">The targets.</param>
    /// <param name="score">How they are rated.</param>
    /// <param name="budget">Scans a target and day; null for the intervals as they are.</param>
    public TierPolicy(Fleet fleet, TierScore score, double? budget)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        (_fleet, _score, _perDay) = (fleet, score, budget * fleet.Targets);
        _allowance = new ScanAllowance(_perDay);
        (_lastScan, _changes, _scans, _days) = (new double[fleet.Targets], new double[fleet.Targets], new double[fleet.Targets], new double[fleet.Targets]);
        _scores = new double[fleet.Targets];
        Array.Fill(_scores, NewScore);
        // Not all at once on the first day their interval is over.
        for (int target = 0; target < fleet.Targets; target++)
            _lastScan[target] = -(target * 0.6180339887498949 % 1 * 7);
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
    public void OnScan(int target, TimeSpan at, bool changed)
    {
        double days = Math.Max(0.01, at.TotalDays - _lastScan[target]);
        double keeps = Math.Exp(-days / ForgetDays);
        _changes[target] = (_changes[target] * keeps) + (changed ? 1 : 0);
        _scans[target] = (_scans[target] * keeps) + 1;
        _days[target] = (_days[target] * keeps) + days;
        _lastScan[target] = at.TotalDays;
        _scores[target] = 100 * (_score == TierScore.ChangedShare ? _changes[target] / _scans[target] : 1 - Math.Exp(-7 * RateOf(target)));
    }

    /// <inheritdoc/>
    public int Select(TimeSpan now, Span<int> picked)
    {
        double days = now.TotalDays;
        _allowance.Earn(days);
        if (_perDay is { } perDay)
            Steer(perDay);
        _due.Clear();
        for (int target = 0; target < _fleet.Targets; target++)
        {
            double late = days - _lastScan[target] - IntervalOf(target);
            if (late >= -1e-9)
                _due.Add((-late, target));
        }
        _due.Sort();
        int count = (int)Math.Min(_due.Count, _allowance.Left + 1e-9);
        for (int i = 0; i < count; i++)
            picked[i] = _due[i].Target;
        _allowance.Spend(count);
        return count;
    }

    /// <inheritdoc/>
    public ScanReason Explain(int target, TimeSpan now) => new() { Rule = "tier", DaysSinceScan = now.TotalDays - _lastScan[target] };

    /// <summary>A target's score, 0 to 100.</summary>
    public double ScoreOf(int target) => _scores[target];

    // Cho and Garcia-Molina, "Estimating Frequency of Change" (ACM TOIT 2003): the estimator that several changes between two visits do not bias.
    private double RateOf(int target)
    {
        double interval = _days[target] / _scans[target];
        return -Math.Log((_scans[target] - _changes[target] + 0.5) / (_scans[target] + 0.5)) / interval;
    }

    private double IntervalOf(int target)
    {
        double days = IntervalOf(_scores[target], _thresholds);
        return _score == TierScore.ChangedShare ? days * _factor : days;
    }

    /// <summary>Days between two scans of a target with a score.</summary>
    internal static double IntervalOf(double score) => IntervalOf(score, Threshold);

    private static double IntervalOf(double score, double[] thresholds) =>
        IntervalDays[score > thresholds[0] ? 0 : score > thresholds[1] ? 1 : score > thresholds[2] ? 2 : 3];

    // The factor at which the intervals cost the budget.
    private void Steer(double perDay)
    {
        double cost = 0;
        for (int target = 0; target < _fleet.Targets; target++)
            cost += 1 / IntervalOf(target);
        double wanted = perDay * (_allowance.Left > 0.3 * perDay ? 1.1 : 1); // what is left over may be spent
        _factor = Math.Clamp(_factor * Math.Exp(0.2 * Math.Clamp((cost - wanted) / wanted, -1, 1)), 1e-3, 1e3);
        // Thresholds move by a factor in the rate that they stand for.
        for (int i = 0; i < Threshold.Length && _score == TierScore.WeeklyChance; i++)
            _thresholds[i] = 100 * (1 - Math.Pow(1 - (Threshold[i] / 100), _factor));
    }
}
