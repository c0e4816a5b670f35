using CsCheck;
using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Selection;

/// <summary>The belief against the formulas it stands for, written out plainly.</summary>
public class BeliefTests
{
    private static readonly double[] Prior = [.22, .18, .18, .15, .12, .08, .05, .02];

    private static Belief New() => new(new Fleet([0], [0]), [Belief.NewPrior()]);

    [Fact]
    public void The_chance_of_a_change_grows_with_the_days_and_the_hazard_that_arrived() => Gen.Select(Gen.Double[0.01, 60], Gen.Double[0, 0.6], Gen.Double[0, 0.6], Gen.Double[0, 0.6]).Sample((days, fast, slow, slowest) =>
    {
        var belief = New();
        belief.Add(0, SignalClass.CrawlChanged, 0, [fast, slow, slowest], 0.5);
        belief.Advance(0, days);

        double arrived = 0.5 * ((fast * (1 - Math.Exp(-days / 0.05))) + (slow * (1 - Math.Exp(-days))) + (slowest * (1 - Math.Exp(-days / 5))));
        double survives = Prior.Zip(Belief.Rate, (w, l) => w * Math.Exp(-l * days)).Sum();
        Assert.Equal(1 - (survives * Math.Exp(-arrived)), belief.ChangeChance(0, days), 1e-7);
        Assert.Equal(arrived, belief.Arrived(0), 1e-7);
    });

    [Fact]
    public void Hazard_arrives_the_same_in_one_step_or_in_many() => Gen.Select(Gen.Double[0.1, 30], Gen.Int[2, 50]).Sample((days, steps) =>
    {
        var (once, often) = (New(), New());
        once.Add(0, SignalClass.UserFetch, 0, [.1, .2, .3], 1);
        often.Add(0, SignalClass.UserFetch, 0, [.1, .2, .3], 1);
        once.Advance(0, days);
        for (int i = 1; i <= steps; i++)
            often.Advance(0, days * i / steps);
        Assert.Equal(once.Arrived(0), often.Arrived(0), 1e-7);
        Assert.Equal(once.Worth(0, days, 0), often.Worth(0, days, 0), 1e-7);
    });

    [Fact]
    public void What_is_recent_is_the_limit_of_small_steps_that_arrive_and_forget() => Gen.Select(Gen.Double[0.05, 6], Gen.Double[0, 0.5], Gen.Double[0, 0.5], Gen.Double[0, 0.5]).Sample((days, fast, slow, slowest) =>
    {
        var belief = New();
        belief.Add(0, SignalClass.CrawlChanged, 0, [fast, slow, slowest], 1);
        belief.Advance(0, days);
        const int Steps = 20_000;
        double step = days / Steps, recent = 0;
        for (int i = 0; i < Steps; i++)
        {
            double Arrives(double mass, double within) => mass * (Math.Exp(-i * step / within) - Math.Exp(-(i + 1) * step / within));
            recent = (recent * Math.Exp(-step)) + Arrives(fast, 0.05) + Arrives(slow, 1) + Arrives(slowest, 5);
        }
        double survives = Prior.Zip(Belief.Rate, (w, l) => w * Math.Exp(-l * Math.Min(days, 1))).Sum();
        double found = 1 - (survives * Math.Exp(-recent));
        if (days < 1)
            found -= days * Math.Exp(-recent) * Prior.Zip(Belief.Rate, (w, l) => w * l * Math.Exp(-l * days)).Sum();
        Assert.Equal(found, belief.Worth(0, days, 0), 1e-3);
    });

    [Fact]
    public void No_later_scan_is_worth_more_than_the_bound() => Gen.Select(Gen.Double[0.01, 5], Gen.Double[0, 40], Gen.Double[0, 0.6], Gen.Double[0, 0.6], Gen.Double[0, 0.6]).Sample((signalAt, later, fast, slow, slowest) =>
    {
        var belief = New();
        belief.Add(0, SignalClass.CrawlChanged, signalAt, [fast, slow, slowest], 1);
        double bound = belief.WorthUntil(0, signalAt + later, 0.02);
        Assert.True(belief.WorthUntil(0, signalAt + (later / 2), 0.02) <= bound + 1e-12);
        belief.Advance(0, signalAt + later);
        Assert.True(belief.Worth(0, signalAt + later, 0.02) <= bound + 1e-9);
    });

