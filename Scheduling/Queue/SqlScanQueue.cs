using System.Data.Common;
using System.Globalization;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Queue;

/// <summary>The queue of scans in a control store.</summary>
public sealed class SqlScanQueue : IScanQueue
{
    // Leases are for whole seconds; behind thousands of scans that are completed, each look for those that ran out reads what those left in the index.
    private const long ReapedForMs = 1000;

    private readonly IControlStore _store;
    private readonly StoreClock _clock;
    private readonly RetryRule _retry;
    private readonly SchedulingMetrics _metrics;
    private readonly QueueSql _sql;
    private readonly ScanView _view;
    private readonly ScanLeaser _leaser;
    private readonly ScanHolders _holders;
    private long _reapedMs = long.MinValue / 2;

    /// <summary>Makes it.</summary>
    public SqlScanQueue(IControlStore store, StoreClock clock, RetryRule retry, EngineCatalog engines, SchedulingMetrics metrics)
    {
        _store = store;
        _clock = clock;
        _retry = retry;
        _metrics = metrics;
        _sql = new QueueSql(store.Dialect);
        _view = new ScanView(store.Dialect, engines);
        var lanes = new ScanLanes(_sql);
        _leaser = new ScanLeaser(_sql, engines, lanes);
        _holders = new ScanHolders(store, clock, _sql, lanes, retry, metrics);
    }

