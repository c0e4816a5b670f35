using Dapper;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;

namespace Weir.Queue;

/// <summary>A store with many targets of many tenants, and the queue on it.</summary>
internal sealed class QueueWorld(IControlStore store) : IDisposable
{
    public static readonly string[] Engines = ["chatgpt", "claude", "gemini", "google-ai-overview", "perplexity"];

    private readonly SchedulingMetrics _metrics = new(TimeProvider.System);

    public void Dispose() => _metrics.Dispose();

    public static string Tenant(int number) => $"tenant-{number:00}";

    /// <summary>A queue of its own, as another program on the store has one.</summary>
    public SqlScanQueue NewQueue(int worker) => new(
        store, StoreClock.Of(store, TimeProvider.System), new RetryRule(new SchedulingSettings(), new Random(worker)),
        new EngineCatalog([.. Engines.Select(e => new Crawler
        {
            Id = e,
            Name = e,
            Operator = "operator",
            Purpose = Purpose.AiSearch,
            Engines = [new EngineFeed(e, 1, TimeSpan.Zero)],
        })]), _metrics);

    /// <summary>Makes targets straight in the tables: how fast they are imported is not asked here.</summary>
    /// <returns>Their numbers.</returns>
    public async Task<IReadOnlyList<long>> MakeTargetsAsync(int tenants, int count)
    {
        int queries = count / tenants / Engines.Length;
        for (int t = 0; t < tenants; t++)
        {
            string tenant = Tenant(t);
            await store.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
                $"""
                INSERT INTO tenants (id, created_ms) VALUES (@tenant, 0);
                INSERT INTO brands (tenant, name) VALUES (@tenant, 'Acme');
                INSERT INTO brand_queries (brand_id, text)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @queries)
                SELECT b.id, 'best widgets for purpose ' || n.i FROM n CROSS JOIN brands b WHERE b.tenant = @tenant;
                INSERT INTO targets (tenant, query_id, engine, created_ms)
                SELECT @tenant, q.id, e.value, 0 FROM brand_queries q CROSS JOIN brands b CROSS JOIN (SELECT value FROM {store.Dialect.Values("@engines")}) e
                WHERE b.id = q.brand_id AND b.tenant = @tenant;
                """,
                new { tenant, queries, engines = System.Text.Json.JsonSerializer.Serialize(Engines) }, transaction));
        }
        await using var connection = await store.ReadAsync();
        return [.. await connection.QueryAsync<long>("SELECT id FROM targets ORDER BY id")];
    }

    /// <summary>What autovacuum does by itself within a minute: without counts of its rows PostgreSQL plans for an empty table.</summary>
    public async Task SettleAsync()
    {
        if (store.Dialect == SqlDialect.Sqlite)
            return;
        await using var connection = await store.ReadAsync();
        await connection.ExecuteAsync("ANALYZE", commandTimeout: 120, commandType: System.Data.CommandType.Text);
    }

    public async Task<long> CountAsync(string state)
    {
        await using var connection = await store.ReadAsync();
        return await connection.QuerySingleAsync<long>("SELECT count(*) FROM scans WHERE state = @state", new { state });
    }

    public async Task<long> CountResultsAsync()
    {
        await using var connection = await store.ReadAsync();
        return await connection.QuerySingleAsync<long>("SELECT count(*) FROM results");
    }
}
