namespace Weir.Scheduling.Selection;

/// <summary>How much hazard a signal brings, by engine and class and split over the delays; learned from what scans find.</summary>
/// <remarks>An EM step at each scan: a change is credited to the signals before it by their share in what was expected. It keeps signals that mean nothing
/// harmless. The defaults count as forty signals.</remarks>
internal sealed class SignalStrength
{
    private const double StartCount = 40;

    // One surprising change says at most this much.
    private const double CreditMax = 50;
    private const double StrengthMax = 0.6;

    private static readonly int Classes = Enum.GetValues<SignalClass>().Length;

    private static readonly double[][] Default =
    [
        [.04, .08, .08],    // CrawlChanged
        [.003, .003, .004], // CrawlSame
        [.10, 0, 0],        // UserFetch
        [.02, .05, .08],    // Competitor
        [.02, .16, .02],    // EngineUpdate
        [.02, .05, .05],    // Sitemap
        [.05, .05, 0],      // Trending
    ];

    private static readonly int PerEngine = Classes * Belief.Delays;

    private double[] _strength = [], _total = [], _count = [];

    public SignalStrength(int engines)
    {
        for (int engine = 0; engine < engines; engine++)
            AddEngine();
    }

    /// <summary>Adds an engine with the defaults.</summary>
    public void AddEngine()
    {
        int from = _strength.Length, size = from + PerEngine;
        Array.Resize(ref _strength, size);
        Array.Resize(ref _total, size);
        Array.Resize(ref _count, size);
        for (int i = from; i < size; i++)
        {
            _strength[i] = Default[i / Belief.Delays % Classes][i % Belief.Delays];
            _total[i] = StartCount;
            _count[i] = StartCount * _strength[i];
        }
    }

    /// <summary>What an engine's signals have taught: count and total of each class and delay, in order.</summary>
    public double[] Learned(int engine) => [.. _count.AsSpan(engine * PerEngine, PerEngine), .. _total.AsSpan(engine * PerEngine, PerEngine)];

    /// <summary>Takes what <see cref="Learned"/> gave; what is no such thing is passed over, and classes that came later keep their defaults.</summary>
    public void Restore(int engine, ReadOnlySpan<double> learned)
    {
        int known = Math.Min(learned.Length / 2, PerEngine);
        for (int i = 0; i < known; i++)
        {
            double count = learned[i], total = learned[(learned.Length / 2) + i];
            if (!double.IsFinite(count) || !double.IsFinite(total) || count < 0 || total <= 0)
                continue;
            int at = (engine * PerEngine) + i;
            (_count[at], _total[at], _strength[at]) = (count, total, Math.Min(StrengthMax, count / total));
        }
    }

    /// <summary>Hazard over the delays.</summary>
    public ReadOnlySpan<double> Of(int engine, SignalClass signal) => _strength.AsSpan(At(engine, signal), Belief.Delays);

    /// <summary>Takes what a scan found after a signal of some age.</summary>
    /// <param name="engine">The engine asked.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="ageDays">Its age at the scan.</param>
    /// <param name="changed">Whether the scan found a change.</param>
    /// <param name="expected">The chance of that before the scan.</param>
    public void Learn(int engine, SignalClass signal, double ageDays, bool changed, double expected)
    {
        int at = At(engine, signal);
        double credit = changed ? Math.Min(CreditMax, 1 / Math.Max(expected, 1e-12)) : 0;
        for (int k = 0; k < Belief.Delays; k++)
        {
            double arrived = 1 - Math.Exp(-ageDays / Belief.DelayDays[k]);
            _total[at + k] += arrived;
            _count[at + k] += _strength[at + k] * arrived * credit;
            _strength[at + k] = Math.Min(StrengthMax, _count[at + k] / _total[at + k]);
        }
    }

    private static int At(int engine, SignalClass signal) => (engine * Classes + (int)signal) * Belief.Delays;
}