    /// <inheritdoc/>
    public async Task EnqueueAsync(IReadOnlyList<NewScan> scans, CancellationToken stop = default)
    {
        foreach (var some in scans.Chunk(IScanQueue.EnqueueMax))
        {
            await _store.WriteAsync(async transaction =>
            {
                long nowMs = await _clock.NowMsAsync(transaction);
                return await transaction.Connection!.ExecuteAsync(_sql.Enqueue, new { rows = Rows(some, nowMs), nowMs }, transaction);
            }, stop);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Scan>> LeaseAsync(Reach reach, LeaseRequest request, CancellationToken stop = default)
    {
        var (taken, nowMs, ranOut) = await _store.WriteAsync(
            async transaction =>
            {
                long nowMs = await _clock.NowMsAsync(transaction);
                (int Queued, int Dead) ranOut = IsReaped(nowMs) ? (0, 0) : await ReapAsync(transaction, nowMs);
                await transaction.Connection!.ExecuteAsync(_sql.Promote, new { nowMs, promoteMax = QueueSql.PromoteMax }, transaction);
                return (await _leaser.TakeAsync(transaction, reach, request, nowMs), nowMs, ranOut);
            },
            stop);
        if (!IsReaped(nowMs) && ranOut.Queued + ranOut.Dead < QueueSql.PromoteMax)
            Volatile.Write(ref _reapedMs, nowMs);
        _metrics.RanOut(ranOut.Queued, ranOut.Dead);
        if (taken.Count == 0)
            return [];
        _metrics.Leased(taken.Count);
        await using var reader = await _store.ReadAsync(stop);
        var scans = await _view.ReadLeasedAsync(reader, JsonLists.Of(taken.Keys), nowMs);
        // What the lease gave is taken from the lease: by the time of this read it may have run out, and another worker have the scan.
        return scans.ConvertAll(scan => scan with
        {
            State = ScanState.Leased,
            FencingToken = taken[scan.Id].FencingToken,
            Attempts = (int)taken[scan.Id].Attempts,
            LeasedUntil = UnixMs.Time(taken[scan.Id].LeaseUntilMs),
            Worker = request.Worker,
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<HoldAnswer>> HeartbeatAsync(Reach reach, IReadOnlyList<ScanHold> holds, TimeSpan lease, CancellationToken stop = default) =>
        _holders.HeartbeatAsync(reach, holds, lease, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HoldAnswer>> CompleteAsync(Reach reach, IReadOnlyList<FoundScan> found, CancellationToken stop = default) =>
        _holders.CompleteAsync(reach, found, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HoldAnswer>> FailAsync(Reach reach, IReadOnlyList<FailedScan> failed, CancellationToken stop = default) =>
        _holders.FailAsync(reach, failed, stop);

    /// <inheritdoc/>
    public async Task<HoldAnswer> ReplayAsync(Reach reach, long id, CancellationToken stop = default)
    {
        int replayed = await ReplayAsync(reach, new ReplayFilter(null, null, 1), id, stop);
        if (await FindAsync(reach, id, stop) is not { } scan)
            return HoldAnswer.NotFound;
        return replayed > 0
            ? new HoldAnswer(HoldOutcome.Done, ScanState.Queued, scan.Worker, Due: scan.Due)
            : new HoldAnswer(HoldOutcome.NotHeld, scan.State, scan.Worker);
    }

    /// <inheritdoc/>
    public Task<int> ReplayAsync(Reach reach, ReplayFilter filter, CancellationToken stop = default) => ReplayAsync(reach, filter, null, stop);

    /// <inheritdoc/>
    public async Task<(int Queued, int Dead)> ReapAsync(CancellationToken stop = default)
    {
        var (queued, dead) = await _store.WriteAsync(async transaction => await ReapAsync(transaction, await _clock.NowMsAsync(transaction)), stop);
        _metrics.RanOut(queued, dead);
        return (queued, dead);
    }

    /// <inheritdoc/>
    public async Task<Scan?> FindAsync(Reach reach, long id, CancellationToken stop = default)
    {
        long nowMs = (await _clock.NowAsync(stop)).ToUnixTimeMilliseconds();
        await using var reader = await _store.ReadAsync(stop);
        var found = await _view.ReadAsync(reader, "s.id = @id", new { tenant = reach.Tenant, sites = reach.SitesJson, id }, nowMs);
        return (await _view.WithTriggersAsync(reader, found)) is [var scan, ..] ? scan : null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Scan>> ListAsync(Reach reach, ScanState? state, long after, int limit, CancellationToken stop = default)
    {
        // Each names the states of the index that holds them.
        string where = state switch
        {
            null => "1 = 1",
            ScanState.Queued => "s.state IN ('waiting', 'ready', 'leased') AND s.state <> 'leased'",
            ScanState.Leased => "s.state = 'leased'",
            ScanState.Done => "s.state = 'done'",
            ScanState.Dead => "s.state = 'dead'",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
        };
        long nowMs = (await _clock.NowAsync(stop)).ToUnixTimeMilliseconds();
        await using var reader = await _store.ReadAsync(stop);
        return await _view.ReadAsync(
            reader, $"s.tenant = @tenant AND {where} AND s.id > @after ORDER BY s.id LIMIT @limit",
            new { tenant = reach.Tenant, sites = reach.SitesJson, after, limit }, nowMs);
    }

    /// <inheritdoc/>
    public async Task<QueueDepth> DepthAsync(CancellationToken stop = default)
    {
        long nowMs = (await _clock.NowAsync(stop)).ToUnixTimeMilliseconds();
        await using var reader = await _store.ReadAsync(stop);
        var row = await reader.QuerySingleAsync<DepthRow>(QueueSql.Depth);
        return new QueueDepth(row.Waiting, row.Ready, row.Leased, row.Dead)
        {
            DueAge = TimeSpan.FromMilliseconds(Math.Max(0, nowMs - (row.DueMs ?? nowMs))),
            LeaseAge = TimeSpan.FromMilliseconds(Math.Max(0, nowMs - (row.LeasedMs ?? nowMs))),
        };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LaneState>> LanesAsync(Reach reach, CancellationToken stop = default)
    {
        await using var reader = await _store.ReadAsync(stop);
        return [.. (await reader.QueryAsync<LaneRow>(_sql.Lanes(reach), new { tenant = reach.Tenant, sites = reach.SitesJson })).Select(r => r.ToState())];
    }

    // A scan of the same target may be queued between this look and the write: then the store refuses, and the next look leaves the target out.
    private async Task<int> ReplayAsync(Reach reach, ReplayFilter filter, long? id, CancellationToken stop)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await _store.WriteAsync(
                    async transaction => await transaction.Connection!.ExecuteAsync(_sql.Replay(reach), new
                    {
                        tenant = reach.Tenant,
                        sites = reach.SitesJson,
                        id,
                        engine = filter.Engine,
                        brand = filter.Brand,
                        max = filter.Max,
                        nowMs = await _clock.NowMsAsync(transaction),
                    }, transaction),
                    stop);
            }
            catch (DbException e) when (e.SqlState == "23505" && tries < 5)
            {
            }
        }
    }

    private bool IsReaped(long nowMs) => Volatile.Read(ref _reapedMs) is var at && nowMs >= at && nowMs < at + ReapedForMs;

    private async Task<(int Queued, int Dead)> ReapAsync(DbTransaction transaction, long nowMs)
    {
        var states = (await transaction.Connection!.QueryAsync<string>(
            _sql.Reap, new { nowMs, maxAttempts = _retry.MaxAttempts, promoteMax = QueueSql.PromoteMax }, transaction)).AsList();
        int dead = states.Count(s => s == "dead");
        return (states.Count - dead, dead);
    }

    private static string Rows(NewScan[] scans, long nowMs) => $"[{string.Join(',', scans.Select(s => string.Create(CultureInfo.InvariantCulture,
        $"[{s.Target},{s.Priority:R},{(s.Due == DateTimeOffset.MinValue ? nowMs : s.Due.ToUnixTimeMilliseconds())}]")))}]";

    private sealed record DepthRow
    {
        public long Waiting { get; init; }
        public long Ready { get; init; }
        public long Leased { get; init; }
        public long Dead { get; init; }
        public long? DueMs { get; init; }
        public long? LeasedMs { get; init; }
    }

    private sealed record LaneRow
    {
        public string Engine { get; init; } = "";
        public long Waiting { get; init; }
        public long Ready { get; init; }
        public long Leased { get; init; }
        public long Dead { get; init; }
        public long? DueMs { get; init; }
        public long? LeasedMs { get; init; }
        public long? Ceiling { get; init; }
        public string? Reason { get; init; }

        public LaneState ToState()
        {
            int usual = Queue.Ceiling.Of(Ready + Leased);
            bool isLowered = Ceiling < usual;
            return new LaneState(Engine, Waiting, Ready, Leased, Dead, UnixMs.Time(DueMs), UnixMs.Time(LeasedMs),
                isLowered ? (int)Ceiling!.Value : usual, isLowered, isLowered ? Reason : null);
        }
    }
}
