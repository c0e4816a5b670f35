using CsCheck;
using Weir.Scheduling.Selection;
using Weir.Simulation;

namespace Weir.Scheduling.Tests.Selection;

/// <summary>The index by bounds against one that looks at every target at every tick.</summary>
public class IndexAgainstSweepTests
{
    private static readonly double[] Budgets = [0.05, 0.1, 0.2, 0.5, 2];

    private static readonly Gen<(int Seed, double Budget, bool IsByTenant, string Set)> Cases =
        Gen.Select(Gen.Int[1, 10_000], Gen.Int[0, Budgets.Length - 1].Select(i => Budgets[i]), Gen.Bool, Gen.Bool.Select(b => b ? "base" : "calibrated"));

    [Fact]
    public void It_chooses_what_a_sweep_of_all_targets_chooses() => Cases.Sample(
        c =>
        {
            var trace = World.Make(WorldParameters.Sets[c.Set] with { Brands = 4, Queries = 15, Days = 75, BurstDays = 20, PAnnounce = 1 }, c.Seed);
            var options = new IndexOptions { Budget = c.Budget, IsByTenant = c.IsByTenant, Tick = TimeSpan.FromDays(trace.Tick) };
            var (index, sweep) = (new IndexPolicy(trace.Fleet, options), new SweepPolicy(trace.Fleet, options));
            bool[] isStale = new bool[trace.Fleet.Targets];
            int[] picked = new int[trace.Fleet.Targets];
            int next = 0, scans = 0;
            for (int tick = 1; tick * trace.Tick <= trace.Days; tick++)
            {
                var at = TimeSpan.FromDays(tick * trace.Tick);
                double now = at.TotalDays;
                for (; next < trace.Events.Count && trace.Events[next].At <= now; next++)
                    Happen(trace.Events[next], index, sweep, isStale);
                var (wanted, nearness) = sweep.Select(now);
                var chosen = picked.AsSpan(0, index.Select(at, picked)).ToArray();
                if (!wanted.SetEquals(chosen))
                {
                    AssertTie(wanted.Except(chosen).Select(t => nearness[t]), chosen.Except(wanted).Select(t => nearness[t]), tick);
                    return; // from here on the two have scanned differently
                }
                foreach (int target in chosen)
                {
                    index.OnScan(target, at, isStale[target]);
                    sweep.OnScan(target, now, isStale[target]);
                    isStale[target] = false;
                }
                scans += chosen.Length;
            }
            Assert.InRange(scans, 0.8 * Math.Min(1, c.Budget) * 0.5 * trace.Fleet.Targets * trace.Days, c.Budget * trace.Fleet.Targets * (trace.Days + 1));
        },
        iter: 12);

    // Rounding alone may tell them apart: one stands at its price, or two are worth the same where the budget ends.
    private static void AssertTie(IEnumerable<double> wanted, IEnumerable<double> chosen, int tick)
    {
        double[] missing = [.. wanted.Where(n => Math.Abs(n - 1) > 1e-6).Order()], extra = [.. chosen.Where(n => Math.Abs(n - 1) > 1e-6).Order()];
        Assert.True(missing.Length == extra.Length && missing.Zip(extra).All(p => Math.Abs((p.First / p.Second) - 1) < 1e-6),
            $"tick {tick}: wanted {string.Join(", ", missing)}, chosen {string.Join(", ", extra)}, in worth by price");
    }

    private static void Happen(TraceEvent e, IndexPolicy index, SweepPolicy sweep, bool[] isStale)
    {
        var at = TimeSpan.FromDays(e.At);
        switch (e.Kind)
        {
            case TraceKind.Change:
                isStale[e.Subject] = true;
                break;
            case TraceKind.Signal:
                var signal = new Signal(e.Subject, (SignalClass)e.Detail, at, (double)e.Weight);
                index.OnSignal(signal);
                sweep.OnSignal(signal);
                break;
            default:
                index.OnEngineUpdate(e.Subject, at);
                sweep.OnEngineUpdate(e.Subject, at);
                break;
        }
    }
}
