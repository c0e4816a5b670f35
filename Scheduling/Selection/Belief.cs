using System.Runtime.Intrinsics;

namespace Weir.Scheduling.Selection;

/// <summary>What is believed of each target: how often it changes, and what signals say may have changed it since its last scan.</summary>
/// <remarks>
/// Changes are taken for a Poisson process whose rate is one of eight; the weights of the rates are the exact Bayes filter of scans that only say
/// whether something changed. Signals add hazard that arrives over three delays. 109 bytes a target. Times are days.
/// </remarks>
internal sealed partial class Belief
{
    /// <summary>Classes of rate, and of delay.</summary>
    public const int Rates = 8, Delays = 3;

    /// <summary>Signals that are remembered of a target between two scans: the first ones.</summary>
    public const int SignalsMax = 4;

    // The weights forget with this time constant: what changed daily last year may be still.
    private const double ForgetDays = 45;

    /// <summary>Changes a day of each class.</summary>
    public static readonly double[] Rate = [0.001, 0.005, 0.015, 0.04, 0.1, 0.22, 0.45, 0.9];

    /// <summary>Days of each class of delay.</summary>
    public static readonly double[] DelayDays = [0.05, 1, 5];

    private static readonly double[] Prior = [.22, .18, .18, .15, .12, .08, .05, .02];
    private static readonly Vector512<double> MinusRate = -Vector512.Create(Rate);
    private static readonly Vector512<double> OneOverRate = Vector512<double>.One / Vector512.Create(Rate);
    private static readonly Vector512<double> AfterOneDay = Vector512.Exp(MinusRate);

    private readonly float[] _weights;    // eight of each target; nothing rests on their seventh digit
    private readonly double[] _pending;   // three of each target: hazard that has not arrived yet
    private readonly double[] _arrived;   // hazard that has, since the last scan
    private readonly double[] _recent;    // the same, forgetting within a day
    private readonly double[] _lastScan;
    private readonly double[] _asOf;
    private readonly byte[] _signals;
    private readonly SignalClass[] _signalClass;
    private readonly float[] _signalAt;
    private readonly IReadOnlyList<double[]> _priorOf; // of each engine
    private bool[]? _isTold;

    /// <param name="fleet">The targets.</param>
    /// <param name="priorOf">What is believed of a target of each engine before its first scan; shared, and read at every scan.</param>
    public Belief(Fleet fleet, IReadOnlyList<double[]> priorOf)
    {
        int n = fleet.Targets;
        _weights = new float[n * Rates];
        _pending = new double[n * Delays];
        (_arrived, _recent, _lastScan, _asOf) = (new double[n], new double[n], new double[n], new double[n]);
        (_signals, _signalClass, _signalAt) = (new byte[n], new SignalClass[n * SignalsMax], new float[n * SignalsMax]);
        _priorOf = priorOf;
        for (int i = 0; i < n; i++)
            Put(i, Vector512.Create(priorOf[fleet.EngineOf[i]]));
    }

    /// <summary>What is believed of a target before anything is known of its engine.</summary>
    public static double[] NewPrior() => (double[])Prior.Clone();

    /// <summary>Chance of a change within a week, of itself, 0 to 100.</summary>
    public double VolatilityScore(int target) => Math.Clamp(100 * (1 - Survival(target, 7)), 0, 100);

    /// <summary>Forgets a target: its place is another's from now on, or nobody's.</summary>
    public void Reset(int target, int engine)
    {
        Put(target, Vector512.Create(_priorOf[engine]));
        _pending.AsSpan(target * Delays, Delays).Clear();
        (_arrived[target], _recent[target], _lastScan[target], _asOf[target], _signals[target]) = (0, 0, 0, 0, 0);
    }

    /// <summary>A scan that nothing can be compared with: from here on changes are counted. Hazard that is still to come stays.</summary>
    public void Begin(int target, double now)
    {
        Advance(target, now);
        (_arrived[target], _recent[target], _lastScan[target], _signals[target]) = (0, 0, now, 0);
        _asOf[target] = Math.Max(_asOf[target], now);
    }

    /// <summary>When the target was last scanned.</summary>
    public double LastScan(int target) => _lastScan[target];

    /// <summary>Until when its signals' hazard has arrived.</summary>
    public double AsOf(int target) => _asOf[target];

