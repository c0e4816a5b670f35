using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Dapper;

namespace Weir.Scheduling.Queue;

/// <summary>The scans of one tenant on one engine.</summary>
internal readonly record struct LaneName(string Tenant, string Engine) : IComparable<LaneName>
{
    /// <summary>As the store compares them: whoever locks several keeps this order.</summary>
    public int CompareTo(LaneName other) =>
        string.CompareOrdinal(Tenant, other.Tenant) is not 0 and var order ? order : string.CompareOrdinal(Engine, other.Engine);
}

/// <summary>How many of a lane are under way, and how many more may be.</summary>
internal readonly record struct LaneRoom(LaneName Lane, long UnderWay, int Room);

/// <summary>How many scans of each lane may be under way. Safe from any thread.</summary>
internal sealed class ScanLanes(QueueSql sql)
{
    // Counting up to five thousand entries of an index for each lease would cost more than the lease. The dearer a count, the longer it is kept: half a minute at most.
    private const long CountedForMs = 2000, CountedForMsEach = 6;

    private readonly ConcurrentDictionary<LaneName, (int Ceiling, long AsOfMs, long ForMs)> _counted = new();

    /// <summary>Looks at lanes and locks none. Those that have no row yet get one.</summary>
    public async Task<List<LaneRoom>> LookAsync(DbTransaction transaction, List<LaneName> lanes, long nowMs)
    {
        var rows = await UnderWayAsync(transaction, lanes);
        List<LaneName> made = [.. rows.Where(r => r.IsKnown == 0).Select(r => r.Name)];
        if (made.Count > 0)
            await transaction.Connection!.ExecuteAsync(sql.NewLanes, new { lanes = Json(made), nowMs }, transaction);
        return await RoomAsync(transaction, rows, nowMs);
    }

    /// <summary>Takes lanes for this transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="lanes">Which; each has a row.</param>
    /// <param name="isPassingOver">Whether those that others have taken are left out; else they are waited for.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>What was taken, in order.</returns>
    public async Task<List<LaneRoom>> TakeAsync(DbTransaction transaction, List<LaneName> lanes, bool isPassingOver, long nowMs)
    {
        if (lanes.Count == 0)
            return [];
        var taken = await transaction.Connection!.QueryAsync<LaneRow>(isPassingOver ? sql.LockFreeLanes : sql.LockLanes, new { lanes = Json(lanes) }, transaction);
        List<LaneName> names = [.. taken.Select(t => t.Name)];
        return names.Count == 0 ? [] : await RoomAsync(transaction, await UnderWayAsync(transaction, names), nowMs);
    }

    /// <summary>Lowers a lane's ceiling, since its engine asks for less.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="name">The lane.</param>
    /// <param name="failed">How many that were under way have been given back in this transaction already.</param>
    /// <param name="reason">What the engine said.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>The new ceiling; null when it was lowered for the same burst just before.</returns>
    public async Task<int?> LowerAsync(DbTransaction transaction, LaneName name, int failed, string reason, long nowMs)
    {
        var lane = await FindAsync(transaction, name, nowMs);
        long underWay = (await UnderWayAsync(transaction, [name]))[0].UnderWay;
        TimeSpan? since = lane.Ceiling is null ? null : TimeSpan.FromMilliseconds(nowMs - lane.ChangedMs);
        if (Ceiling.Lowered((int?)lane.Ceiling, underWay + failed, since) is not { } ceiling)
            return null;
        await ChangeAsync(transaction, name, ceiling, 0, nowMs, reason);
        return ceiling;
    }

    /// <summary>Lets lowered ceilings rise by what was completed in each lane.</summary>
    public async Task RaiseAsync(DbTransaction transaction, IReadOnlyDictionary<LaneName, int> completed, long nowMs)
    {
        // Nearly always nothing is lowered: a look that locks nothing.
        var lowered = await transaction.Connection!.QueryAsync<LaneRow>(sql.LoweredLanes, new { lanes = Json(completed.Keys) }, transaction);
        foreach (var name in lowered.Select(l => l.Name).Order())
        {
            var lane = await FindAsync(transaction, name, nowMs);
            if (lane.Ceiling is not { } before)
                continue;
            var (ceiling, passed) = Ceiling.Raised((int)before, lane.Passed + completed[name]);
            await ChangeAsync(transaction, name, ceiling, passed, ceiling == before ? lane.ChangedMs : nowMs, null);
        }
    }

    private async Task<LaneRow> FindAsync(DbTransaction transaction, LaneName name, long nowMs)
    {
        var connection = transaction.Connection!;
        var parameters = new { lanes = Json([name]), nowMs };
        if (await connection.QuerySingleOrDefaultAsync<LaneRow>(sql.LockLanes, parameters, transaction) is { } lane)
            return lane;
        await connection.ExecuteAsync(sql.NewLanes, parameters, transaction);
        return await connection.QuerySingleAsync<LaneRow>(sql.LockLanes, parameters, transaction);
    }

    private async Task<List<LaneRow>> UnderWayAsync(DbTransaction transaction, List<LaneName> lanes) =>
        [.. (await transaction.Connection!.QueryAsync<LaneRow>(sql.LanesUnderWay, new { lanes = Json(lanes) }, transaction)).OrderBy(r => r.Name)];

    private async Task<List<LaneRoom>> RoomAsync(DbTransaction transaction, List<LaneRow> lanes, long nowMs)
    {
        List<LaneRoom> rooms = [];
        foreach (var lane in lanes)
        {
            int ceiling = (int)Math.Min(lane.Ceiling ?? Ceiling.Max, await CountedAsync(transaction, lane.Name, lane.UnderWay, nowMs));
            rooms.Add(new LaneRoom(lane.Name, lane.UnderWay, (int)Math.Max(0, ceiling - lane.UnderWay)));
        }
        return rooms;
    }

    private async Task<int> CountedAsync(DbTransaction transaction, LaneName name, long underWay, long nowMs)
    {
        if (_counted.TryGetValue(name, out var known) && nowMs >= known.AsOfMs && nowMs < known.AsOfMs + known.ForMs)
            return known.Ceiling;
        long due = await transaction.Connection!.QuerySingleAsync<long>(
            QueueSql.CountDue, new { tenant = name.Tenant, engine = name.Engine, dueMax = Ceiling.DueMax }, transaction);
        int ceiling = Ceiling.Of(due + underWay);
        _counted[name] = (ceiling, nowMs, Math.Max(CountedForMs, due * CountedForMsEach));
        return ceiling;
    }

    private static Task<int> ChangeAsync(DbTransaction transaction, LaneName name, int? ceiling, long passed, long changedMs, string? reason) =>
        transaction.Connection!.ExecuteAsync(
            QueueSql.ChangeLane, new { tenant = name.Tenant, engine = name.Engine, ceiling = (long?)ceiling, passed, changedMs, reason }, transaction);

    private static string Json(IEnumerable<LaneName> lanes) => JsonSerializer.Serialize(lanes.Select(l => new[] { l.Tenant, l.Engine }));

    private sealed record LaneRow
    {
        public string Tenant { get; init; } = "";
        public string Engine { get; init; } = "";
        public long? Ceiling { get; init; }
        public long Passed { get; init; }
        public long ChangedMs { get; init; }
        public long UnderWay { get; init; }
        public long IsKnown { get; init; }

        public LaneName Name => new(Tenant, Engine);
    }
}
