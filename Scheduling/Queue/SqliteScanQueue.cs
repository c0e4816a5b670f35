using Dapper;
using Microsoft.Data.Sqlite;
using Weir.Control;
using Weir.Scheduling.Results;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Queue;

/// <summary>The queue of scans in the embedded control store.</summary>
public sealed class SqliteScanQueue(
    ControlDatabase database, TimeProvider time, RetryRule retry, EngineCatalog engines, SchedulingMetrics metrics) : IScanQueue
{
    private readonly ScanView _view = new(engines);

    /// <inheritdoc/>
    public Task EnqueueAsync(IReadOnlyList<NewScan> scans, CancellationToken stop = default) => database.WriteAsync(
        transaction =>
        {
            long nowMs = time.NowMs();
            foreach (var scan in scans)
            {
                transaction.Connection!.Execute(QueueSql.Enqueue,
                    new { target = scan.Target, priority = scan.Priority, dueMs = scan.Due.ToUnixTimeMilliseconds(), nowMs }, transaction);
            }
        },
        stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Scan>> LeaseAsync(Reach reach, LeaseRequest request, CancellationToken stop = default)
    {
        var taken = await database.WriteAsync(transaction => Take(transaction, reach, request, time.NowMs()), stop);
        if (taken.Count == 0)
            return [];
        metrics.Leased(taken.Count);
        await using var reader = database.Read();
        var parameters = new { tenant = reach.Tenant, sites = reach.SitesJson, ids = taken.Keys };
        // What the lease gave is taken from the lease: by the time of this read it may have run out, and another worker have the scan.
        return
        [
            .. _view.Read(reader, "s.id IN @ids ORDER BY s.priority DESC, s.due_ms, s.id", parameters, time.NowMs())
                .Select(scan => ScanView.WithTriggers(reader, scan) with
                {
                    State = ScanState.Leased,
                    FencingToken = taken[scan.Id].FencingToken,
                    Attempts = (int)taken[scan.Id].Attempts,
                    LeasedUntil = UnixMs.Time(taken[scan.Id].LeaseUntilMs),
                    Worker = request.Worker,
                }),
        ];
    }

    private Dictionary<long, Taken> Take(SqliteTransaction transaction, Reach reach, LeaseRequest request, long nowMs)
    {
        Reap(transaction, nowMs);
        transaction.Connection!.Execute(QueueSql.Promote, new { nowMs, promoteMax = QueueSql.PromoteMax }, transaction);
        var parameters = new
        {
            tenant = reach.Tenant,
            sites = reach.SitesJson,
            engine = request.Engine,
            max = request.Max,
            untilMs = nowMs + (long)request.Lease.TotalMilliseconds,
            nowMs,
            worker = request.Worker,
        };
        string sql = request.Engine is null ? QueueSql.LeaseAny : QueueSql.LeaseEngine;
        return transaction.Connection!.Query<Taken>(sql, parameters, transaction).ToDictionary(t => t.Id);
    }

    /// <inheritdoc/>
    public Task<HoldAnswer> HeartbeatAsync(Reach reach, ScanHold hold, TimeSpan lease, CancellationToken stop = default) =>
        AsHolderAsync(reach, hold, (transaction, held, nowMs) =>
        {
            long untilMs = nowMs + (long)lease.TotalMilliseconds;
            transaction.Connection!.Execute(QueueSql.Heartbeat, new { id = hold.Id, untilMs }, transaction);
            return new HoldAnswer(HoldOutcome.Done, ScanState.Leased, held.Worker, UnixMs.Time(untilMs));
        }, stop);

    /// <inheritdoc/>
    public Task<HoldAnswer> CompleteAsync(Reach reach, ScanHold hold, ScanResult result, string? evidence, CancellationToken stop = default) =>
        AsHolderAsync(reach, hold, result: result, stop: stop, work: (transaction, held, nowMs) =>
        {
            transaction.Connection!.Execute(QueueSql.Complete, new { id = hold.Id, nowMs }, transaction);
            SqliteResults.Record(transaction, reach.Tenant, held.TargetId, hold.Id, nowMs, result, evidence, held.Worker ?? "");
            metrics.Completed(result);
            return new HoldAnswer(HoldOutcome.Done, ScanState.Done, held.Worker);
        });

    /// <inheritdoc/>
    public Task<HoldAnswer> FailAsync(Reach reach, ScanHold hold, string reason, CancellationToken stop = default) =>
        AsHolderAsync(reach, hold, (transaction, held, nowMs) =>
        {
            bool isLast = held.Attempts >= retry.MaxAttempts;
            long dueMs = nowMs + (long)retry.Wait((int)held.Attempts).TotalMilliseconds;
            transaction.Connection!.Execute(isLast ? QueueSql.Bury : QueueSql.Fail, new { id = hold.Id, nowMs, dueMs, reason }, transaction);
            metrics.Failed(isLast);
            return isLast
                ? new HoldAnswer(HoldOutcome.Done, ScanState.Dead, held.Worker)
                : new HoldAnswer(HoldOutcome.Done, ScanState.Queued, held.Worker, Due: UnixMs.Time(dueMs));
        }, stop);

    /// <inheritdoc/>
    public Task<HoldAnswer> ReplayAsync(Reach reach, long id, CancellationToken stop = default) => database.WriteAsync(
        transaction =>
        {
            long nowMs = time.NowMs();
            if (Find(transaction, reach, id) is not { } held)
                return HoldAnswer.NotFound;
            bool isReplayed = transaction.Connection!.Execute(QueueSql.Replay, new { id, nowMs }, transaction) > 0;
            return isReplayed
                ? new HoldAnswer(HoldOutcome.Done, ScanState.Queued, held.Worker, Due: UnixMs.Time(nowMs))
                : new HoldAnswer(HoldOutcome.NotHeld, ScanView.StateOf(held.State), held.Worker);
        },
        stop);

    /// <inheritdoc/>
    public Task<(int Queued, int Dead)> ReapAsync(CancellationToken stop = default) =>
        database.WriteAsync(transaction => Reap(transaction, time.NowMs()), stop);

    /// <inheritdoc/>
    public async Task<Scan?> FindAsync(Reach reach, long id, CancellationToken stop = default)
    {
        await using var reader = database.Read();
        var scan = _view.Read(reader, "s.id = @id", new { tenant = reach.Tenant, sites = reach.SitesJson, id }, time.NowMs()).FirstOrDefault();
        return scan is null ? null : ScanView.WithTriggers(reader, scan);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Scan>> ListAsync(Reach reach, ScanState? state, long after, int limit, CancellationToken stop = default)
    {
        string[] states = state switch
        {
            null => ["waiting", "ready", "leased", "done", "dead"],
            ScanState.Queued => ["waiting", "ready"],
            { } one => [one.ToString().ToLowerInvariant()],
        };
        await using var reader = database.Read();
        return _view.Read(reader, "s.tenant = @tenant AND s.state IN @states AND s.id > @after ORDER BY s.id LIMIT @limit",
            new { tenant = reach.Tenant, sites = reach.SitesJson, states, after, limit }, time.NowMs());
    }

    /// <inheritdoc/>
    public async Task<QueueDepth> DepthAsync(CancellationToken stop = default)
    {
        await using var reader = database.Read();
        return reader.QuerySingle<QueueDepth>(QueueSql.Depth);
    }

    /// <summary>Runs a holder's work if the caller holds the scan; a completion that was already made by the same holder succeeds.</summary>
    private Task<HoldAnswer> AsHolderAsync(
        Reach reach, ScanHold hold, Func<SqliteTransaction, Held, long, HoldAnswer> work, CancellationToken stop, ScanResult? result = null) =>
        database.WriteAsync(
            transaction =>
            {
                long nowMs = time.NowMs();
                if (Find(transaction, reach, hold.Id) is not { } held)
                    return HoldAnswer.NotFound;
                bool isLatest = held.FencingToken == hold.FencingToken;
                if (isLatest && held.State == "leased" && held.LeaseUntilMs > nowMs)
                    return work(transaction, held, nowMs);
                if (isLatest && held.State == "done" && result is { } again && held.Result == again.Name())
                    return new HoldAnswer(HoldOutcome.Done, ScanState.Done, held.Worker);
                metrics.Refused();
                return new HoldAnswer(HoldOutcome.NotHeld, ScanView.StateOf(held.State), held.Worker, UnixMs.Time(held.LeaseUntilMs));
            },
            stop);

    private static Held? Find(SqliteTransaction transaction, Reach reach, long id) => transaction.Connection!.QuerySingleOrDefault<Held>(
        QueueSql.Held, new { tenant = reach.Tenant, sites = reach.SitesJson, id }, transaction);

    private (int Queued, int Dead) Reap(SqliteTransaction transaction, long nowMs)
    {
        var parameters = new { nowMs, maxAttempts = retry.MaxAttempts };
        int dead = transaction.Connection!.Execute(QueueSql.ReapDead, parameters, transaction);
        int queued = transaction.Connection!.Execute(QueueSql.Reap, parameters, transaction);
        metrics.RanOut(queued, dead);
        return (queued, dead);
    }

    private sealed record Taken
    {
        public long Id { get; init; }
        public long FencingToken { get; init; }
        public long Attempts { get; init; }
        public long LeaseUntilMs { get; init; }
    }

    private sealed record Held
    {
        public long TargetId { get; init; }
        public string State { get; init; } = "";
        public long FencingToken { get; init; }
        public long Attempts { get; init; }
        public long? LeaseUntilMs { get; init; }
        public string? Worker { get; init; }
        public string? Result { get; init; }
    }
}