    [Fact]
    public void A_scan_is_the_exact_Bayes_step_and_forgets_towards_the_prior() => Gen.Select(Gen.Double[0.1, 60], Gen.Bool, Gen.Double[0, 0.2]).Sample((days, changed, noise) =>
    {
        var belief = New();
        belief.Scanned(0, 0, days, changed, noise);

        var weights = Prior.Zip(Belief.Rate, (w, l) => w * (changed ? 1 - (Math.Exp(-l * days) * (1 - noise)) : Math.Exp(-l * days) * (1 - noise))).ToArray();
        double sum = weights.Sum(), forgotten = 1 - Math.Exp(-days / 45);
        for (int j = 0; j < Belief.Rates; j++)
            Assert.Equal(((1 - forgotten) * weights[j] / sum) + (forgotten * Prior[j]), belief.Weights(0)[j], 1e-6);
        Assert.Equal(1, belief.Weights(0).ToArray().Sum(), 1e-6);
        Assert.Equal((days, 0, 0), (belief.LastScan(0), belief.Arrived(0), belief.SignalsOf(0)));
    });

    [Fact]
    public void A_found_change_takes_the_signals_share_of_what_is_still_to_come()
    {
        var (found, same) = (New(), New());
        foreach (var belief in (Belief[])[found, same])
            belief.Add(0, SignalClass.CrawlChanged, 0, [0, 0, .5], 1);
        found.Scanned(0, 0, 1, changed: true, 0);
        same.Scanned(0, 0, 1, changed: false, 0);
        found.Advance(0, 100);
        same.Advance(0, 100);

        Assert.Equal(.5 * Math.Exp(-0.2), same.Arrived(0), 1e-7);
        Assert.InRange(found.Arrived(0), 0, same.Arrived(0) * 0.9);
    }

    [Fact]
    public void What_a_scan_is_worth_is_the_formula() => Gen.Select(Gen.Double[0.01, 40], Gen.Double[0, 0.5]).Sample((days, hazard) =>
    {
        const double Kappa = 0.02;
        var belief = New();
        belief.Add(0, SignalClass.CrawlChanged, 0, [0, hazard, 0], 1);
        belief.Advance(0, days);

        double Survival(double d) => Prior.Zip(Belief.Rate, (w, l) => w * Math.Exp(-l * d)).Sum();
        double arrived = hazard * (1 - Math.Exp(-days)), recent = hazard * days * Math.Exp(-days); // arrives within a day and is forgotten within a day
        double x = Math.Min(days, 1);
        double found = 1 - (Survival(x) * Math.Exp(-recent));
        if (days < 1)
            found -= x * Math.Exp(-recent) * Prior.Zip(Belief.Rate, (w, l) => w * l * Math.Exp(-l * x)).Sum();
        double fresh = Prior.Zip(Belief.Rate, (w, l) => w * (1 - Math.Exp(-l * days)) / l).Sum() - (days * Survival(days)) + (days * Survival(days) * (1 - Math.Exp(-arrived)) / 2);
        Assert.Equal(found + (Kappa * fresh), belief.Worth(0, days, Kappa), 1e-7);
    });

    [Fact]
    public void Worth_grows_with_the_time_since_the_last_scan() => Gen.Select(Gen.Double[0.05, 60], Gen.Double[0.05, 60]).Sample((a, b) =>
    {
        var belief = New();
        Assert.True(belief.Worth(0, Math.Min(a, b), 0.02) <= belief.Worth(0, Math.Max(a, b), 0.02) + 1e-9);
    });
}
