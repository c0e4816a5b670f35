using Weir.Scheduling.Results;

namespace Weir.Scheduling.Queue;

/// <summary>That a worker holds a scan.</summary>
/// <param name="Id">The scan.</param>
/// <param name="FencingToken">The number that came with the lease.</param>
public readonly record struct ScanHold(long Id, long FencingToken);

/// <summary>What a holder has found.</summary>
/// <param name="Hold">The lease.</param>
/// <param name="Result">What the engine's answer shows.</param>
/// <param name="Evidence">Proof as JSON; null for none.</param>
public readonly record struct FoundScan(ScanHold Hold, ScanResult Result, string? Evidence);

/// <summary>What a holder could not do.</summary>
/// <param name="Hold">The lease.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Kind">Why, for the queue.</param>
/// <param name="RetryAfter">How long the engine wants to be left alone; zero when it did not say.</param>
public readonly record struct FailedScan(ScanHold Hold, string Reason, FailureKind Kind = FailureKind.Error, TimeSpan RetryAfter = default);

/// <summary>Why an attempt failed. The names, in lower case, are promised to programs.</summary>
public enum FailureKind
{
    /// <summary>Any other reason (<c>error</c>).</summary>
    Error = 1,

    /// <summary>The engine asks for fewer questions, as by 429 or 503 (<c>overload</c>): the lane's ceiling is lowered.</summary>
    Overload = 2,

    /// <summary>The engine did not answer in time (<c>timeout</c>).</summary>
    Timeout = 3,

    /// <summary>Nothing failed: the worker gives the scan back (<c>returned</c>). It is due at once, and the attempt does not count.</summary>
    Returned = 4,
}

/// <summary>Names of kinds of failure.</summary>
public static class FailureKinds
{
    /// <summary>All names, for error messages.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<FailureKind>().Select(Name)];

    /// <summary>A kind's name in JSON and metrics.</summary>
    public static string Name(this FailureKind kind) => kind switch
    {
        FailureKind.Error => "error",
        FailureKind.Overload => "overload",
        FailureKind.Timeout => "timeout",
        FailureKind.Returned => "returned",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of failure."),
    };
}

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
