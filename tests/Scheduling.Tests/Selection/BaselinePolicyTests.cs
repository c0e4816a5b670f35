using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Selection;

public class BaselinePolicyTests
{
    private static Fleet Fleet(int targets, int tenants = 1) => new([.. Enumerable.Range(0, targets).Select(t => t * tenants / targets)], new int[targets]);

    private static Dictionary<int, int> Run(ISelectionPolicy policy, int targets, int days, Func<int, bool> changed)
    {
        var counts = Enumerable.Range(0, targets).ToDictionary(t => t, _ => 0);
        var picked = new int[targets];
        for (int tick = 1; tick <= days * 12; tick++)
        {
            var now = TimeSpan.FromHours(2 * tick);
            int count = policy.Select(now, picked);
            foreach (int target in picked.AsSpan(0, count).ToArray())
            {
                policy.OnScan(target, now, changed(target));
                counts[target]++;
            }
        }
        return counts;
    }

    [Fact]
    public void Every_target_has_its_turn()
    {
        var counts = Run(new UniformPolicy(Fleet(100), 0.1, TimeSpan.FromHours(2)), 100, 50, _ => false);
        Assert.All(counts.Values, c => Assert.InRange(c, 4, 6));
    }

    [Fact]
    public void Volatile_targets_are_scanned_daily_and_stable_ones_monthly()
    {
        var policy = new TierPolicy(Fleet(20), TierScore.ChangedShare, null);
        var counts = Run(policy, 20, 100, target => target < 10);
        Assert.All(counts.Where(c => c.Key < 10), c => Assert.InRange(c.Value, 85, 100));
        Assert.All(counts.Where(c => c.Key >= 10), c => Assert.InRange(c.Value, 3, 6));
        Assert.Equal((100, 0), ((int)policy.ScoreOf(0), (int)policy.ScoreOf(19)));
    }

    [Theory]
    [InlineData(TierScore.ChangedShare)]
    [InlineData(TierScore.WeeklyChance)]
    public void Tiers_keep_to_a_budget(TierScore score)
    {
        var counts = Run(new TierPolicy(Fleet(500), score, 0.2), 500, 100, target => target % 3 == 0);
        Assert.InRange(counts.Values.Sum(), 0.75 * 0.2 * 500 * 100, 0.2 * 500 * 101);
    }

    [Fact]
    public void Events_alone_are_followed()
    {
        var policy = new EventPolicy(Fleet(10), null);
        policy.OnSignal(new Signal(3, SignalClass.Competitor, TimeSpan.FromHours(1)));
        policy.OnSignal(new Signal(4, SignalClass.CrawlChanged, TimeSpan.FromHours(1)));
        var picked = new int[10];
        Assert.Equal(1, policy.Select(TimeSpan.FromHours(2), picked));
        Assert.Equal(3, picked[0]);
        policy.OnEngineUpdate(0, TimeSpan.FromHours(3));
        Assert.Equal(10, policy.Select(TimeSpan.FromHours(4), picked));
        Assert.Equal(0, policy.Select(TimeSpan.FromHours(6), picked));
    }

    [Fact]
    public void A_tenant_whose_sample_changed_is_scanned_whole()
    {
        var counts = Run(new SamplingPolicy(Fleet(200, tenants: 2), null), 200, 30, target => target < 100);
        Assert.All(counts.Where(c => c.Key < 100), c => Assert.InRange(c.Value, 28, 60));
        Assert.InRange(counts.Where(c => c.Key >= 100).Sum(c => c.Value), 290, 310);
    }
}
