using System.Data.Common;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Results;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Queue;

/// <summary>The queue of scans in a control store.</summary>
public sealed class SqlScanQueue(
    IControlStore store, StoreClock clock, RetryRule retry, EngineCatalog engines, SchedulingMetrics metrics) : IScanQueue
{
    private readonly ScanView _view = new(store.Dialect, engines);
    private readonly QueueSql _sql = new(store.Dialect);

    /// <inheritdoc/>
    public Task EnqueueAsync(IReadOnlyList<NewScan> scans, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            long nowMs = await clock.NowMsAsync(transaction);
            foreach (var scan in scans.OrderBy(s => s.Target))
            {
                await transaction.Connection!.ExecuteAsync(QueueSql.Enqueue,
                    new { target = scan.Target, priority = scan.Priority, dueMs = scan.Due.ToUnixTimeMilliseconds(), nowMs }, transaction);
            }
            return true;
        },
        stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Scan>> LeaseAsync(Reach reach, LeaseRequest request, CancellationToken stop = default)
    {
        var (taken, nowMs) = await store.WriteAsync(transaction => TakeAsync(transaction, reach, request), stop);
        if (taken.Count == 0)
            return [];
        metrics.Leased(taken.Count);
        await using var reader = await store.ReadAsync(stop);
        var parameters = new { tenant = reach.Tenant, sites = (string?)null, ids = JsonLists.Of(taken.Keys) };
        List<Scan> scans = [];
        foreach (var scan in await _view.ReadAsync(
            reader, $"s.id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")}) ORDER BY s.priority DESC, s.due_ms, s.id", parameters, nowMs))
        {
            // What the lease gave is taken from the lease: by the time of this read it may have run out, and another worker have the scan.
            scans.Add(await _view.WithTriggersAsync(reader, scan) with
            {
                State = ScanState.Leased,
                FencingToken = taken[scan.Id].FencingToken,
                Attempts = (int)taken[scan.Id].Attempts,
                LeasedUntil = UnixMs.Time(taken[scan.Id].LeaseUntilMs),
                Worker = request.Worker,
            });
        }
        return scans;
    }

    private async Task<(Dictionary<long, Taken> Taken, long NowMs)> TakeAsync(DbTransaction transaction, Reach reach, LeaseRequest request)
    {
        long nowMs = await clock.NowMsAsync(transaction);
        await ReapAsync(transaction, nowMs);
        await transaction.Connection!.ExecuteAsync(_sql.Promote, new { nowMs, promoteMax = QueueSql.PromoteMax }, transaction);
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
        string sql = request.Engine is null ? _sql.LeaseAny : _sql.LeaseEngine;
        return ((await transaction.Connection!.QueryAsync<Taken>(sql, parameters, transaction)).ToDictionary(t => t.Id), nowMs);
    }

    /// <inheritdoc/>
    public Task<HoldAnswer> HeartbeatAsync(Reach reach, ScanHold hold, TimeSpan lease, CancellationToken stop = default) =>
        AsHolderAsync(reach, hold, async (transaction, held, nowMs) =>
        {
            long untilMs = nowMs + (long)lease.TotalMilliseconds;
            await transaction.Connection!.ExecuteAsync(QueueSql.Heartbeat, new { id = hold.Id, untilMs }, transaction);
            return new HoldAnswer(HoldOutcome.Done, ScanState.Leased, held.Worker, UnixMs.Time(untilMs));
        }, stop);

    /// <inheritdoc/>
    public Task<HoldAnswer> CompleteAsync(Reach reach, ScanHold hold, ScanResult result, string? evidence, CancellationToken stop = default) =>
        AsHolderAsync(reach, hold, result: result, stop: stop, work: async (transaction, held, nowMs) =>
        {
            await transaction.Connection!.ExecuteAsync(QueueSql.Complete, new { id = hold.Id, nowMs }, transaction);
            await SqlResults.RecordAsync(transaction, reach.Tenant, held.TargetId, hold.Id, nowMs, result, evidence, held.Worker ?? "");
            metrics.Completed(result);
            return new HoldAnswer(HoldOutcome.Done, ScanState.Done, held.Worker);
        });

    /// <inheritdoc/>
    public Task<HoldAnswer> FailAsync(Reach reach, ScanHold hold, string reason, CancellationToken stop = default) =>
        AsHolderAsync(reach, hold, async (transaction, held, nowMs) =>
        {
            bool isLast = held.Attempts >= retry.MaxAttempts;
            long dueMs = nowMs + (long)retry.Wait((int)held.Attempts).TotalMilliseconds;
            await transaction.Connection!.ExecuteAsync(
                isLast ? QueueSql.Bury : QueueSql.Fail, new { id = hold.Id, nowMs, dueMs, reason = reason.Replace('\0', ' ') }, transaction);
            metrics.Failed(isLast);
            return isLast
                ? new HoldAnswer(HoldOutcome.Done, ScanState.Dead, held.Worker)
                : new HoldAnswer(HoldOutcome.Done, ScanState.Queued, held.Worker, Due: UnixMs.Time(dueMs));
        }, stop);

    /// <inheritdoc/>
    public Task<HoldAnswer> ReplayAsync(Reach reach, long id, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            long nowMs = await clock.NowMsAsync(transaction);
            if (await FindAsync(transaction, reach, id) is not { } held)
                return HoldAnswer.NotFound;
            bool isReplayed = await transaction.Connection!.ExecuteAsync(QueueSql.Replay, new { id, nowMs }, transaction) > 0;
            return isReplayed
                ? new HoldAnswer(HoldOutcome.Done, ScanState.Queued, held.Worker, Due: UnixMs.Time(nowMs))
                : new HoldAnswer(HoldOutcome.NotHeld, ScanView.StateOf(held.State), held.Worker);
        },
        stop);

    /// <inheritdoc/>
    public Task<(int Queued, int Dead)> ReapAsync(CancellationToken stop = default) =>
        store.WriteAsync(async transaction => await ReapAsync(transaction, await clock.NowMsAsync(transaction)), stop);

    /// <inheritdoc/>
    public async Task<Scan?> FindAsync(Reach reach, long id, CancellationToken stop = default)
    {
        long nowMs = (await clock.NowAsync(stop)).ToUnixTimeMilliseconds();
        await using var reader = await store.ReadAsync(stop);
        var found = await _view.ReadAsync(reader, "s.id = @id", new { tenant = reach.Tenant, sites = reach.SitesJson, id }, nowMs);
        return found is [var scan, ..] ? await _view.WithTriggersAsync(reader, scan) : null;
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
        long nowMs = (await clock.NowAsync(stop)).ToUnixTimeMilliseconds();
        await using var reader = await store.ReadAsync(stop);
        return await _view.ReadAsync(
            reader, $"s.tenant = @tenant AND s.state IN (SELECT value FROM {store.Dialect.Values("@states")}) AND s.id > @after ORDER BY s.id LIMIT @limit",
            new { tenant = reach.Tenant, sites = reach.SitesJson, states = JsonLists.Of(states), after, limit }, nowMs);
    }

    /// <inheritdoc/>
    public async Task<QueueDepth> DepthAsync(CancellationToken stop = default)
    {
        await using var reader = await store.ReadAsync(stop);
        return await reader.QuerySingleAsync<QueueDepth>(QueueSql.Depth);
    }

    /// <summary>Runs a holder's work if the caller holds the scan; a completion that was already made by the same holder succeeds.</summary>
    private Task<HoldAnswer> AsHolderAsync(
        Reach reach, ScanHold hold, Func<DbTransaction, Held, long, Task<HoldAnswer>> work, CancellationToken stop, ScanResult? result = null) =>
        store.WriteAsync(
            async transaction =>
            {
                if (await FindAsync(transaction, reach, hold.Id) is not { } held)
                    return HoldAnswer.NotFound;
                // Behind the lock: the time before it may be long past.
                long nowMs = await clock.NowMsAsync(transaction);
                bool isLatest = held.FencingToken == hold.FencingToken;
                if (isLatest && held.State == "leased" && held.LeaseUntilMs > nowMs)
                    return await work(transaction, held, nowMs);
                if (isLatest && held.State == "done" && result is { } again && held.Result == again.Name())
                    return new HoldAnswer(HoldOutcome.Done, ScanState.Done, held.Worker);
                metrics.Refused();
                return new HoldAnswer(HoldOutcome.NotHeld, ScanView.StateOf(held.State), held.Worker, UnixMs.Time(held.LeaseUntilMs));
            },
            stop);

    private Task<Held?> FindAsync(DbTransaction transaction, Reach reach, long id) => transaction.Connection!.QuerySingleOrDefaultAsync<Held?>(
        _sql.Held, new { tenant = reach.Tenant, sites = reach.SitesJson, id }, transaction);

    private async Task<(int Queued, int Dead)> ReapAsync(DbTransaction transaction, long nowMs)
    {
        var parameters = new { nowMs, maxAttempts = retry.MaxAttempts };
        int dead = await transaction.Connection!.ExecuteAsync(_sql.ReapDead, parameters, transaction);
        int queued = await transaction.Connection!.ExecuteAsync(_sql.Reap, parameters, transaction);
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