    /// <summary>Hazard that signals have brought since the last scan.</summary>
    public double Arrived(int target) => _arrived[target];

    /// <summary>Weights of the rates.</summary>
    public ReadOnlySpan<float> Weights(int target) => _weights.AsSpan(target * Rates, Rates);

    /// <summary>Signals since the last scan that are remembered.</summary>
    public int SignalsOf(int target) => _signals[target];

    /// <summary>One of them.</summary>
    public (SignalClass Class, double At) SignalOf(int target, int number) => (_signalClass[target * SignalsMax + number], _signalAt[target * SignalsMax + number]);

    /// <summary>Lets signals' hazard arrive until a time.</summary>
    public void Advance(int target, double now)
    {
        double days = now - _asOf[target];
        if (days <= 0)
            return;
        _asOf[target] = now;
        double arrives = 0, fades = Math.Exp(-days), recent = _recent[target] * fades;
        var pending = _pending.AsSpan(target * Delays, Delays);
        for (int k = 0; k < Delays; k++)
        {
            if (pending[k] == 0)
                continue;
            double stays = Math.Exp(-days / DelayDays[k]);
            arrives += pending[k] * (1 - stays);
            recent += pending[k] * StillRecent(k, days, stays, fades);
            pending[k] = pending[k] * stays is var left and > 1e-9 ? left : 0;
        }
        _arrived[target] += arrives;
        _recent[target] = recent > 1e-9 ? recent : 0;
    }

    // What of a hazard that arrives with delay class k from day 0 on is not forgotten after some days, when it is forgotten within a day of its
    // arrival: the integral, so that it does not matter how often anybody looks.
    private static double StillRecent(int k, double days, double stays, double fades) =>
        DelayDays[k] == 1 ? days * fades : (stays - fades) / (DelayDays[k] - 1);

    /// <summary>Adds a signal's hazard, split over the delays.</summary>
    public void Add(int target, SignalClass signal, double now, ReadOnlySpan<double> hazard, double weight)
    {
        Advance(target, now);
        for (int k = 0; k < Delays; k++)
            _pending[target * Delays + k] += hazard[k] * weight;
        if (_signals[target] == SignalsMax)
            return;
        int at = target * SignalsMax + _signals[target]++;
        (_signalClass[at], _signalAt[at]) = (signal, (float)now);
    }

    /// <summary>Takes for likely that something has changed lately, though no signal said so: half of it has arrived, the rest comes within a day.</summary>
    public void Suspect(int target, double now, double hazard)
    {
        Advance(target, now);
        _pending[target * Delays + 1] += hazard;
        (_arrived[target], _recent[target]) = (_arrived[target] + (hazard / 2), _recent[target] + (hazard / 2));
    }

    /// <summary>Chance that a target has not changed of itself in so many days.</summary>
    public double Survival(int target, double days) =>
        Vector512.Sum(WeightsOf(target) * Vector512.Exp(MinusRate * days));

    /// <summary>Expected changes a day, without signals.</summary>
    public double ExpectedRate(int target) => -Vector512.Sum(WeightsOf(target) * MinusRate);

    /// <summary>Chance that a target has changed since its last scan. <see cref="Advance"/> first.</summary>
    public double ChangeChance(int target, double now) => 1 - (Survival(target, now - _lastScan[target]) * Math.Exp(-_arrived[target]));

    /// <summary>Takes what a scan found.</summary>
    /// <param name="target">The target.</param>
    /// <param name="engine">Its engine.</param>
    /// <param name="now">When.</param>
    /// <param name="changed">Whether it had changed.</param>
    /// <param name="noise">Chance that a scan reports a change that is none.</param>
    public void Scanned(int target, int engine, double now, bool changed, double noise)
    {
        Advance(target, now);
        double days = now - _lastScan[target];
        double arrived = _arrived[target];
        var weights = WeightsOf(target);
        var survives = Vector512.Exp(MinusRate * days);
        var same = survives * (Math.Exp(-arrived) * (1 - noise));
        if (changed)
        {
            double drift = -Math.Log(Math.Max(1e-300, Vector512.Sum(weights * survives)));
            double spent = arrived <= 0 ? 0 : arrived / (arrived + drift);
            for (int k = 0; k < Delays; k++)
                _pending[target * Delays + k] *= 1 - spent;
            weights *= Vector512<double>.One - same;
        }
        else
        {
            weights *= same;
        }
        double sum = Vector512.Sum(weights);
        var prior = Vector512.Create(_priorOf[engine]);
        double forgotten = 1 - Math.Exp(-days / ForgetDays);
        weights = sum > 1e-300 ? (weights * ((1 - forgotten) / sum)) + (prior * forgotten) : prior;
        if (_isTold is null || !_isTold[target])
            Put(target, weights);
        (_arrived[target], _recent[target], _lastScan[target], _signals[target]) = (0, 0, now, 0);
    }

