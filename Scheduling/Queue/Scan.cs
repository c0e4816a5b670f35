using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Queue;

/// <summary>One asking of one target.</summary>
public sealed record Scan
{
    /// <summary>Its number; never used again.</summary>
    public required long Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The target's number.</summary>
    public required long Target { get; init; }

    /// <summary>The target's brand.</summary>
    public required string Brand { get; init; }

    /// <summary>The target's query.</summary>
    public required string Query { get; init; }

    /// <summary>The target's engine.</summary>
    public required string Engine { get; init; }

    /// <summary>Where it stands.</summary>
    public required ScanState State { get; init; }

    /// <summary>From when on it may be leased.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Higher is leased first, 0 to 1.</summary>
    public required double Priority { get; init; }

    /// <summary>How often it was leased.</summary>
    public required int Attempts { get; init; }

    /// <summary>Number of its latest lease; rises with each.</summary>
    public required long FencingToken { get; init; }

    /// <summary>When the latest lease runs out; null when it is not leased.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>Who held it last; null when nobody did.</summary>
    public string? Worker { get; init; }

    /// <summary>Why it is, or was, scanned, in one sentence with its numbers.</summary>
    public required string WhyNow { get; init; }

    /// <summary>How many triggers are listed on it.</summary>
    public required int TriggerCount { get; init; }

    /// <summary>Why the latest attempt failed; null when none did.</summary>
    public string? Reason { get; init; }

    /// <summary>What it found; null before it is done.</summary>
    public string? Result { get; init; }

    /// <summary>When it was queued.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was done, or became a dead letter.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>The latest of its triggers, newest first; at most <see cref="MaxTriggers"/>.</summary>
    public IReadOnlyList<Trigger> Triggers { get; init; } = [];

    /// <summary>How many triggers are shown with a scan; the others are found by <c>/v1/triggers</c>.</summary>
    public const int MaxTriggers = 100;
}
