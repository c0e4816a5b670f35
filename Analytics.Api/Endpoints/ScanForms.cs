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

    /// <summary>Whether scans of every organisation are leased, in turn: for the installation's own workers, with a key of the first organisation that has the scope <c>admin</c>.</summary>
    public bool? AllTenants { get; init; }
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

    /// <summary><c>overload</c> (429, 503: fewer of this organisation's scans are leased on this engine for a while), <c>timeout</c>, <c>returned</c> (nothing failed: due
    /// again at once, the attempt does not count) or <c>error</c>, as without it.</summary>
    public string? Kind { get; init; }

    /// <summary>For how long the engine wants to be left alone: 0 to 86400 s. The scan waits at least so long.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>That a worker still holds scans.</summary>
internal sealed record HeartbeatsBody
{
    /// <summary>How long from now: 1 to 3600 s (60 without it).</summary>
    public int? LeaseSeconds { get; init; }

    /// <summary>1 to 100 scans.</summary>
    public IReadOnlyList<HoldBody?>? Scans { get; init; }
}

/// <summary>A scan that a worker holds.</summary>
internal sealed record HoldBody
{
    /// <summary>The scan.</summary>
    public long? Id { get; init; }

    /// <summary>The number that came with the lease.</summary>
    public long? FencingToken { get; init; }
}

/// <summary>What scans found.</summary>
internal sealed record CompletesBody
{
    /// <summary>1 to 100 scans.</summary>
    public IReadOnlyList<CompleteBody?>? Scans { get; init; }
}

/// <summary>That attempts failed.</summary>
internal sealed record FailsBody
{
    /// <summary>1 to 100 scans.</summary>
    public IReadOnlyList<FailBody?>? Scans { get; init; }
}

/// <summary>An answer for each scan of a call, in the order given.</summary>
internal sealed record ScanAnswers(IReadOnlyList<ScanAnswer> Scans);

/// <summary>What became of one scan of a call.</summary>
/// <param name="Id">The scan.</param>
/// <param name="Status">What the call for this scan alone would have been answered with: 200, 404 (no such scan) or 409 (the caller does not hold it).</param>
/// <param name="State">Its state; null when there is no such scan.</param>
/// <param name="LeasedUntil">When its lease runs out, while it is leased.</param>
/// <param name="Due">When it may be leased again, after a failure.</param>
/// <param name="HeldBy">With 409: who holds it, or held it last.</param>
/// <param name="Detail">With 404 and 409: what is wrong.</param>
internal sealed record ScanAnswer(
    long Id, int Status, string? State, DateTimeOffset? LeasedUntil, DateTimeOffset? Due,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? HeldBy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null);

/// <summary>Which dead letters are queued again; all without it.</summary>
internal sealed record ReplayBody
{
    /// <summary>Only this engine's.</summary>
    public string? Engine { get; init; }

    /// <summary>Only this brand's.</summary>
    public string? Brand { get; init; }
}

/// <summary>What a replay queued again.</summary>
/// <param name="Replayed">How many scans.</param>
/// <param name="IsMore">Whether there may be more: call again.</param>
internal sealed record ReplayedScans(int Replayed, bool IsMore);

/// <summary>What waits and what is under way.</summary>
/// <param name="Waiting">Scans that are not due yet.</param>
/// <param name="Ready">Scans that are due and held by nobody.</param>
/// <param name="Leased">Scans that a worker holds.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestDueSeconds">For how long the longest due scan has been due; null when none is.</param>
/// <param name="OldestLeaseSeconds">For how long the oldest lease has been held; null when there is none.</param>
/// <param name="Engines">The same by engine, with how many scans may be under way.</param>
internal sealed record QueueView(
    long Waiting, long Ready, long Leased, long Dead, double? OldestDueSeconds, double? OldestLeaseSeconds, IReadOnlyList<QueueLane> Engines);

/// <summary>An engine's part of the queue.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Waiting">Scans that are not due yet.</param>
/// <param name="Ready">Scans that are due and held by nobody.</param>
/// <param name="Leased">Scans that a worker holds.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestDueSeconds">For how long the longest due scan has been due; null when none is.</param>
/// <param name="OldestLeaseSeconds">For how long the oldest lease has been held; null when there is none.</param>
/// <param name="Ceiling">How many may be leased at a time: 5, 20, 50 or 100 by the number of due scans (from 100, 1,000, 5,000), fewer after an overload.</param>
/// <param name="IsLowered">Whether an overload has lowered it; it rises again as scans are completed.</param>
/// <param name="LoweredBy">What the worker said then.</param>
internal sealed record QueueLane(
    string Engine, long Waiting, long Ready, long Leased, long Dead, double? OldestDueSeconds, double? OldestLeaseSeconds, int Ceiling, bool IsLowered,
    string? LoweredBy)
{
    public static QueueLane Of(LaneState lane, DateTimeOffset now) => new(
        lane.Engine, lane.Waiting, lane.Ready, lane.Leased, lane.Dead, Seconds(now - lane.DueSince), Seconds(now - lane.LeasedSince), lane.Ceiling,
        lane.IsLowered, lane.Reason);

    private static double? Seconds(TimeSpan? age) => age is { } known ? Math.Max(0, Math.Round(known.TotalSeconds, 3)) : null;
}

/// <summary>What was leased.</summary>
/// <param name="Scans">In the order in which to do them; empty when nothing is due.</param>
internal sealed record LeasedScans(IReadOnlyList<LeasedScan> Scans);

/// <summary>A scan to do.</summary>
/// <param name="Id">The scan.</param>
/// <param name="Tenant">Whose it is.</param>
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
    long Id, string Tenant, long Target, string Brand, string Query, string Engine, long FencingToken, DateTimeOffset? LeasedUntil, int Attempt, string WhyNow,
    int TriggerCount, IReadOnlyList<Trigger> Triggers, IReadOnlyList<string> Hosts, string? LastResult, DateTimeOffset? LastScan)
{
    public static LeasedScan Of(Scan scan, TargetMarks marks) => new(
        scan.Id, scan.Tenant, scan.Target, scan.Brand, scan.Query, scan.Engine, scan.FencingToken, scan.LeasedUntil, scan.Attempts, scan.WhyNow,
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
