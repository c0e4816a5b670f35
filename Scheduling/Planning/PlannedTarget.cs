namespace Weir.Scheduling.Planning;

/// <summary>A target as the planner reads it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Engine">Its engine's number.</param>
/// <param name="Created">When it was made, in days of <see cref="PlanTime"/>.</param>
/// <param name="LastScan">When it was last scanned; null when it never was.</param>
internal readonly record struct PlannedTarget(long Id, int Engine, double Created, double? LastScan);
