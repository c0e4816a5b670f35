using Weir.Control;

namespace Weir.Scheduling.Planning;

/// <summary>The budgets of tenants. Safe from any thread.</summary>
public interface IPlans
{
    /// <summary>A tenant's plan; <see cref="TenantPlan.Default"/> when it never said anything.</summary>
    Task<TenantPlan> FindAsync(string tenant, CancellationToken stop = default);

    /// <summary>Writes a tenant's plan, which is in force with the planner's next tick.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="plan">Already checked.</param>
    /// <param name="by">Who, for the audit log.</param>
    /// <param name="stop">Ends the call.</param>
    Task PutAsync(string tenant, TenantPlan plan, Actor by, CancellationToken stop = default);

    /// <summary>Queues scans that somebody asks for: due at once, before all others, and paid by the budget first. An open scan of a target is brought forward.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="targets">Their numbers; those out of reach are left out.</param>
    /// <param name="by">Who, for the audit log.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The scans' numbers by their targets'.</returns>
    Task<IReadOnlyDictionary<long, long>> RequestAsync(Reach reach, IReadOnlyCollection<long> targets, Actor by, CancellationToken stop = default);

    /// <summary>How planning stands for a tenant; null before the planner saw it.</summary>
    Task<PlanStanding?> StandingAsync(string tenant, CancellationToken stop = default);

    /// <summary>Why a scan was planned; null when nothing was noted, or there is no such scan within reach.</summary>
    Task<DecisionRecord?> WhyAsync(Reach reach, long scan, CancellationToken stop = default);

    /// <summary>What is believed of some targets within reach, by their numbers; those of which nothing is believed are left out.</summary>
    Task<IReadOnlyDictionary<long, TargetOutlook>> OutlookAsync(Reach reach, IReadOnlyCollection<long> targets, CancellationToken stop = default);
}

/// <summary>How planning stands for a tenant.</summary>
/// <param name="At">As of when.</param>
/// <param name="Tokens">Scans that may be made now; below 0 after requests beyond the budget.</param>
/// <param name="Price">What a scan has to be worth, in changes found within a day.</param>
/// <param name="Targets">Targets.</param>
/// <param name="NeverScanned">Of them, those that were never scanned.</param>
/// <param name="UnknownBeliefs">Of them, those whose belief was lost and that go by intervals until their next scan.</param>
/// <param name="LateTicks">How often the present planner fell behind, and went by intervals meanwhile.</param>
public sealed record PlanStanding(
    DateTimeOffset At, double Tokens, double Price, long Targets, long NeverScanned, long UnknownBeliefs, long LateTicks);

/// <summary>What is believed of a target.</summary>
/// <param name="VolatilityScore">Chance of a change within a week, of itself, 0 to 100.</param>
/// <param name="NextDue">When it will be due at the earliest, if nothing happens; null where only events decide, or while its scan is open.</param>
/// <param name="ChangeChance">Chance that its answer has changed since the last scan, 0 to 1.</param>
public sealed record TargetOutlook(double VolatilityScore, DateTimeOffset? NextDue, double ChangeChance);
