namespace Weir.Scheduling.ScanPolicy;

/// <summary>Decides when a target is scanned and how much that is worth. Pure: no clock, no store, no random numbers of its own.</summary>
/// <remarks>Called whenever a target's facts have changed; the queue keeps the answer until the next call. A policy that keeps a belief
/// about each target reads it from the facts and answers with the time at which its index will reach the price.</remarks>
public interface IScanPolicy
{
    /// <summary>When to scan, and how urgently.</summary>
    ScanDecision Decide(in ScanFacts facts);
}

/// <summary>All that a decision may rest on.</summary>
public readonly record struct ScanFacts
{
    /// <summary>The time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Triggers that no decision has seen yet; at least one.</summary>
    public required IReadOnlyList<TriggerFact> New { get; init; }

    /// <summary>The scan that is already waiting for this target; null when there is none.</summary>
    public WaitingScan? Waiting { get; init; }

    /// <summary>When the target was last scanned; null when it never was.</summary>
    public DateTimeOffset? LastScan { get; init; }
}

/// <summary>What a policy needs to know of a trigger.</summary>
/// <param name="Id">The trigger's number.</param>
/// <param name="At">When it happened.</param>
/// <param name="Delay">How long after it the engine's answer typically changes.</param>
/// <param name="Weight">How much it says about this target, 0 to 1: feed × identity × page link.</param>
public readonly record struct TriggerFact(long Id, DateTimeOffset At, TimeSpan Delay, double Weight);

/// <summary>A scan that waits for its target.</summary>
/// <param name="Due">When it may be leased.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="LeadTrigger">The trigger that says most, if any.</param>
/// <param name="LeadWeight">That trigger's weight.</param>
/// <param name="Attempts">How often it was leased already; above 0 it waits out a failure.</param>
public readonly record struct WaitingScan(DateTimeOffset Due, double Priority, long? LeadTrigger, double LeadWeight, int Attempts);

/// <summary>A policy's answer.</summary>
/// <param name="Due">From when on the scan may be leased.</param>
/// <param name="Priority">Higher is leased first, 0 to 1.</param>
/// <param name="LeadTrigger">The trigger that says most; "why now" names it.</param>
/// <param name="LeadWeight">That trigger's weight.</param>
public readonly record struct ScanDecision(DateTimeOffset Due, double Priority, long? LeadTrigger, double LeadWeight);