    /// <summary>Fixes a target's rate.</summary>
    public void Tell(int target, double rate)
    {
        _isTold ??= new bool[_asOf.Length];
        _isTold[target] = true;
        var weights = _weights.AsSpan(target * Rates, Rates);
        weights.Clear();
        int above = Array.FindIndex(Rate, r => r >= rate);
        if (above <= 0)
        {
            weights[above == 0 ? 0 : Rates - 1] = 1;
            return;
        }
        weights[above] = (float)((rate - Rate[above - 1]) / (Rate[above] - Rate[above - 1]));
        weights[above - 1] = 1 - weights[above];
    }

    /// <summary>Adds up the weights of each engine's targets, from which its prior is learned.</summary>
    /// <param name="fleet">The targets.</param>
    /// <param name="targets">So many of them, the first ones.</param>
    /// <param name="sums">Eight of each engine.</param>
    /// <param name="counts">Targets of each engine.</param>
    public void SumWeights(Fleet fleet, int targets, Span<double> sums, Span<int> counts)
    {
        for (int target = 0; target < targets; target++)
        {
            int engine = fleet.EngineOf[target];
            counts[engine]++;
            for (int j = 0; j < Rates; j++)
                sums[engine * Rates + j] += _weights[target * Rates + j];
        }
    }

    /// <summary>What a scan now is worth: changes found within a day of theirs, and, by <paramref name="kappa"/>, days of freshness gained. <see cref="Advance"/> first.</summary>
    /// <remarks>Both parts have the form r(τ) - τ r'(τ) of the Whittle index of a reward r for a scan after τ days.</remarks>
    public double Worth(int target, double now, double kappa) => Worth(target, now - _lastScan[target], _recent[target], _arrived[target], kappa);

    /// <summary>No scan until a time is worth more than this, if nothing happens until then. <see cref="Advance"/> first.</summary>
    /// <remarks>Rises with the time, unlike the worth itself, which falls when a signal's hazard is over: all of it is taken to come and none to be forgotten.</remarks>
    public double WorthUntil(int target, double until, double kappa)
    {
        double days = until - _asOf[target], arrives = 0;
        var pending = _pending.AsSpan(target * Delays, Delays);
        for (int k = 0; k < Delays; k++)
        {
            if (pending[k] > 0)
                arrives += pending[k] * (1 - Math.Exp(-days / DelayDays[k]));
        }
        return Worth(target, until - _lastScan[target], _recent[target] + arrives, _arrived[target] + arrives, kappa);
    }

    private double Worth(int target, double days, double recently, double arrived, double kappa)
    {
        if (days <= 0)
            return 0;
        var weights = WeightsOf(target);
        var after = Vector512.Exp(MinusRate * days);
        double survives = Vector512.Sum(weights * after);
        double recent = recently > 0 ? Math.Exp(-recently) : 1;
        double found = days < 1
            ? 1 - (survives * recent) + (days * recent * Vector512.Sum(weights * after * MinusRate))
            : 1 - (Vector512.Sum(weights * AfterOneDay) * recent);
        double fresh = Vector512.Sum(weights * (Vector512<double>.One - after) * OneOverRate) - (days * survives);
        if (arrived > 0)
            fresh += days * survives * (1 - Math.Exp(-arrived)) / 2;
        return found + (kappa * fresh);
    }

    private Vector512<double> WeightsOf(int target)
    {
        var weights = Vector256.LoadUnsafe(ref _weights[target * Rates]);
        return Vector512.Create(Vector256.WidenLower(weights), Vector256.WidenUpper(weights));
    }

    private void Put(int target, Vector512<double> weights) => Vector256.Narrow(weights.GetLower(), weights.GetUpper()).CopyTo(_weights, target * Rates);
}
