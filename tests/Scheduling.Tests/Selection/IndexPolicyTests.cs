using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Selection;

public class IndexPolicyTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromHours(2);

    private static Fleet Fleet(int targets, int tenants = 1) => new([.. Enumerable.Range(0, targets).Select(t => t * tenants / targets)], new int[targets]);

    private static List<int> Run(ISelectionPolicy policy, int targets, double days, Func<int, double, bool> changed)
    {
        var scans = new List<int>();
        var picked = new int[targets];
        for (double now = Tick.TotalDays; now <= days; now += Tick.TotalDays)
        {
            int count = policy.Select(TimeSpan.FromDays(now), picked);
            foreach (int target in picked.AsSpan(0, count))
            {
                policy.OnScan(target, TimeSpan.FromDays(now), changed(target, now));
                scans.Add(target);
            }
        }
        return scans;
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void It_spends_no_more_than_its_budget_and_one_day_that_was_saved(double budget)
    {
        var scans = Run(new IndexPolicy(Fleet(400), new IndexOptions { Budget = budget }), 400, 60, (target, _) => target % 7 == 0);
        Assert.InRange(scans.Count, 0.8 * budget * 400 * 60, budget * 400 * 61);
    }

    [Fact]
    public void What_changes_is_scanned_more_and_nothing_is_forgotten()
    {
        var scans = Run(new IndexPolicy(Fleet(400), new IndexOptions { Budget = 0.1 }), 400, 120, (target, _) => target < 40);
        var counts = scans.GroupBy(t => t).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(400, counts.Count);
        Assert.True(counts.Where(c => c.Key < 40).Average(c => c.Value) > 4 * counts.Where(c => c.Key >= 40).Average(c => c.Value));
    }

    [Fact]
    public void A_signal_brings_a_target_forward_and_the_reason_names_it()
    {
        var policy = new IndexPolicy(Fleet(1000), new IndexOptions { Budget = 0.1 });
        _ = Run(policy, 1000, 20, (_, _) => false);
        policy.OnSignal(new Signal(123, SignalClass.CrawlChanged, TimeSpan.FromDays(20.01)));
        var picked = new int[1000];
        bool isPicked = false;
        for (double now = 20.1; now < 23 && !isPicked; now += Tick.TotalDays)
        {
            var why = policy.Explain(123, TimeSpan.FromDays(now));
            int count = policy.Select(TimeSpan.FromDays(now), picked);
            isPicked = picked.AsSpan(0, count).Contains(123);
            if (isPicked)
                Assert.Contains("a search crawler fetched a new version of a page", why.ToString(), StringComparison.Ordinal);
            foreach (int target in picked.AsSpan(0, count))
                policy.OnScan(target, TimeSpan.FromDays(now), false);
        }
        Assert.True(isPicked);
    }

    [Fact]
    public void Signals_that_mean_nothing_are_learned_to_mean_nothing()
    {
        var strength = new SignalStrength(1);
        for (int i = 0; i < 2000; i++)
            strength.Learn(0, SignalClass.CrawlChanged, 3, changed: false, 0.2);
        Assert.All(strength.Of(0, SignalClass.CrawlChanged).ToArray(), q => Assert.InRange(q, 0, 0.005));
        Assert.Equal(.10, new SignalStrength(1).Of(0, SignalClass.UserFetch)[0]);
    }

    [Fact]
    public void Budgets_by_tenant_are_kept_apart()
    {
        // The first tenant's answers change all the time: sharing one budget, it would take most of it.
        var scans = Run(new IndexPolicy(Fleet(200, tenants: 2), new IndexOptions { Budget = 0.1, IsByTenant = true }), 200, 60, (target, _) => target < 100);
        int first = scans.Count(t => t < 100), second = scans.Count(t => t >= 100);
        Assert.InRange((double)first / second, 0.8, 1.25);
    }

    [Fact]
    public void The_same_calls_give_the_same_answers() => Assert.Equal(
        Run(new IndexPolicy(Fleet(300), new IndexOptions { Budget = 0.2 }), 300, 40, (target, now) => (target + (int)now) % 5 == 0),
        Run(new IndexPolicy(Fleet(300), new IndexOptions { Budget = 0.2 }), 300, 40, (target, now) => (target + (int)now) % 5 == 0));

    [Fact]
    public void Choosing_allocates_nothing_but_the_days_learning()
    {
        var policy = new IndexPolicy(Fleet(1000), new IndexOptions { Budget = 0.1 });
        var picked = new int[1000];
        TestKit.AllocationBudget.Bytes(0, () => policy.Select(TimeSpan.FromHours(2), picked));
    }
}
