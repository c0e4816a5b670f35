namespace Weir.Scheduling.Planning;

/// <summary>That a program plans, and the time at which it does.</summary>
internal readonly record struct Hold(string Holder, long Token, long NowMs);

/// <summary>A target as stored.</summary>
internal sealed record PlannedRow
{
    public long Id { get; init; }
    public string Tenant { get; init; } = "";
    public string Engine { get; init; } = "";
    public long CreatedMs { get; init; }
    public long? LastScanMs { get; init; }
}

/// <summary>How far the planner has come.</summary>
internal sealed record PositionRow
{
    public long TriggerId { get; init; }
    public long ResultsMs { get; init; }
    public string? Learned { get; init; }
}

/// <summary>Where a tenant's budget was left.</summary>
internal sealed record BudgetRow
{
    public string Tenant { get; init; } = "";
    public double Tokens { get; init; }
    public double Price { get; init; }
    public long AsOfMs { get; init; }
}

/// <summary>That a trigger speaks of a target.</summary>
internal sealed record SignalRow
{
    public long TriggerId { get; init; }
    public string Tenant { get; init; } = "";
    public long TargetId { get; init; }
    public double Weight { get; init; }
    public string Class { get; init; } = "";
    public long AtMs { get; init; }
}

/// <summary>What a scan found.</summary>
internal sealed record ResultRow
{
    public string Tenant { get; init; } = "";
    public long TargetId { get; init; }
    public long AtMs { get; init; }
    public long? Changed { get; init; }
}

/// <summary>A scan that the planner did not make, or that ended without a result.</summary>
internal sealed record ScanRow
{
    public long Id { get; init; }
    public string Tenant { get; init; } = "";
    public long TargetId { get; init; }
    public long AtMs { get; init; }
}

/// <summary>A trigger that may be what a decision's signal was.</summary>
internal sealed record KnownTrigger
{
    public long TargetId { get; init; }
    public long Id { get; init; }
    public string Class { get; init; } = "";
    public long AtMs { get; init; }
    public string Crawler { get; init; } = "";
    public string Path { get; init; } = "";
}

/// <summary>A belief to be written.</summary>
internal readonly record struct SavedBelief(long Target, byte[] Bytes, double Volatility, long? DueMs);

/// <summary>How a tenant stands, for people.</summary>
internal sealed record TenantStanding(string Tenant, double Tokens, double Price, int Targets, int NeverScanned, int UnknownBeliefs, long LateTicks)
{
    public object[] ToRow() => [Tenant, Tokens, Price, Targets, NeverScanned, UnknownBeliefs, LateTicks];
}

/// <summary>A scan to be queued.</summary>
/// <param name="Target">The target's number.</param>
/// <param name="Priority">Higher is leased first, 0 to 1.</param>
/// <param name="Why">What the decision rested on.</param>
/// <param name="NameOf">A crawler's name by its id.</param>
internal sealed record PlannedScan(long Target, double Priority, DecisionRecord Why, Func<string, string> NameOf)
{
    // Beliefs keep times in single precision: some seconds.
    private const double SameMs = 120_000;

    /// <summary>Target, priority, strongest trigger and decision, with its signals named after the target's triggers.</summary>
    public object?[] ToRow(IEnumerable<KnownTrigger> triggers)
    {
        var known = triggers.ToList();
        var signals = Why.Signals.Select(signal =>
        {
            double atMs = signal.At.ToUnixTimeMilliseconds();
            var trigger = known.Where(t => t.Class == signal.Class && Math.Abs(t.AtMs - atMs) <= SameMs).MinBy(t => Math.Abs(t.AtMs - atMs));
            if (trigger is null)
                return signal;
            known.Remove(trigger);
            return signal with
            {
                At = UnixMs.Time(trigger.AtMs),
                Trigger = trigger.Id,
                Crawler = trigger.Crawler.Length > 0 ? NameOf(trigger.Crawler) : null,
                Path = trigger.Path.Length > 0 ? trigger.Path : null,
            };
        }).ToList();
        return [Target, Priority, signals.FirstOrDefault(s => s.Trigger is not null)?.Trigger, (Why with { Signals = signals }).ToJson()];
    }
}
