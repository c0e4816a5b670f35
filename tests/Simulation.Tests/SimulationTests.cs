using Weir.Scheduling.Selection;

namespace Weir.Simulation.Tests;

public class SimulationTests
{
    private static readonly WorldParameters Small = new() { Brands = 10, Queries = 20, Days = 90, Warmup = 30 };

    [Fact]
    public void The_same_seed_is_the_same_world_and_the_same_result()
    {
        Trace a = World.Make(Small, 7), b = World.Make(Small, 7);
        Assert.Equal(a.Events, b.Events);
        Assert.NotEqual(a.Events, World.Make(Small, 8).Events);
        Measures Run(Trace trace) => SimulationRun.Run(trace, Policies.Make("index", trace, 0.1));
        var (first, second) = (Run(a), Run(b));
        Assert.Equal((first.Found24, first.Freshness, first.Cost, first.Worst10), (second.Found24, second.Freshness, second.Cost, second.Worst10));
    }

    [Fact]
    public void A_world_changes_and_signals_as_often_as_its_parameters_say()
    {
        var trace = World.Make(new WorldParameters { Brands = 40 }, 1);
        double targetDays = trace.Fleet.Targets * trace.Days;
        var changes = trace.Events.Where(e => e.Kind == TraceKind.Change).ToList();
        Assert.InRange(changes.Count / targetDays, 0.08, 0.11);
        Assert.InRange(changes.Count(c => c.Detail == (byte)ChangeCause.Drift) / (double)changes.Count, 0.63, 0.80);
        Assert.InRange(trace.Events.Count(e => e.Kind == TraceKind.Signal) / targetDays, 0.35, 0.5);
    }

    [Fact]
    public void Daily_finds_most_uniform_a_tenth_of_it_and_the_oracle_nearly_all()
    {
        var trace = World.Make(new WorldParameters { Brands = 20 }, 1);
        Measures Run(string policy) => SimulationRun.Run(trace, Policies.Make(policy, trace, 0.1));
        Assert.InRange(Run("daily").Found24, 0.80, 0.89);
        Assert.InRange(Run("daily").Freshness, 0.94, 0.97);
        Assert.InRange(Run("uniform").Found24, 0.07, 0.10);
        Assert.InRange(Run("oracle").Found24, 0.85, 1);
    }

    [Theory]
    [InlineData("base", 0.245, 2.2)]
    [InlineData("calibrated", 0.35, 2.2)]
    public void A_tenth_of_daily_scanning_finds_what_was_promised(string set, double found, double timesUniform)
    {
        var trace = World.Make(WorldParameters.Sets[set], 1);
        Measures Run(string policy) => SimulationRun.Run(trace, Policies.Make(policy, trace, 0.1));
        var (index, uniform, best, without) = (Run("index"), Run("uniform"), Run("seedbest"), Run("index-nosignals"));
        Assert.InRange(index.Found24, found, 1);
        Assert.InRange(index.Found24 / uniform.Found24, timesUniform, 100);
        Assert.InRange(index.Found24 / best.Found24, 1.15, 100);
        Assert.InRange(index.Freshness / best.Freshness, 0.98, 10);
        Assert.InRange(index.Found24 / without.Found24, 1, 10);
        Assert.InRange(index.Cost, 0, 0.1 * 1.03);
        Assert.InRange(index.CostWeekMax, 0, 0.1 * 8 / 7);
        Assert.InRange(without.Cost, 0.1 * 0.98, 0.1 * 1.03); // many targets are worth the same here: the budget is spent nevertheless
    }

    [Fact]
    public void Measures_are_those_of_a_history_that_can_be_counted_by_hand()
    {
        // One target, scanned daily at whole days. Changes: seen after 0.5 d; overwritten before it is seen; seen after 0.75 d.
        var trace = new Trace
        {
            Fleet = new Fleet([0], [0]),
            Days = 10,
            Warmup = 0,
            Tick = 1,
            Events = [Change(1.5), Change(3.25), Change(3.5), Change(6.25)],
        };
        var daily = SimulationRun.Run(trace, new UniformPolicy(trace.Fleet, 1, TimeSpan.FromDays(1)));
        Assert.Equal((4, 0.75, 0.75), (daily.Changes, daily.Found24, daily.FoundAny));
        Assert.Equal(1 - ((0.5 + 0.75 + 0.75) / 10), daily.Freshness, 1e-9);
        Assert.Equal((1, 1), (daily.Cost, daily.GapMaxDays));

        var late = SimulationRun.Run(trace, new UniformPolicy(trace.Fleet, 0.25, TimeSpan.FromDays(1)));
        Assert.Equal((0.25, 0.5), (late.Found24, late.FoundAny)); // scans on days 4 and 8: of 1.5, 3.25 and 3.5 the last is seen, and 6.25 late
    }

    [Fact]
    public void A_policy_never_sees_a_change()
    {
        var quiet = World.Make(Small with { Brands = 3 }, 1);
        var loud = new Trace { Fleet = quiet.Fleet, Days = quiet.Days, Warmup = quiet.Warmup, Tick = quiet.Tick, Events = [.. quiet.Events.Where(e => e.Kind != TraceKind.Change)] };
        var seen = new Recorder(new UniformPolicy(quiet.Fleet, 0.1, TimeSpan.FromDays(quiet.Tick)));
        var alone = new Recorder(new UniformPolicy(quiet.Fleet, 0.1, TimeSpan.FromDays(quiet.Tick)));
        SimulationRun.Run(quiet, seen);
        SimulationRun.Run(loud, alone);
        Assert.Equal(alone.Signals, seen.Signals);
    }

    private static TraceEvent Change(double at) => new(at, 0, (Half)1, TraceKind.Change, 0);

    private sealed class Recorder(ISelectionPolicy inner) : ISelectionPolicy
    {
        public List<Signal> Signals { get; } = [];

        public void OnSignal(in Signal signal) => Signals.Add(signal);

        public void OnEngineUpdate(int engine, TimeSpan at) => inner.OnEngineUpdate(engine, at);

        public void OnScan(int target, TimeSpan at, bool changed) => inner.OnScan(target, at, changed);

        public int Select(TimeSpan now, Span<int> picked) => inner.Select(now, picked);

        public ScanReason Explain(int target, TimeSpan now) => inner.Explain(target, now);
    }
}
