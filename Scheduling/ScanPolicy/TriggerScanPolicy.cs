namespace Weir.Scheduling.ScanPolicy;

/// <summary>Scans because something happened: due a set share of the engine's delay after the first trigger, worth what the strongest
/// trigger is worth. It learns nothing from results.</summary>
public sealed class TriggerScanPolicy(SchedulingSettings settings) : IScanPolicy
{
    /// <inheritdoc/>
    public ScanDecision Decide(in ScanFacts facts)
    {
        var first = facts.New[0];
        var lead = facts.New[0];
        var due = DateTimeOffset.MaxValue;
        foreach (var trigger in facts.New)
        {
            if (trigger.At < first.At)
                first = trigger;
            if (trigger.Weight > lead.Weight || (trigger.Weight == lead.Weight && trigger.At >= lead.At))
                lead = trigger;
            due = Earlier(due, trigger.At + (trigger.Delay * settings.DelayFactor));
        }
        due = Later(due, first.At + settings.Debounce);
        if (facts.LastScan is { } last)
            due = Later(due, last + settings.MinimumGap);
        if (facts.Waiting is not { } waiting)
            return new ScanDecision(due, lead.Weight, lead.Id, lead.Weight);

        // A scan that waits out a failure keeps its time: triggers do not make the engine answer sooner.
        due = waiting.Attempts > 0 ? waiting.Due : Earlier(waiting.Due, due);
        bool leads = waiting.LeadTrigger is null || lead.Weight >= waiting.LeadWeight;
        return new ScanDecision(due, Math.Max(waiting.Priority, lead.Weight),
            leads ? lead.Id : waiting.LeadTrigger, leads ? lead.Weight : waiting.LeadWeight);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
