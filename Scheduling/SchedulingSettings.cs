namespace Weir.Scheduling;

/// <summary>Settings of scheduling; every default works.</summary>
public sealed record SchedulingSettings
{
    /// <summary>How often stored hits are looked at for new triggers.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How far behind the newest stored hit reading starts again, for rows that became visible late: longer than an insert may
    /// take between the moment that stamps its rows and its end. The hit writer gives an insert up after two minutes.</summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>How much an unverifiable crawler's fetch counts against a verified one's, 0 to 1; 0 ignores it.</summary>
    public double UnverifiableWeight { get; init; } = 0.3;

    /// <summary>How long a crawler's fetch waits for what its text showed, which the edge reads beside its traffic; afterwards it counts as
    /// unknown. Longer than the edge gathers what it stores, and shorter than people notice.</summary>
    public TimeSpan ContentWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Folder in which large imports wait until they are read; null for one of this process alone, so that they end with it.</summary>
    public string? ImportFolder { get; init; }

    /// <summary>Name of that folder in a data folder.</summary>
    public const string PageIndexFolderName = "page-index";

    /// <summary>Folder of the tenants' indexes of pages, which are made anew when they are gone; null for one of this process alone.</summary>
    public string? PageIndexFolder { get; init; }

    /// <summary>How often stored texts of pages are looked at for new ones.</summary>
    public TimeSpan PageIndexInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much a fetch counts whose text nobody read against one that showed a new text, 0 to 1.</summary>
    public double UnknownContentWeight { get; init; } = 0.5;

    /// <summary>A scan is due so much of its engine's delay after the trigger. 0, because the delays of the catalog are guesses until
    /// results have been seen: a scan too early costs one scan, a scan held back by a wrong guess costs the change.</summary>
    public double DelayFactor { get; init; }

    /// <summary>How long after its first trigger a scan is due at the earliest, so that a burst of fetches is one scan.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Shortest time between two scans of one target. Triggers that come earlier are kept and listed on the next scan.</summary>
    public TimeSpan MinimumGap { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often scans are planned for tenants that have a budget. Prices and tokens move by the time that passed, so it only says how soon
    /// a signal counts.</summary>
    public TimeSpan PlanningTick { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so long without a sign of the program that plans, another one takes over.</summary>
    internal TimeSpan PlanningLease => (2 * PlanningTick) + TimeSpan.FromSeconds(30);

    /// <summary>How often a scan is leased before it becomes a dead letter.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Wait after the first failure; it doubles with each.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait between two attempts.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long triggers, events and finished scans are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long results are kept; a year of them, to compare a month with the same of last year.</summary>
    public TimeSpan ResultsLife { get; init; } = TimeSpan.FromDays(400);

    /// <summary>What is wrong with these settings, each with its mend; empty when nothing is.</summary>
    public IReadOnlyList<string> Errors() =>
    [
        .. from rule in Rules() where !rule.IsMet select $"scheduling.{rule.Name}: {rule.Mend}",
    ];

    private IEnumerable<(string Name, bool IsMet, string Mend)> Rules()
    {
        yield return ("pollInterval", PollInterval >= TimeSpan.FromMilliseconds(10), "Write a time of at least 10 ms.");
        yield return ("overlap", Overlap >= TimeSpan.Zero, "Write a time of 0 or more.");
        yield return ("pageIndexInterval", PageIndexInterval >= TimeSpan.FromMilliseconds(10), "Write a time of at least 10 ms.");
        yield return ("unverifiableWeight", UnverifiableWeight is >= 0 and <= 1, "Write a number from 0 to 1.");
        yield return ("contentWait", ContentWait >= TimeSpan.Zero && ContentWait <= TimeSpan.FromMinutes(10), "Write a time from 0 to 10 minutes.");
        yield return ("unknownContentWeight", UnknownContentWeight is > 0 and <= 1, "Write a number above 0 and up to 1.");
        yield return ("delayFactor", DelayFactor is >= 0 and <= 10, "Write a number from 0 to 10.");
        yield return ("debounce", Debounce >= TimeSpan.Zero, "Write a time of 0 or more.");
        yield return ("minimumGap", MinimumGap >= TimeSpan.Zero, "Write a time of 0 or more.");
        yield return ("planningTick", PlanningTick >= TimeSpan.FromSeconds(1) && PlanningTick <= TimeSpan.FromHours(6), "Write a time from 1 s to 6 h.");
        yield return ("maxAttempts", MaxAttempts is >= 1 and <= 100, "Write a number from 1 to 100.");
        yield return ("retention", Retention >= TimeSpan.FromDays(1), "Write a time of at least a day.");
        yield return ("resultsLife", ResultsLife >= Retention, "Write a time that is no shorter than retention.");
        yield return ("retryFirst", RetryFirst > TimeSpan.Zero && RetryFirst <= RetryMax, "Write a time above 0 that is no longer than retryMax.");
    }
}
