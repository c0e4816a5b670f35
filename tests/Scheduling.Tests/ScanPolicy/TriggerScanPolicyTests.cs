using Weir.Scheduling.ScanPolicy;

namespace Weir.Scheduling.Tests.ScanPolicy;

public sealed class TriggerScanPolicyTests
{
    private static readonly DateTimeOffset T = Store.Start;

    [Fact]
    public void The_delay_counts_by_the_factor_and_not_before_the_debounce()
    {
        Assert.Equal(T.AddSeconds(1), Decide(new SchedulingSettings(), Trigger(0, 0.4)).Due);
        Assert.Equal(T.AddHours(3), Decide(new SchedulingSettings { DelayFactor = 0.5 }, Trigger(0, 0.4)).Due);
    }

    [Fact]
    public void The_first_trigger_sets_the_time_and_the_strongest_the_priority()
    {
        var decision = Decide(new SchedulingSettings { DelayFactor = 1 }, Trigger(2, 0.4, 1), Trigger(1, 0.9, 2), Trigger(3, 0.1, 3));
        Assert.Equal(new ScanDecision(T.AddHours(7), 0.9, 2, 0.9), decision);
    }

    [Fact]
    public void Of_equals_the_latest_leads() => Assert.Equal(2, Decide(new SchedulingSettings(), Trigger(0, 0.4, 1), Trigger(1, 0.4, 2)).LeadTrigger);

    [Fact]
    public void Two_scans_of_a_target_are_a_gap_apart()
    {
        var facts = new ScanFacts { Now = T, New = [Trigger(0, 0.4)], LastScan = T.AddMinutes(-4) };
        Assert.Equal(T.AddMinutes(6), new TriggerScanPolicy(new SchedulingSettings()).Decide(facts).Due);
    }

    [Fact]
    public void A_waiting_scan_is_never_later_and_never_worth_less()
    {
        var waiting = new WaitingScan(T.AddMinutes(-1), 0.8, 7, 0.8, 0);
        var facts = new ScanFacts { Now = T, New = [Trigger(0, 0.4)], Waiting = waiting };
        Assert.Equal(new ScanDecision(waiting.Due, 0.8, 7, 0.8), new TriggerScanPolicy(new SchedulingSettings()).Decide(facts));
    }

    private static TriggerFact Trigger(int hour, double weight, long id = 1) => new(id, T.AddHours(hour), TimeSpan.FromHours(6), weight);

    private static ScanDecision Decide(SchedulingSettings settings, params TriggerFact[] triggers) =>
        new TriggerScanPolicy(settings).Decide(new ScanFacts { Now = T, New = triggers });
}
