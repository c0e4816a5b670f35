using System.Data.Common;
using Dapper;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Queue;

/// <summary>Takes due scans within a transaction. Safe from any thread.</summary>
internal sealed class ScanLeaser(QueueSql sql, EngineCatalog engines, ScanLanes lanes)
{
    // A lease for all tenants looks at so many of them, and the next goes on behind.
    private const int TenantsMax = 100;

    // Where the next lease for all tenants begins. Two leases at a time may begin at the same one: that is a matter of speed alone.
    private volatile string _after = "";

    /// <summary>Takes the best scans.</summary>
    public async Task<Dictionary<long, Taken>> TakeAsync(DbTransaction transaction, Reach reach, LeaseRequest request, long nowMs)
    {
        var wanted = await LanesAsync(transaction, reach, request);
        var rooms = reach.IsAll ? await InTurnAsync(transaction, wanted, request.Max, nowMs) : await OfOneTenantAsync(transaction, wanted, nowMs);
        int[] shares = reach.IsAll ? Allotment.Share([.. rooms.Select(r => (r.UnderWay, r.Room))], request.Max) : await BestAsync(transaction, reach, request, rooms);
        Dictionary<long, Taken> taken = [];
        for (int i = 0; i < rooms.Count; i++)
        {
            if (shares[i] > 0)
                await TakeAsync(transaction, reach, request, rooms[i].Lane, shares[i], nowMs, taken);
        }
        return taken;
    }

    private async Task<List<LaneRoom>> OfOneTenantAsync(DbTransaction transaction, List<LaneName> wanted, long nowMs)
    {
        var taken = await lanes.TakeAsync(transaction, wanted, isPassingOver: false, nowMs);
        if (taken.Count == wanted.Count)
            return taken;
        await lanes.LookAsync(transaction, wanted, nowMs);
        return await lanes.TakeAsync(transaction, wanted, isPassingOver: false, nowMs);
    }

    /// <summary>The lanes whose turn it is, taken. Those that other leases hold are passed over while there are any others.</summary>
    private async Task<List<LaneRoom>> InTurnAsync(DbTransaction transaction, List<LaneName> wanted, int max, long nowMs)
    {
        if (wanted.Count == 0)
            return [];
        var seen = await lanes.LookAsync(transaction, wanted, nowMs);
        // Fairness is between tenants: what a tenant has under way on all of these engines counts for each of its lanes.
        var held = seen.GroupBy(l => l.Lane.Tenant, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(l => l.UnderWay), StringComparer.Ordinal);
        int[] shares = Allotment.Share([.. seen.Select(l => (held[l.Lane.Tenant], l.Room))], max);
        List<LaneName> chosen = [.. seen.Where((_, i) => shares[i] > 0).Select(l => l.Lane)];
        var taken = await lanes.TakeAsync(transaction, chosen, isPassingOver: true, nowMs);
        if (taken.Count == 0)
            taken = await lanes.TakeAsync(transaction, chosen, isPassingOver: false, nowMs);
        return taken.ConvertAll(l => l with { UnderWay = held[l.Lane.Tenant] });
    }

    private async Task<List<LaneName>> LanesAsync(DbTransaction transaction, Reach reach, LeaseRequest request)
    {
        if (!reach.IsAll && request.Engine is { } only)
            return [new LaneName(reach.Tenant, only)];
        if (!reach.IsAll)
        {
            return [.. (await transaction.Connection!.QueryAsync<string>(QueueSql.DueEngines, new { tenant = reach.Tenant }, transaction))
                .Select(e => new LaneName(reach.Tenant, e))];
        }
        string some = JsonLists.Of(request.Engine is { } engine ? [engine] : engines.Engines);
        string after = _after;
        var found = (await DueAsync(after)).ToList();
        string? last = TenantsOf(found) < TenantsMax ? null : found.Select(l => l.Tenant).Max(StringComparer.Ordinal);
        if (last is null && after.Length > 0)
            found.AddRange((await DueAsync("")).Where(l => string.CompareOrdinal(l.Tenant, after) <= 0));
        _after = last ?? "";
        return found;

        static int TenantsOf(List<LaneName> some) => some.Select(l => l.Tenant).Distinct(StringComparer.Ordinal).Count();

        Task<IEnumerable<LaneName>> DueAsync(string behind) => transaction.Connection!.QueryAsync<LaneName>(
            sql.DueLanes, new { after = behind, engines = some, tenants = TenantsMax }, transaction);
    }

    /// <summary>One tenant's best, whatever their engine.</summary>
    private async Task<int[]> BestAsync(
        DbTransaction transaction, Reach reach, LeaseRequest request, List<LaneRoom> rooms)
    {
        if (rooms.Count <= 1)
            return [.. rooms.Select(r => Math.Min(r.Room, request.Max))];
        List<(int Lane, Worth Worth)> all = [];
        for (int i = 0; i < rooms.Count; i++)
        {
            var parameters = new { tenant = rooms[i].Lane.Tenant, engine = rooms[i].Lane.Engine, sites = reach.SitesJson, max = Math.Min(rooms[i].Room, request.Max) };
            int lane = i;
            if (parameters.max > 0)
                all.AddRange((await transaction.Connection!.QueryAsync<Worth>(sql.Best(reach), parameters, transaction)).Select(w => (lane, w)));
        }
        int[] shares = new int[rooms.Count];
        foreach (var (lane, _) in all.OrderByDescending(s => s.Worth.Priority).ThenBy(s => s.Worth.DueMs).ThenBy(s => s.Worth.Id).Take(request.Max))
            shares[lane]++;
        return shares;
    }

    private async Task TakeAsync(
        DbTransaction transaction, Reach reach, LeaseRequest request, LaneName lane, int max, long nowMs, Dictionary<long, Taken> taken)
    {
        var parameters = new
        {
            tenant = lane.Tenant,
            engine = lane.Engine,
            sites = reach.SitesJson,
            max,
            untilMs = nowMs + (long)request.Lease.TotalMilliseconds,
            nowMs,
            worker = request.Worker,
        };
        foreach (var one in await transaction.Connection!.QueryAsync<Taken>(sql.Lease(reach), parameters, transaction))
            taken.Add(one.Id, one);
    }

    private sealed record Worth(double Priority, long DueMs, long Id);
}

/// <summary>What a lease gave.</summary>
internal sealed record Taken
{
    public long Id { get; init; }
    public long FencingToken { get; init; }
    public long Attempts { get; init; }
    public long LeaseUntilMs { get; init; }
}
