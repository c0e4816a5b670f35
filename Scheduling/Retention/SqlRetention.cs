using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Retention;

/// <summary>Deletes what is older than it is kept: results, finished scans, triggers and events. Several programs may do so on one store.</summary>
/// <remarks>A few hundred rows are a transaction, so that nobody waits for long. Kept whatever their age: open scans, triggers that lead a scan which is kept or that no scan has
/// been planned from yet, and what the planner has not read.</remarks>
public sealed class SqlRetention(IControlStore store, StoreClock clock, SchedulingSettings settings, SchedulingMetrics metrics)
{
    private const int RowsMax = 500;

    private const string Note = """
        ON CONFLICT (name, tenant) DO UPDATE SET deleted_id = excluded.deleted_id WHERE retention.deleted_id < excluded.deleted_id
        """;

    /// <summary>Goes once through all that is old.</summary>
    /// <param name="pause">Waits between two transactions.</param>
    /// <param name="stop">Ends it, between two transactions.</param>
    /// <returns>How many rows of each kind were deleted.</returns>
    public async Task<IReadOnlyDictionary<string, int>> RunAsync(Func<Task> pause, CancellationToken stop = default)
    {
        var now = await clock.NowAsync(stop);
        Dictionary<string, int> deleted = [];
        foreach (var kind in AgedRows.All(store.Dialect))
            deleted[kind.Name] = await WalkAsync(kind, (now - (kind.Name == "results" ? settings.ResultsLife : settings.Retention)).ToUnixTimeMilliseconds(), pause, stop);
        return deleted;
    }

    /// <summary>Up to which number a tenant's triggers were deleted; 0 when none were.</summary>
    public async Task<long> DeletedTriggersAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.QuerySingleOrDefaultAsync<long?>("SELECT deleted_id FROM retention WHERE name = 'triggers' AND tenant = @tenant", new { tenant }) ?? 0;
    }

    private async Task<int> WalkAsync(AgedRows kind, long beforeMs, Func<Task> pause, CancellationToken stop)
    {
        int deleted = 0;
        for (long after = 0; ;)
        {
            stop.ThrowIfCancellationRequested();
            var page = await PageAsync(kind, after, stop);
            var old = page.TakeWhile(r => r.AtMs < beforeMs).ToList();
            if (old.Count == 0)
                return deleted;
            long from = after, until = old[^1].Id;
            int some = await DeleteAsync(kind, from, until, beforeMs, stop);
            metrics.Deleted(kind.Name, some);
            deleted += some;
            if (old.Count < RowsMax)
                return deleted;
            after = until;
            if (some > 0)
                await pause();
        }
    }

    private async Task<List<AgedRow>> PageAsync(AgedRows kind, long after, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<AgedRow>(kind.Page, new { after, max = RowsMax })).AsList();
    }

    private Task<int> DeleteAsync(AgedRows kind, long after, long until, long beforeMs, CancellationToken stop) => store.WriteAsync(
        async transaction =>
        {
            var connection = transaction.Connection!;
            if (kind.Name is "triggers" or "events")
                await SqlTriggers.TakeTurnAsync(transaction); // nobody plans from them meanwhile
            var chosen = (await connection.QueryAsync<ChosenRow>(kind.Chosen, new { after, until, beforeMs }, transaction)).AsList();
            if (chosen.Count == 0)
                return 0;
            await connection.ExecuteAsync(kind.Delete, new { ids = JsonLists.Of(chosen.Select(c => c.Id)) }, transaction);
            string rows = JsonSerializer.Serialize(chosen.GroupBy(c => c.Tenant, StringComparer.Ordinal).Select(g => new object[] { g.Key, g.Max(c => c.Id) }));
            await connection.ExecuteAsync(
                $"""
                INSERT INTO retention (name, tenant, deleted_id)
                SELECT @name, value ->> 0, CAST(value ->> 1 AS bigint) FROM {store.Dialect.Elements("@rows")} WHERE 1 = 1
                {Note}
                """,
                new { name = kind.Name, rows }, transaction);
            return chosen.Count;
        },
        stop);

    private sealed record AgedRow
    {
        public long Id { get; init; }
        public long AtMs { get; init; }
    }

    private sealed record ChosenRow
    {
        public long Id { get; init; }
        public string Tenant { get; init; } = "";
    }
}
