using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;

namespace Weir.Scheduling.Queue;

/// <summary>How many scans of each lane may be under way. Safe from any thread.</summary>
internal sealed class ScanLanes(QueueSql sql)
{
    // Counting up to five thousand entries of an index for each lease would cost more than the lease.
    private const long CountedForMs = 2000;

    private readonly ConcurrentDictionary<(string Tenant, string Engine), (int Ceiling, long UntilMs)> _counted = new();

    /// <summary>Takes a lane for this transaction: how many of it are under way, and how many more may be.</summary>
    public async Task<(long UnderWay, int Room)> TakeAsync(DbTransaction transaction, string tenant, string engine, long nowMs)
    {
        var lane = await FindAsync(transaction, tenant, engine, nowMs);
        int ceiling = (int)Math.Min(lane.Ceiling ?? Ceiling.Max, await CountedAsync(transaction, tenant, engine, lane.UnderWay, nowMs));
        return (lane.UnderWay, (int)Math.Max(0, ceiling - lane.UnderWay));
    }

    /// <summary>Lowers a lane's ceiling, since its engine asks for less.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="tenant">The lane's tenant.</param>
    /// <param name="engine">The lane's engine.</param>
    /// <param name="failed">How many that were under way have been given back in this transaction already.</param>
    /// <param name="reason">What the engine said.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>The new ceiling; null when it was lowered for the same burst just before.</returns>
    public async Task<int?> LowerAsync(DbTransaction transaction, string tenant, string engine, int failed, string reason, long nowMs)
    {
        var lane = await FindAsync(transaction, tenant, engine, nowMs);
        TimeSpan? since = lane.Ceiling is null ? null : TimeSpan.FromMilliseconds(nowMs - lane.ChangedMs);
        if (Ceiling.Lowered((int?)lane.Ceiling, lane.UnderWay + failed, since) is not { } ceiling)
            return null;
        await ChangeAsync(transaction, tenant, engine, ceiling, 0, nowMs, reason);
        return ceiling;
    }

    /// <summary>Lets a lowered ceiling rise by what was completed.</summary>
    public async Task RaiseAsync(DbTransaction transaction, string tenant, string engine, int completed, long nowMs)
    {
        // Nearly always nothing is lowered: a look that locks nothing.
        long? lowered = await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(
            "SELECT ceiling FROM scan_lanes WHERE tenant = @tenant AND engine = @engine", new { tenant, engine }, transaction);
        if (lowered is null)
            return;
        var lane = await FindAsync(transaction, tenant, engine, nowMs);
        if (lane.Ceiling is not { } before)
            return;
        var (ceiling, passed) = Ceiling.Raised((int)before, lane.Passed + completed);
        await ChangeAsync(transaction, tenant, engine, ceiling, passed, ceiling == before ? lane.ChangedMs : nowMs, null);
    }

    private async Task<LaneRow> FindAsync(DbTransaction transaction, string tenant, string engine, long nowMs)
    {
        var connection = transaction.Connection!;
        var lane = await connection.QuerySingleOrDefaultAsync<LaneRow>(sql.Lane, new { tenant, engine }, transaction);
        if (lane is not null)
            return lane;
        await connection.ExecuteAsync(QueueSql.NewLane, new { tenant, engine, nowMs }, transaction);
        return await connection.QuerySingleAsync<LaneRow>(sql.Lane, new { tenant, engine }, transaction);
    }

    private async Task<int> CountedAsync(DbTransaction transaction, string tenant, string engine, long underWay, long nowMs)
    {
        var known = _counted.GetValueOrDefault((tenant, engine));
        if (nowMs < known.UntilMs && nowMs >= known.UntilMs - CountedForMs)
            return known.Ceiling;
        long due = await transaction.Connection!.QuerySingleAsync<long>(QueueSql.CountDue, new { tenant, engine, dueMax = Ceiling.DueMax }, transaction);
        int ceiling = Ceiling.Of(due + underWay);
        _counted[(tenant, engine)] = (ceiling, nowMs + CountedForMs);
        return ceiling;
    }

    private static Task<int> ChangeAsync(
        DbTransaction transaction, string tenant, string engine, int? ceiling, long passed, long changedMs, string? reason) =>
        transaction.Connection!.ExecuteAsync(
            QueueSql.ChangeLane, new { tenant, engine, ceiling = (long?)ceiling, passed, changedMs, reason }, transaction);

    private sealed record LaneRow(long? Ceiling, long Passed, long ChangedMs, long UnderWay);
}
