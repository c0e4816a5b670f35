using Weir.Scheduling.Results;

namespace Weir.Scheduling.Queue;

/// <summary>The scans of every tenant. Safe from any thread and for many programs on one store.</summary>
/// <remarks>A target has at most one scan that is queued or leased. Each lease raises the scan's fencing token, and only the holder of the
/// latest, unexpired lease can complete it: so each scan is completed once, whatever workers and clocks do.</remarks>
public interface IScanQueue
{
    /// <summary>Queues scans; a target that has an open scan keeps it, at the earlier time and the higher priority.</summary>
    Task EnqueueAsync(IReadOnlyList<NewScan> scans, CancellationToken stop = default);

    /// <summary>Leases due scans, highest priority first, then the longest due. Leases that ran out are taken back first.</summary>
    /// <returns>What was leased, in that order; empty when nothing is due.</returns>
    Task<IReadOnlyList<Scan>> LeaseAsync(Reach reach, LeaseRequest request, CancellationToken stop = default);

    /// <summary>Makes a lease longer: from now for as long as asked.</summary>
    Task<HoldAnswer> HeartbeatAsync(Reach reach, ScanHold hold, TimeSpan lease, CancellationToken stop = default);

    /// <summary>Completes a scan with its result. Repeating the same call changes nothing and succeeds.</summary>
    /// <param name="reach">Whose.</param>
    /// <param name="hold">The lease.</param>
    /// <param name="result">What was found.</param>
    /// <param name="evidence">Proof as JSON; null for none.</param>
    /// <param name="stop">Ends the call.</param>
    Task<HoldAnswer> CompleteAsync(Reach reach, ScanHold hold, ScanResult result, string? evidence, CancellationToken stop = default);

    /// <summary>Gives a scan back: it is due again after a wait that doubles, or a dead letter after the last attempt.</summary>
    Task<HoldAnswer> FailAsync(Reach reach, ScanHold hold, string reason, CancellationToken stop = default);

    /// <summary>Queues a dead letter again with all its attempts. Not held: it is no dead letter, or its target has another open scan.</summary>
    Task<HoldAnswer> ReplayAsync(Reach reach, long id, CancellationToken stop = default);

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
}

/// <summary>A scan to be queued.</summary>
/// <param name="Target">The target's number.</param>
/// <param name="Due">From when on it may be leased.</param>
/// <param name="Priority">Higher is leased first, 0 to 1.</param>
public readonly record struct NewScan(long Target, DateTimeOffset Due, double Priority);

/// <summary>What a worker asks for.</summary>
/// <param name="Engine">Only this engine's scans; null for any.</param>
/// <param name="Max">At most so many, 1 or more.</param>
/// <param name="Lease">For how long.</param>
/// <param name="Worker">Who asks; shown to whoever comes too late.</param>
public sealed record LeaseRequest(string? Engine, int Max, TimeSpan Lease, string Worker);

/// <summary>How many scans are open.</summary>
/// <param name="Waiting">Not due yet.</param>
/// <param name="Ready">Due and held by nobody.</param>
/// <param name="Leased">Held by a worker.</param>
/// <param name="Dead">Dead letters.</param>
public readonly record struct QueueDepth(long Waiting, long Ready, long Leased, long Dead);
