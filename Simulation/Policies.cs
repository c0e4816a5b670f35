using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>Policies by the names that <c>weir simulate</c> knows.</summary>
public static class Policies
{
    /// <summary>Every name, with what it is.</summary>
    public static IReadOnlyDictionary<string, string> Names { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["daily"] = "every target every day, whatever the budget",
        ["uniform"] = "every target in turn",
        ["seed1"] = "baseline preset: intervals of 1, 3, 7 and 30 days by a volatility score",
        ["seed2"] = "baseline preset: events only",
        ["seed3"] = "baseline preset: a tenth as samples, all when 5 % of them changed",
        ["seedbest"] = "the intervals at their best: a score from an estimated rate, thresholds moved to the budget",
        ["index"] = "Weir's: what a scan is worth, against a price",
        ["index-nosignals"] = "the same without signals",
        ["informed"] = "the same, told each target's true rate (simulated worlds only)",
        ["oracle"] = "told every change when it happens",
        ["recorded"] = "the scans that were made (--history only)",
    };

    /// <summary>Makes one for a trace.</summary>
    /// <param name="name">Of <see cref="Names"/>.</param>
    /// <param name="trace">What it will be run on.</param>
    /// <param name="budget">Scans a target and day; null lets a baseline preset cost what it costs.</param>
    /// <param name="options">Further manner of <c>index</c>; its budget and tick are not read.</param>
    /// <exception cref="SimulationException">There is no such policy, or it needs what this trace has not.</exception>
    public static ISelectionPolicy Make(string name, Trace trace, double? budget, IndexOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var tick = TimeSpan.FromDays(trace.Tick);
        double Needed() => budget ?? throw new SimulationException($"'{name}' needs a budget, such as 0.1 for a tenth of daily scanning.");
        IndexOptions Index() => (options ?? new IndexOptions { Budget = 0 }) with { Budget = Needed(), Tick = tick };
        return name switch
        {
            "daily" => new UniformPolicy(trace.Fleet, 1, tick),
            "uniform" => new UniformPolicy(trace.Fleet, Needed(), tick),
            "seed1" => new TierPolicy(trace.Fleet, TierScore.ChangedShare, budget),
            "seedbest" => new TierPolicy(trace.Fleet, TierScore.WeeklyChance, budget),
            "seed2" => new EventPolicy(trace.Fleet, budget),
            "seed3" => new SamplingPolicy(trace.Fleet, budget),
            "index" => new IndexPolicy(trace.Fleet, Index()),
            "index-nosignals" => new IndexPolicy(trace.Fleet, Index() with { HasSignals = false }),
            "informed" => trace.Rates.Count > 0 ? new InformedPolicy(new IndexPolicy(trace.Fleet, Index()), trace)
                : throw new SimulationException("'informed' needs the true rates, which a recorded trace does not have."),
            "recorded" => trace.Scans.Count > 0 ? new RecordedPolicy(trace)
                : throw new SimulationException("'recorded' needs the scans that were made: give --history."),
            "oracle" => new OraclePolicy(trace, Needed()),
            _ => throw new SimulationException($"There is no policy '{name}'. Known: {string.Join(", ", Names.Keys)}."),
        };
    }
}
