namespace Weir.Simulation;

/// <summary>What a policy did on a trace, after the warm-up.</summary>
public sealed record Measures
{
    /// <summary>Changes that a scan saw within 24 h, while they were current, of all.</summary>
    public required double Found24 { get; init; }

    /// <summary>Changes that a scan saw at all before the next one, of all.</summary>
    public required double FoundAny { get; init; }

    /// <summary>Share of targets and time at which the state last scanned is the true one.</summary>
    public required double Freshness { get; init; }

    /// <summary>Mean days since the first change that no scan has seen, over all targets and times.</summary>
    public required double StaleAgeDays { get; init; }

    /// <summary>Scans a target and day.</summary>
    public required double Cost { get; init; }

    /// <summary>Most scans a target and day over any seven days in a row.</summary>
    public required double CostWeekMax { get; init; }

    /// <summary>Mean <see cref="Found24"/> of the worst tenth of tenants.</summary>
    public required double Worst10 { get; init; }

    /// <summary>Longest time between two scans of a target.</summary>
    public required double GapMaxDays { get; init; }

    /// <summary>Changes that were counted.</summary>
    public required long Changes { get; init; }

    /// <summary><see cref="Found24"/> by cause of the change; empty where causes are not known.</summary>
    public required IReadOnlyDictionary<string, double> ByCause { get; init; }

    /// <summary>Changes that were looked for and found within 24 h, by targets' changes in the time measured: none to one, two to five, six to twenty, more.</summary>
    public required IReadOnlyDictionary<string, double> ByChanges { get; init; }
}
