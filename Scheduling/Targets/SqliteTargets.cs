using Dapper;
using Microsoft.Data.Sqlite;
using Weir.Control;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Targets in the embedded control store.</summary>
public sealed class SqliteTargets(ControlDatabase database, TimeProvider time) : ITargets
{
    private const string Columns = """
        t.id AS Id, b.name AS Brand, q.text AS Query, t.engine AS Engine, t.created_ms AS CreatedMs, t.last_scan_ms AS LastScanMs,
        t.last_result AS LastResult
        FROM targets t JOIN brand_queries q ON q.id = t.query_id JOIN brands b ON b.id = q.brand_id
        """;

    private TargetIndex _index = new([], version: -1);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UpsertedTarget>> UpsertAsync(string tenant, IReadOnlyList<NewTarget> wishes, CancellationToken stop = default)
    {
        long nowMs = time.NowMs();
        return database.WriteAsync<IReadOnlyList<UpsertedTarget>>(
            transaction =>
            {
                var answers = wishes.Select(w => Upsert(transaction, tenant, w, nowMs)).ToList();
                if (answers.Exists(a => a.Change != TargetChange.None))
                    RaiseVersion(transaction);
                return answers;
            },
            stop);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Target>> ListAsync(Reach reach, long after, int limit, CancellationToken stop = default)
    {
        await using var connection = database.Read();
        await using var snapshot = connection.BeginTransaction(deferred: true);
        var rows = connection.Query<Row>(
            $"SELECT {Columns} WHERE {Reach.TargetSql} AND t.id > @after ORDER BY t.id LIMIT @limit",
            new { tenant = reach.Tenant, sites = reach.SitesJson, after, limit }, snapshot).AsList();
        return WithPages(connection, snapshot, rows);
    }

    /// <inheritdoc/>
    public async Task<Target?> FindAsync(Reach reach, long id, CancellationToken stop = default)
    {
        await using var connection = database.Read();
        await using var snapshot = connection.BeginTransaction(deferred: true);
        var rows = connection.Query<Row>(
            $"SELECT {Columns} WHERE {Reach.TargetSql} AND t.id = @id",
            new { tenant = reach.Tenant, sites = reach.SitesJson, id }, snapshot).AsList();
        return WithPages(connection, snapshot, rows).FirstOrDefault();
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(Reach reach, long id, CancellationToken stop = default) => database.WriteAsync(
        transaction =>
        {
            int deleted = transaction.Connection!.Execute(
                $"DELETE FROM targets AS t WHERE {Reach.TargetSql} AND t.id = @id",
                new { tenant = reach.Tenant, sites = reach.SitesJson, id }, transaction);
            if (deleted > 0)
                RaiseVersion(transaction);
            return deleted > 0;
        },
        stop);

    /// <inheritdoc/>
    public async Task<TargetIndex> IndexAsync(CancellationToken stop = default)
    {
        var known = Volatile.Read(ref _index);
        await using var connection = database.Read();
        await using var snapshot = connection.BeginTransaction(deferred: true);
        long version = connection.QuerySingle<long>("SELECT version FROM versions WHERE name = 'targets'", transaction: snapshot);
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

    private static UpsertedTarget Upsert(SqliteTransaction transaction, string tenant, NewTarget wish, long nowMs)
    {
        var connection = transaction.Connection!;
        long brand = FindOrAdd(transaction, "SELECT id FROM brands WHERE tenant = @tenant AND name = @name",
            "INSERT INTO brands (tenant, name) VALUES (@tenant, @name) RETURNING id", new { tenant, name = wish.Brand }, out _);
        long query = FindOrAdd(transaction, "SELECT id FROM brand_queries WHERE brand_id = @brand AND text = @text",
            "INSERT INTO brand_queries (brand_id, text) VALUES (@brand, @text) RETURNING id", new { brand, text = wish.Query }, out _);
        long target = FindOrAdd(transaction, "SELECT id FROM targets WHERE query_id = @query AND engine = @engine",
            "INSERT INTO targets (tenant, query_id, engine, created_ms) VALUES (@tenant, @query, @engine, @nowMs) RETURNING id",
            new { tenant, query, engine = wish.Engine, nowMs }, out bool isNew);
        int linked = wish.Pages.Sum(page => connection.Execute(
            """
            INSERT INTO target_pages (target_id, site, pattern, weight) VALUES (@target, @site, @pattern, @weight)
            ON CONFLICT (target_id, site, pattern) DO UPDATE SET weight = excluded.weight WHERE weight <> excluded.weight
            """,
            new { target, site = page.Site.Value, pattern = page.Pattern, weight = page.Weight }, transaction));
        return new UpsertedTarget(target, isNew ? TargetChange.Created : linked > 0 ? TargetChange.Linked : TargetChange.None);
    }

    private static long FindOrAdd(SqliteTransaction transaction, string find, string add, object parameters, out bool isNew)
    {
        long? id = transaction.Connection!.QuerySingleOrDefault<long?>(find, parameters, transaction);
        isNew = id is null;
        return id ?? transaction.Connection!.QuerySingle<long>(add, parameters, transaction);
    }

    private static void RaiseVersion(SqliteTransaction transaction) =>
        transaction.Connection!.Execute("UPDATE versions SET version = version + 1 WHERE name = 'targets'", transaction: transaction);

    private static List<Target> WithPages(SqliteConnection connection, SqliteTransaction snapshot, List<Row> rows)
    {
        var pages = connection.Query<LinkRow>(
            """
            SELECT p.target_id AS TargetId, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight
            FROM target_pages p WHERE p.target_id IN @ids ORDER BY p.target_id, p.site, p.pattern
            """,
            new { ids = rows.Select(r => r.Id) }, snapshot)
            .ToLookup(l => l.TargetId, l => new PageLink(SiteId.Parse(l.Site), l.Pattern, l.Weight));
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
