namespace Weir.Scheduling.Queue;

/// <summary>That a worker holds a scan.</summary>
/// <param name="Id">The scan.</param>
/// <param name="FencingToken">The number that came with the lease.</param>
public readonly record struct ScanHold(long Id, long FencingToken);

/// <summary>What became of a holder's call.</summary>
public enum HoldOutcome
{
    /// <summary>Done, or it was done already by the same call.</summary>
    Done,

    /// <summary>No such scan within reach.</summary>
    NotFound,

    /// <summary>The caller does not hold it (any more).</summary>
    NotHeld,
}

/// <summary>Answer to a holder's call.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="State">Where the scan stands now.</param>
/// <param name="Worker">Who holds it, or held it last.</param>
/// <param name="LeasedUntil">When the lease of that holder runs out, or ran out.</param>
/// <param name="Due">When it may be leased again, after a failure.</param>
public sealed record HoldAnswer(
    HoldOutcome Outcome, ScanState State = ScanState.Queued, string? Worker = null, DateTimeOffset? LeasedUntil = null,
    DateTimeOffset? Due = null)
{
    /// <summary>No such scan within reach.</summary>
    public static HoldAnswer NotFound { get; } = new(HoldOutcome.NotFound);
}
