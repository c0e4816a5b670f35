namespace Weir.Scheduling.Selection;

/// <summary>How <see cref="IndexPolicy"/> works.</summary>
public sealed record IndexOptions
{
    /// <summary>Scans a target and day: 1 is daily scanning.</summary>
    public required double Budget { get; init; }

    /// <summary>Time between two calls of <see cref="ISelectionPolicy.Select"/>.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Worth of a target's day of freshness, in changes that are found within a day. 0.01 finds more, 0.05 stays fresher.</summary>
    public double Kappa { get; init; } = 0.02;

    /// <summary>Whether each tenant has its own budget and price; else all share one, which finds more and is less even.</summary>
    public bool IsByTenant { get; init; }

    /// <summary>Whether signals count.</summary>
    public bool HasSignals { get; init; } = true;

    /// <summary>Chance that a scan reports a change that is none.</summary>
    public double Noise { get; init; }

    /// <summary>What a scan costs at each engine, in usual scans; null when all cost the same.</summary>
    public IReadOnlyList<double>? CostOf { get; init; }
}
