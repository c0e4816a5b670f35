using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Selection;

public class SilentUpdateTests
{
    private const double Expected = 0.1;

    [Fact]
    public void More_changes_than_expected_within_a_day_are_an_update_once()
    {
        var updates = Learned();
        double from = 20;
        Scan(updates, from, days: 1, found: 0.1);
        Assert.Empty(updates.Found);
        Scan(updates, from + 1, days: 1, found: 0.5);
        var update = Assert.Single(updates.Found);
        Assert.Equal(0, update.Engine);
        Assert.InRange(update.At, from + 1, from + 1.5);
        Assert.InRange(update.Share, 0.05, 0.4);
        Scan(updates, from + 2, days: 1, found: 0.5);
        Assert.Single(updates.Found);
        Assert.Null(updates.LastOf(1));
        Assert.Equal(update, updates.LastOf(0));
    }

    [Fact]
    public void What_was_announced_is_not_noticed_again()
    {
        var updates = Learned();
        updates.Announced(0, 19);
        Scan(updates, 20, days: 2, found: 0.5);
        Assert.Empty(updates.Found);
    }

    [Fact]
    public void Young_beliefs_and_few_scans_say_nothing()
    {
        var young = new SilentUpdates();
        young.AddEngine();
        Scan(young, 0, days: 9, found: 1);
        Assert.Empty(young.Found);
        var few = Learned();
        for (int day = 20; day < 40; day++)
        {
            for (int i = 0; i < 20; i++)
                few.Note(0, day, changed: true, Expected);
        }
        Assert.Empty(few.Found);
    }

    [Fact]
    public void An_update_makes_scans_of_its_engine_worth_more_and_the_reason_names_it()
    {
        var fleet = new Fleet([.. new int[400]], [.. Enumerable.Range(0, 400).Select(t => t % 2)]);
        var policy = new IndexPolicy(fleet, new IndexOptions { Budget = 0.3, Tick = TimeSpan.FromHours(2) });
        var (picked, seen) = (new int[400], new HashSet<int>());
        var reasons = new List<(int Engine, string Text)>();
        // Nothing changes for 30 days; then all of engine 0 does, once.
        for (int tick = 0; tick < 12 * 33; tick++)
        {
            var now = TimeSpan.FromDays(tick / 12.0);
            int count = policy.Select(now, picked);
            foreach (int target in picked.AsSpan(0, count))
            {
                if (tick >= 12 * 31)
                    reasons.Add((fleet.EngineOf[target], policy.Explain(target, now).ToString()));
                policy.OnScan(target, now, changed: fleet.EngineOf[target] == 0 && tick >= 12 * 30 && seen.Add(target));
            }
        }
        Assert.True(reasons.Count(r => r.Engine == 0) > 2 * reasons.Count(r => r.Engine == 1), $"{reasons.Count(r => r.Engine == 0)} scans of {reasons.Count} were of the engine that changed.");
        Assert.Contains(reasons, r => r.Engine == 0 && r.Text.Contains("the engine changed", StringComparison.Ordinal));
        Assert.DoesNotContain(reasons, r => r.Engine == 1 && r.Text.Contains("the engine changed", StringComparison.Ordinal));
    }

    private static SilentUpdates Learned()
    {
        var updates = new SilentUpdates();
        updates.AddEngine();
        updates.AddEngine();
        updates.Restore(0, 0);
        return updates;
    }

    // A hundred scans a day, of which a share finds a change.
    private static void Scan(SilentUpdates updates, double from, double days, double found)
    {
        for (int i = 0; i < 100 * days; i++)
            updates.Note(0, from + (i / 100.0), changed: (i * 37 % 100) < 100 * found, Expected);
    }
}
