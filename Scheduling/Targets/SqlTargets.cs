using System.Data.Common;
using Dapper;
using Weir.Control;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Targets in a control store.</summary>
public sealed class SqlTargets(IControlStore store, TimeProvider time) : ITargets
{
    private const string Columns = """
        t.id AS Id, b.name AS Brand, q.text AS Query, t.engine AS Engine, t.created_ms AS CreatedMs, t.last_scan_ms AS LastScanMs,
        t.last_result AS LastResult
        FROM targets t JOIN brand_queries q ON q.id = t.query_id JOIN brands b ON b.id = q.brand_id
        """;

    private readonly string _inReach = Reach.TargetSql(store.Dialect);
    private readonly TargetIndexReader _index = new(store, time);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UpsertedTarget>> UpsertAsync(string tenant, IReadOnlyList<NewTarget> wishes, CancellationToken stop = default)
    {
        long nowMs = time.NowMs();
        return store.WriteAsync<IReadOnlyList<UpsertedTarget>>(
            async transaction =>
            {
                await TakeTurnAsync(transaction);
                var answers = await TargetUpsert.RunAsync(transaction, store.Dialect, tenant, wishes, nowMs);
                if (answers.Any(a => a.Change != TargetChange.None))
                    await RaiseVersionAsync(transaction);
                return answers;
            },
            stop);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Target>> ListAsync(Reach reach, long after, int limit, CancellationToken stop = default) => ReadAsync(
        "t.id > @after ORDER BY t.id LIMIT @limit", new { tenant = reach.Tenant, sites = reach.SitesJson, after, limit }, stop);

    /// <inheritdoc/>
    public async Task<Target?> FindAsync(Reach reach, long id, CancellationToken stop = default) =>
        (await ReadAsync("t.id = @id", new { tenant = reach.Tenant, sites = reach.SitesJson, id }, stop)) is [var found, ..] ? found : null;

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(Reach reach, long id, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            await TakeTurnAsync(transaction);
            int deleted = await transaction.Connection!.ExecuteAsync(
                $"DELETE FROM targets AS t WHERE {_inReach} AND t.id = @id", new { tenant = reach.Tenant, sites = reach.SitesJson, id }, transaction);
            if (deleted > 0)
                await RaiseVersionAsync(transaction);
            return deleted > 0;
        },
        stop);

    /// <inheritdoc/>
    public Task<TargetIndex> IndexAsync(CancellationToken stop = default) => _index.ReadAsync(stop);

    // Whoever writes targets holds this row until the end: two imports at a time would each make what the other makes.
    internal static Task TakeTurnAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("UPDATE versions SET version = version WHERE name = 'targets'", transaction: transaction);

    internal static Task RaiseVersionAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'targets'", transaction: transaction);

    private async Task<IReadOnlyList<Target>> ReadAsync(string where, object parameters, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var rows = (await connection.QueryAsync<Row>($"SELECT {Columns} WHERE {_inReach} AND {where}", parameters, snapshot)).AsList();
        var links = await connection.QueryAsync<LinkRow>(
            $"""
            SELECT p.target_id AS TargetId, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight, p.source AS Source
            FROM target_pages p WHERE p.target_id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")}) ORDER BY p.target_id, p.site, p.pattern
            """,
            new { ids = JsonLists.Of(rows.Select(r => r.Id)) }, snapshot);
        var topics = (await connection.QueryAsync<TopicRow>(
            $"""
            SELECT t.id AS TargetId, o.name AS Name FROM targets t JOIN query_topics q ON q.query_id = t.query_id JOIN topics o ON o.id = q.topic_id
            WHERE t.id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")}) ORDER BY t.id, o.name
            """,
            new { ids = JsonLists.Of(rows.Select(r => r.Id)) }, snapshot)).ToLookup(t => t.TargetId, t => t.Name);
        var pages = links.ToLookup(l => l.TargetId, l => new PageLink(SiteId.Parse(l.Site), l.Pattern, l.Weight, l.Source));
        return rows.ConvertAll(r => new Target(
            r.Id, r.Brand, r.Query, r.Engine, [.. pages[r.Id]], [.. topics[r.Id]], UnixMs.Time(r.CreatedMs), UnixMs.Time(r.LastScanMs), r.LastResult));
    }

    private sealed record Row
    {
        public long Id { get; init; }
        public string Brand { get; init; } = "";
        public string Query { get; init; } = "";
        public string Engine { get; init; } = "";
        public long CreatedMs { get; init; }
        public long? LastScanMs { get; init; }
        public string? LastResult { get; init; }
    }

    private sealed record TopicRow(long TargetId, string Name);

    private sealed record LinkRow
    {
        public long TargetId { get; init; }
        public string Site { get; init; } = "";
        public string Pattern { get; init; } = "";
        public double Weight { get; init; }
        public string Source { get; init; } = "";
    }
}
