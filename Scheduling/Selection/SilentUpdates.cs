namespace Weir.Scheduling.Selection;

/// <summary>Notices that an engine was rebuilt though nobody said so: scans find more changes within about a day than was expected of their targets.</summary>
/// <remarks>For each engine the changes found, the sum of their chances and its variance fade with a time constant of a day. What goes beyond four standard deviations is no
/// accident. One update is noticed once in four days, and none is where one was announced. Times are days. Not safe from several threads at a time.</remarks>
internal sealed class SilentUpdates
{
    private const double FadeDays = 1, QuietDays = 4, LearningDays = 10, ScansMin = 40, Deviations = 4;

    // A smaller share is no rebuilt engine, and a larger one says more than so few scans can.
    private const double ShareMin = 0.05, ShareMax = 0.5;

    private readonly List<EngineCount> _engines = [];
    private readonly List<SilentUpdate> _found = [];

    /// <summary>What was noticed, in order.</summary>
    public IReadOnlyList<SilentUpdate> Found => _found;

    /// <summary>Adds an engine.</summary>
    public void AddEngine() => _engines.Add(new EngineCount());

    /// <summary>Since when scans of an engine are known; NaN before the first. While beliefs are young, everything is a surprise.</summary>
    public double Since(int engine) => _engines[engine].Since;

    /// <summary>Takes what an earlier program knew of that.</summary>
    public void Restore(int engine, double since) => _engines[engine].Since = since;

    /// <summary>Somebody said that an engine has changed.</summary>
    public void Announced(int engine, double at) => _engines[engine].Last = Math.Max(_engines[engine].Last, at);

    /// <summary>Takes what a scan found.</summary>
    /// <param name="engine">The engine asked.</param>
    /// <param name="now">When.</param>
    /// <param name="changed">Whether the scan found a change.</param>
    /// <param name="expected">The chance of that before the scan.</param>
    public void Note(int engine, double now, bool changed, double expected)
    {
        var of = _engines[engine];
        if (double.IsNaN(of.Since))
            of.Since = now;
        double stays = Math.Exp(-Math.Max(0, now - of.AsOf) / FadeDays);
        of.AsOf = Math.Max(of.AsOf, now);
        of.Scans = (of.Scans * stays) + 1;
        of.Changes = (of.Changes * stays) + (changed ? 1 : 0);
        of.Expected = (of.Expected * stays) + expected;
        of.Variance = (of.Variance * stays) + (expected * (1 - expected));
        double surplus = of.Changes - of.Expected;
        if (of.Scans <= ScansMin || now - of.Since <= LearningDays || now - of.Last < QuietDays || surplus <= Deviations * Math.Sqrt(of.Variance + 1))
            return;
        of.Last = now;
        _found.Add(new SilentUpdate(engine, now, Math.Clamp(surplus / of.Scans, ShareMin, ShareMax)));
    }

    /// <summary>The last one of an engine; null when none was noticed.</summary>
    public SilentUpdate? LastOf(int engine)
    {
        int at = _found.FindLastIndex(u => u.Engine == engine);
        return at < 0 ? null : _found[at];
    }

    private sealed class EngineCount
    {
        public double Since { get; set; } = double.NaN;
        public double Last { get; set; } = double.NegativeInfinity;
        public double AsOf { get; set; } = double.NegativeInfinity;
        public double Scans { get; set; }
        public double Changes { get; set; }
        public double Expected { get; set; }
        public double Variance { get; set; }
    }
}

/// <summary>An engine was rebuilt, and nobody said so.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="At">When it was noticed, in days.</param>
/// <param name="Share">What part of its answers has changed, as far as scans say.</param>
internal readonly record struct SilentUpdate(int Engine, double At, double Share);
