using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Results;

namespace Weir.Scheduling.Queue;

/// <summary>What the holders of scans may do: keep, complete, fail. Safe from any thread.</summary>
internal sealed class ScanHolders(
    IControlStore store, StoreClock clock, QueueSql sql, ScanLanes lanes, RetryRule retry, SchedulingMetrics metrics)
{
    /// <inheritdoc cref="IScanQueue.HeartbeatAsync"/>
    public async Task<IReadOnlyList<HoldAnswer>> HeartbeatAsync(Reach reach, IReadOnlyList<ScanHold> holds, TimeSpan lease, CancellationToken stop)
    {
        var answers = await store.WriteAsync(
            async transaction =>
            {
                var (held, nowMs) = await LockAsync(transaction, reach, holds.Select(h => h.Id));
                long untilMs = nowMs + (long)lease.TotalMilliseconds;
                var answers = holds.Select(h => IsHeld(held, h, nowMs, out var scan) ?? new HoldAnswer(HoldOutcome.Done, ScanState.Leased, scan.Worker, UnixMs.Time(untilMs))).ToList();
                var kept = holds.Where((_, i) => answers[i].Outcome == HoldOutcome.Done).Select(h => h.Id);
                await transaction.Connection!.ExecuteAsync(sql.Heartbeat, new { ids = JsonLists.Of(kept), untilMs }, transaction);
                return answers;
            },
            stop);
        return Counted(answers);
    }

    /// <inheritdoc cref="IScanQueue.CompleteAsync"/>
    public async Task<IReadOnlyList<HoldAnswer>> CompleteAsync(Reach reach, IReadOnlyList<FoundScan> found, CancellationToken stop)
    {
        List<ScanResult> kept = [];
        var answers = await store.WriteAsync(
            async transaction =>
            {
                kept.Clear();
                var (held, nowMs) = await LockAsync(transaction, reach, found.Select(f => f.Hold.Id));
                List<HoldAnswer> answers = [];
                List<NewResult> results = [];
                foreach (var one in found)
                    answers.Add(Complete(held, one, nowMs, results, kept));
                if (results.Count == 0)
                    return answers;
                await transaction.Connection!.ExecuteAsync(sql.Complete, new { ids = JsonLists.Of(results.Select(r => r.Scan)), nowMs }, transaction);
                await SqlResults.RecordAsync(transaction, store.Dialect, results, nowMs);
                await lanes.RaiseAsync(transaction, results.CountBy(r => new LaneName(r.Tenant, r.Engine)).ToDictionary(), nowMs);
                return answers;
            },
            stop);
        foreach (var result in kept)
            metrics.Completed(result);
        return Counted(answers);
    }

    /// <inheritdoc cref="IScanQueue.FailAsync"/>
    public async Task<IReadOnlyList<HoldAnswer>> FailAsync(Reach reach, IReadOnlyList<FailedScan> failed, CancellationToken stop)
    {
        List<(FailureKind Kind, bool IsDead)> kept = [];
        var answers = await store.WriteAsync(
            async transaction =>
            {
                kept.Clear();
                var (held, nowMs) = await LockAsync(transaction, reach, failed.Select(f => f.Hold.Id));
                List<HoldAnswer> answers = [];
                List<GivenBack> rows = [];
                foreach (var one in failed)
                    answers.Add(Fail(held, one, nowMs, rows));
                if (rows.Count == 0)
                    return answers;
                string json = JsonSerializer.Serialize(rows.Select(r => new object?[] { r.Scan.Id, r.State, r.DueMs, r.Attempts, r.Reason }));
                await transaction.Connection!.ExecuteAsync(sql.Fail, new { rows = json, nowMs }, transaction);
                kept.AddRange(rows.Select(r => (r.Kind, r.State == "dead")));
                await LowerAsync(transaction, rows, nowMs);
                return answers;
            },
            stop);
        foreach (var (kind, isDead) in kept)
            metrics.Failed(kind, isDead);
        return Counted(answers);
    }

    private static HoldAnswer Complete(Dictionary<long, Held> held, FoundScan found, long nowMs, List<NewResult> results, List<ScanResult> kept)
    {
        if (IsHeld(held, found.Hold, nowMs, out var scan) is { } refused)
        {
            return held.TryGetValue(found.Hold.Id, out var done) && done.FencingToken == found.Hold.FencingToken && done.State == "done"
                && done.Result == found.Result.Name() ? new HoldAnswer(HoldOutcome.Done, ScanState.Done, done.Worker) : refused;
        }
        results.Add(new NewResult(
            scan.Tenant, scan.Engine, scan.TargetId, scan.Id, found.Result.Name(), IsChange(scan.LastResult, found.Result), found.Evidence, scan.Worker ?? ""));
        kept.Add(found.Result);
        // The same scan may stand in the list again.
        held[scan.Id] = scan with { State = "done", Result = found.Result.Name() };
        return new HoldAnswer(HoldOutcome.Done, ScanState.Done, scan.Worker);
    }

    private HoldAnswer Fail(Dictionary<long, Held> held, FailedScan failed, long nowMs, List<GivenBack> rows)
    {
        if (IsHeld(held, failed.Hold, nowMs, out var scan) is { } refused)
            return refused;
        string reason = failed.Reason.Replace('\0', ' '); // PostgreSQL keeps none
        if (failed.Kind == FailureKind.Returned)
        {
            rows.Add(new GivenBack(scan, "ready", nowMs, scan.Attempts - 1, reason, failed.Kind));
            held[scan.Id] = scan with { State = "ready" };
            return new HoldAnswer(HoldOutcome.Done, ScanState.Queued, scan.Worker, Due: UnixMs.Time(nowMs));
        }
        bool isLast = scan.Attempts >= retry.MaxAttempts;
        var wait = retry.Wait((int)scan.Attempts);
        long dueMs = nowMs + (long)(wait > failed.RetryAfter ? wait : failed.RetryAfter).TotalMilliseconds;
        string state = isLast ? "dead" : "waiting";
        rows.Add(new GivenBack(scan, state, isLast ? nowMs : dueMs, scan.Attempts, reason, failed.Kind));
        held[scan.Id] = scan with { State = state };
        return isLast
            ? new HoldAnswer(HoldOutcome.Done, ScanState.Dead, scan.Worker)
            : new HoldAnswer(HoldOutcome.Done, ScanState.Queued, scan.Worker, Due: UnixMs.Time(dueMs));
    }

    private async Task LowerAsync(DbTransaction transaction, List<GivenBack> rows, long nowMs)
    {
        foreach (var lane in rows.GroupBy(r => new LaneName(r.Scan.Tenant, r.Scan.Engine)).OrderBy(g => g.Key))
        {
            if (lane.FirstOrDefault(r => r.Kind == FailureKind.Overload) is { } overload)
                await lanes.LowerAsync(transaction, lane.Key, lane.Count(), overload.Reason, nowMs);
        }
    }

    /// <summary>Locks scans and then reads the clock: the wait for the lock may have been long.</summary>
    private async Task<(Dictionary<long, Held> Held, long NowMs)> LockAsync(DbTransaction transaction, Reach reach, IEnumerable<long> ids)
    {
        var rows = await transaction.Connection!.QueryAsync<Held>(
            sql.Held(reach), new { tenant = reach.Tenant, sites = reach.SitesJson, ids = JsonLists.Of(ids.Distinct()) }, transaction);
        return (rows.ToDictionary(h => h.Id), await clock.NowMsAsync(transaction));
    }

    /// <summary>Null when the caller holds the scan; else what to say instead.</summary>
    private static HoldAnswer? IsHeld(Dictionary<long, Held> held, ScanHold hold, long nowMs, out Held scan)
    {
        if (!held.TryGetValue(hold.Id, out scan!))
            return HoldAnswer.NotFound;
        return scan.FencingToken == hold.FencingToken && scan.State == "leased" && scan.LeaseUntilMs > nowMs ? null
            : new HoldAnswer(HoldOutcome.NotHeld, ScanView.StateOf(scan.State), scan.Worker, UnixMs.Time(scan.LeaseUntilMs));
    }

    private List<HoldAnswer> Counted(List<HoldAnswer> answers)
    {
        foreach (var _ in answers.Where(a => a.Outcome == HoldOutcome.NotHeld))
            metrics.Refused();
        return answers;
    }

    private static bool? IsChange(string? before, ScanResult result) => before is null ? null : (before == "cited") != (result == ScanResult.Cited);

    private sealed record Held
    {
        public long Id { get; init; }
        public string Tenant { get; init; } = "";
        public string Engine { get; init; } = "";
        public long TargetId { get; init; }
        public string State { get; init; } = "";
        public long FencingToken { get; init; }
        public long Attempts { get; init; }
        public long? LeaseUntilMs { get; init; }
        public string? Worker { get; init; }
        public string? LastResult { get; init; }
        public string? Result { get; init; }
    }

    private sealed record GivenBack(Held Scan, string State, long DueMs, long Attempts, string Reason, FailureKind Kind);
}
