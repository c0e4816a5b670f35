using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What a worker asks for.</summary>
internal sealed record LeaseBody
{
    /// <summary>Only this engine's scans; any without it.</summary>
    public string? Engine { get; init; }

    /// <summary>At most so many: 1 to 100 (1 without it).</summary>
    public int? Max { get; init; }

    /// <summary>For how long: 1 to 3600 s (60 without it).</summary>
    public int? LeaseSeconds { get; init; }

    /// <summary>Who asks; shown to whoever comes too late. The key's id without it.</summary>
    public string? Worker { get; init; }
}

/// <summary>That a worker still holds a scan.</summary>
internal sealed record HeartbeatBody
{
    /// <summary>The scan.</summary>
    public long? Id { get; init; }

    /// <summary>The number that came with the lease.</summary>
    public long? FencingToken { get; init; }

    /// <summary>How long from now: 1 to 3600 s (60 without it).</summary>
    public int? LeaseSeconds { get; init; }
}

/// <summary>What a scan found.</summary>
internal sealed record CompleteBody
{
    /// <summary>The scan.</summary>
    public long? Id { get; init; }

    /// <summary>The number that came with the lease.</summary>
    public long? FencingToken { get; init; }

    /// <summary><c>cited</c>, <c>gap</c> or <c>lost_citation</c>.</summary>
    public string? Result { get; init; }

    /// <summary>Proof, any JSON of up to 64 KiB.</summary>
    public JsonElement? Evidence { get; init; }
}

/// <summary>That an attempt failed.</summary>
internal sealed record FailBody
{
    /// <summary>The scan.</summary>
    public long? Id { get; init; }

    /// <summary>The number that came with the lease.</summary>
    public long? FencingToken { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Reason { get; init; }
}

/// <summary>What was leased.</summary>
/// <param name="Scans">In the order in which to do them; empty when nothing is due.</param>
internal sealed record LeasedScans(IReadOnlyList<LeasedScan> Scans);

/// <summary>A scan to do.</summary>
/// <param name="Id">The scan.</param>
/// <param name="Target">Its target.</param>
/// <param name="Brand">Whom to look for in the answer.</param>
/// <param name="Query">What to ask.</param>
/// <param name="Engine">Whom to ask.</param>
/// <param name="FencingToken">To be sent with whatever is said of this scan.</param>
/// <param name="LeasedUntil">When the lease runs out.</param>
/// <param name="Attempt">Which attempt this is, from 1.</param>
/// <param name="WhyNow">Why it is scanned now.</param>
/// <param name="TriggerCount">How many triggers made it.</param>
/// <param name="Triggers">The newest of them.</param>
/// <param name="Hosts">Hosts of the brand's sites: what makes a URL in the answer the brand's own.</param>
/// <param name="LastResult">What the target's last scan found; null for the first. A brand that was cited and is not now is a lost citation.</param>
/// <param name="LastScan">When that was.</param>
internal sealed record LeasedScan(
    long Id, long Target, string Brand, string Query, string Engine, long FencingToken, DateTimeOffset? LeasedUntil, int Attempt, string WhyNow,
    int TriggerCount, IReadOnlyList<Trigger> Triggers, IReadOnlyList<string> Hosts, string? LastResult, DateTimeOffset? LastScan)
{
    public static LeasedScan Of(Scan scan, TargetMarks marks) => new(
        scan.Id, scan.Target, scan.Brand, scan.Query, scan.Engine, scan.FencingToken, scan.LeasedUntil, scan.Attempts, scan.WhyNow,
        scan.TriggerCount, scan.Triggers, marks.Hosts, marks.LastResult, marks.LastScan);
}

/// <summary>A scan as people look at it; with its latest triggers when it is asked for alone.</summary>
internal sealed record ScanItem(
    long Id, long Target, string Brand, string Query, string Engine, string State, DateTimeOffset Due, double Priority, int Attempts,
    string WhyNow, int TriggerCount, string? Worker, DateTimeOffset? LeasedUntil, string? Result, string? Reason, DateTimeOffset Created,
    DateTimeOffset? Finished,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Trigger>? Triggers = null)
{
    public static ScanItem Of(Scan s) => new(
        s.Id, s.Target, s.Brand, s.Query, s.Engine, NameOf(s.State), s.Due, s.Priority, s.Attempts, s.WhyNow, s.TriggerCount, s.Worker,
        s.LeasedUntil, s.Result, s.Reason, s.Created, s.Finished);

    public static string NameOf(ScanState state) => state switch
    {
        ScanState.Queued => "queued",
        ScanState.Leased => "leased",
        ScanState.Done => "done",
        ScanState.Dead => "dead",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
    };
}

/// <summary>Where a scan stands after a holder's call.</summary>
/// <param name="Id">The scan.</param>
/// <param name="State">Its state.</param>
/// <param name="LeasedUntil">When the lease runs out, while it is leased.</param>
/// <param name="Due">When it may be leased again, after a failure or a replay.</param>
internal sealed record ScanStanding(long Id, string State, DateTimeOffset? LeasedUntil, DateTimeOffset? Due);
