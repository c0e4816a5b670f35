using Weir.Scheduling.Results;

namespace Weir.Scheduling.Queue;

/// <summary>The scans of every tenant. Safe from any thread and for many programs on one store.</summary>
/// <remarks>
/// A target has at most one scan that is queued or leased. Each lease raises the scan's fencing token, and only the holder of the latest, unexpired
/// lease can complete it: so each scan is completed once, whatever workers and clocks do. Calls for many scans are one transaction, with an answer
/// for each in the order given.
/// </remarks>
public interface IScanQueue
{
    /// <summary>Queues scans; a target that has an open scan keeps it, at the earlier time and the higher priority. Targets that are gone are left out.</summary>
    /// <remarks>Any number: every <see cref="EnqueueMax"/> are a transaction of their own, so that others are not kept waiting.</remarks>
    Task EnqueueAsync(IReadOnlyList<NewScan> scans, CancellationToken stop = default);

    /// <summary>Leases due scans. Of one tenant: highest priority first, then the longest due. Of all: tenants in turn, those with the fewest scans under
    /// way first. No lane gets more than its ceiling. Leases that ran out are taken back first.</summary>
    /// <returns>What was leased, highest priority first; empty when nothing is due or every lane is at its ceiling.</returns>
    Task<IReadOnlyList<Scan>> LeaseAsync(Reach reach, LeaseRequest request, CancellationToken stop = default);

    /// <summary>Makes leases longer: from now for as long as asked.</summary>
    Task<IReadOnlyList<HoldAnswer>> HeartbeatAsync(Reach reach, IReadOnlyList<ScanHold> holds, TimeSpan lease, CancellationToken stop = default);

    /// <summary>Completes scans with their results. Repeating the same call changes nothing and succeeds.</summary>
    Task<IReadOnlyList<HoldAnswer>> CompleteAsync(Reach reach, IReadOnlyList<FoundScan> found, CancellationToken stop = default);

    /// <summary>Gives scans back: each is due again after a wait that doubles, or a dead letter after the last attempt.</summary>
    Task<IReadOnlyList<HoldAnswer>> FailAsync(Reach reach, IReadOnlyList<FailedScan> failed, CancellationToken stop = default);

    /// <summary>Queues a dead letter again with all its attempts. Not held: it is no dead letter, or its target has another open scan.</summary>
    Task<HoldAnswer> ReplayAsync(Reach reach, long id, CancellationToken stop = default);

    /// <summary>Queues the dead letters of an engine, a brand or all again: of each target without an open scan the latest one.</summary>
    /// <returns>How many; when it is <see cref="ReplayFilter.Max"/> there may be more.</returns>
    Task<int> ReplayAsync(Reach reach, ReplayFilter filter, CancellationToken stop = default);

    /// <summary>Takes back every lease that ran out. Returns how many were queued again, and how many became dead letters.</summary>
    Task<(int Queued, int Dead)> ReapAsync(CancellationToken stop = default);

    /// <summary>Finds a scan with its triggers; null when there is none within reach.</summary>
    Task<Scan?> FindAsync(Reach reach, long id, CancellationToken stop = default);

    /// <summary>Scans within reach in order of their numbers, without their triggers.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="state">Only these; null for all.</param>
    /// <param name="after">Only numbers above this; 0 for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<Scan>> ListAsync(Reach reach, ScanState? state, long after, int limit, CancellationToken stop = default);

    /// <summary>Counts open scans of all tenants.</summary>
    Task<QueueDepth> DepthAsync(CancellationToken stop = default);

    /// <summary>A tenant's lanes: what waits, what is under way, and how many may be. Of a key for some sites, the scans within reach alone are counted.</summary>
    Task<IReadOnlyList<LaneState>> LanesAsync(Reach reach, CancellationToken stop = default);

    /// <summary>Most scans that one transaction queues.</summary>
    const int EnqueueMax = 5000;
}

/// <summary>A scan to be queued.</summary>
/// <param name="Target">The target's number.</param>
/// <param name="Due">From when on it may be leased, by the store's clock; <see cref="DateTimeOffset.MinValue"/> for now.</param>
/// <param name="Priority">Higher is leased first, 0 to 1.</param>
public readonly record struct NewScan(long Target, DateTimeOffset Due, double Priority);

/// <summary>What a worker asks for.</summary>
/// <param name="Engine">Only this engine's scans; null for any.</param>
/// <param name="Max">At most so many, 1 or more.</param>
/// <param name="Lease">For how long.</param>
/// <param name="Worker">Who asks; shown to whoever comes too late.</param>
public sealed record LeaseRequest(string? Engine, int Max, TimeSpan Lease, string Worker);

/// <summary>Which dead letters are queued again.</summary>
/// <param name="Engine">Only this engine's; null for any.</param>
/// <param name="Brand">Only this brand's, by its name; null for any.</param>
/// <param name="Max">At most so many.</param>
public sealed record ReplayFilter(string? Engine, string? Brand, int Max);

/// <summary>How many scans are open, over all tenants.</summary>
/// <param name="Waiting">Not due yet.</param>
/// <param name="Ready">Due and held by nobody.</param>
/// <param name="Leased">Held by a worker.</param>
/// <param name="Dead">Dead letters.</param>
public readonly record struct QueueDepth(long Waiting, long Ready, long Leased, long Dead)
{
    /// <summary>For how long the longest due scan has been due.</summary>
    public TimeSpan DueAge { get; init; }

    /// <summary>For how long the oldest lease has been held.</summary>
    public TimeSpan LeaseAge { get; init; }
}

/// <summary>The scans of one tenant on one engine.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Waiting">Not due yet.</param>
/// <param name="Ready">Due and held by nobody.</param>
/// <param name="Leased">Held by a worker.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="DueSince">Since when the longest due scan has been due; null when none is.</param>
/// <param name="LeasedSince">Since when the oldest lease has been held; null when there is none.</param>
/// <param name="Ceiling">How many may be held at a time.</param>
/// <param name="IsLowered">Whether overload has lowered it.</param>
/// <param name="Reason">What the engine said when it was lowered last.</param>
public sealed record LaneState(
    string Engine, long Waiting, long Ready, long Leased, long Dead, DateTimeOffset? DueSince, DateTimeOffset? LeasedSince, int Ceiling, bool IsLowered,
    string? Reason);

/// <summary>Calls for one scan.</summary>
public static class SingleScans
{
    /// <summary>Makes one lease longer.</summary>
    public static async Task<HoldAnswer> HeartbeatAsync(
        this IScanQueue queue, Reach reach, ScanHold hold, TimeSpan lease, CancellationToken stop = default) =>
        (await queue.HeartbeatAsync(reach, [hold], lease, stop))[0];

    /// <summary>Completes one scan.</summary>
    public static async Task<HoldAnswer> CompleteAsync(
        this IScanQueue queue, Reach reach, ScanHold hold, ScanResult result, string? evidence, CancellationToken stop = default) =>
        (await queue.CompleteAsync(reach, [new FoundScan(hold, result, evidence)], stop))[0];

    /// <summary>Gives one scan back.</summary>
    public static async Task<HoldAnswer> FailAsync(this IScanQueue queue, Reach reach, ScanHold hold, string reason, CancellationToken stop = default) =>
        (await queue.FailAsync(reach, [new FailedScan(hold, reason)], stop))[0];
}
