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
    private TargetIndex _index = new([], version: -1);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UpsertedTarget>> UpsertAsync(string tenant, IReadOnlyList<NewTarget> wishes, CancellationToken stop = default)
    {
        long nowMs = time.NowMs();
        return store.WriteAsync<IReadOnlyList<UpsertedTarget>>(
            async transaction =>
            {
                await TakeTurnAsync(transaction);
                List<UpsertedTarget> answers = [];
                foreach (var wish in wishes)
                    answers.Add(await UpsertAsync(transaction, tenant, wish, nowMs));
                if (answers.Exists(a => a.Change != TargetChange.None))
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
    public async Task<TargetIndex> IndexAsync(CancellationToken stop = default)
    {
        var known = Volatile.Read(ref _index);
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        long version = await connection.QuerySingleAsync<long>("SELECT version FROM versions WHERE name = 'targets'", transaction: snapshot);
        if (version == known.Version)
            return known;
        // The join is the second lock on the door: a link to another tenant's site would show its crawls.
        var links = connection.Query<LinkRow>(
            """
            SELECT p.target_id AS TargetId, t.tenant AS Tenant, t.engine AS Engine, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight
            FROM target_pages p JOIN targets t ON t.id = p.target_id JOIN sites s ON s.id = p.site AND s.tenant = t.tenant
            """,
            transaction: snapshot, buffered: false);
        var built = new TargetIndex(links.Select(l => new TargetLink(l.TargetId, l.Tenant, l.Engine, l.Site, l.Pattern, l.Weight)), version);
        Volatile.Write(ref _index, built);
        return built;
    }

    private static async Task<UpsertedTarget> UpsertAsync(DbTransaction transaction, string tenant, NewTarget wish, long nowMs)
    {
        var connection = transaction.Connection!;
        var (brand, _) = await FindOrAddAsync(transaction, "SELECT id FROM brands WHERE tenant = @tenant AND name = @name",
            "INSERT INTO brands (tenant, name) VALUES (@tenant, @name) RETURNING id", new { tenant, name = wish.Brand });
        var (query, _) = await FindOrAddAsync(transaction, "SELECT id FROM brand_queries WHERE brand_id = @brand AND text = @text",
            "INSERT INTO brand_queries (brand_id, text) VALUES (@brand, @text) RETURNING id", new { brand, text = wish.Query });
        var (target, isNew) = await FindOrAddAsync(transaction, "SELECT id FROM targets WHERE query_id = @query AND engine = @engine",
            "INSERT INTO targets (tenant, query_id, engine, created_ms) VALUES (@tenant, @query, @engine, @nowMs) RETURNING id",
            new { tenant, query, engine = wish.Engine, nowMs });
        int linked = 0;
        foreach (var page in wish.Pages)
        {
            linked += await connection.ExecuteAsync(
                """
                INSERT INTO target_pages (target_id, site, pattern, weight) VALUES (@target, @site, @pattern, @weight)
                ON CONFLICT (target_id, site, pattern) DO UPDATE SET weight = excluded.weight WHERE target_pages.weight <> excluded.weight
                """,
                new { target, site = page.Site.Value, pattern = page.Pattern, weight = page.Weight }, transaction);
        }
        return new UpsertedTarget(target, isNew ? TargetChange.Created : linked > 0 ? TargetChange.Linked : TargetChange.None);
    }

    private static async Task<(long Id, bool IsNew)> FindOrAddAsync(DbTransaction transaction, string find, string add, object parameters)
    {
        long? id = await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(find, parameters, transaction);
        return (id ?? await transaction.Connection!.QuerySingleAsync<long>(add, parameters, transaction), id is null);
    }

    // Whoever writes targets holds this row until the end: two imports at a time would each make what the other makes.
    private static Task TakeTurnAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("UPDATE versions SET version = version WHERE name = 'targets'", transaction: transaction);

    private static Task RaiseVersionAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'targets'", transaction: transaction);

    private async Task<IReadOnlyList<Target>> ReadAsync(string where, object parameters, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        var rows = (await connection.QueryAsync<Row>($"SELECT {Columns} WHERE {_inReach} AND {where}", parameters, snapshot)).AsList();
        var links = await connection.QueryAsync<LinkRow>(
            $"""
            SELECT p.target_id AS TargetId, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight
            FROM target_pages p WHERE p.target_id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")}) ORDER BY p.target_id, p.site, p.pattern
            """,
            new { ids = JsonLists.Of(rows.Select(r => r.Id)) }, snapshot);
        var pages = links.ToLookup(l => l.TargetId, l => new PageLink(SiteId.Parse(l.Site), l.Pattern, l.Weight));
        return rows.ConvertAll(r => new Target(
            r.Id, r.Brand, r.Query, r.Engine, [.. pages[r.Id]], UnixMs.Time(r.CreatedMs), UnixMs.Time(r.LastScanMs), r.LastResult));
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

    private sealed record LinkRow
    {
        public long TargetId { get; init; }
        public string Tenant { get; init; } = "";
        public string Engine { get; init; } = "";
        public string Site { get; init; } = "";
        public string Pattern { get; init; } = "";
        public double Weight { get; init; }
    }
}
