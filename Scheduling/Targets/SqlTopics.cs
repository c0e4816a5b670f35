using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Topics and brands in a control store.</summary>
public sealed class SqlTopics(IControlStore store, TimeProvider time) : ITopics
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<WatchedBrand>> BrandsAsync(string tenant, long after, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QueryAsync<WatchedBrand>(
            """
            SELECT b.id AS Id, b.name AS Name, (SELECT count(*) FROM brand_queries q WHERE q.brand_id = b.id) AS Queries,
                   (SELECT count(*) FROM brand_queries q JOIN targets t ON t.query_id = q.id WHERE q.brand_id = b.id) AS Targets
            FROM brands b WHERE b.tenant = @tenant AND b.id > @after ORDER BY b.id LIMIT @limit
            """,
            new { tenant, after, limit })).AsList();
    }

    /// <inheritdoc/>
    public Task<RenameOutcome> RenameBrandAsync(string tenant, long id, string name, Actor by, CancellationToken stop = default) => RenameAsync(
        "SELECT id AS Id, name AS Name FROM brands WHERE tenant = @tenant AND (id = @id OR name = @name)", "UPDATE brands SET name = @name WHERE tenant = @tenant AND id = @id",
        tenant, id, name, by, AuditActions.BrandRename, stop);

    /// <inheritdoc/>
    public Task<bool> DeleteBrandAsync(string tenant, long id, Actor by, CancellationToken stop = default) =>
        DeleteAsync("DELETE FROM brands WHERE tenant = @tenant AND id = @id RETURNING name", tenant, id, by, AuditActions.BrandRemove, stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Topic>> ListAsync(string tenant, long after, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        await using var snapshot = await store.Dialect.SnapshotAsync(connection, stop);
        return await ReadAsync(connection, snapshot, "o.tenant = @tenant AND o.id > @after ORDER BY o.id LIMIT @limit", new { tenant, after, limit });
    }

    /// <inheritdoc/>
    public Task<Topic> PutAsync(string tenant, string name, IReadOnlyList<PageLink> pages, Actor by, CancellationToken stop = default) => store.WriteAsync(
        async transaction =>
        {
            await SqlTargets.TakeTurnAsync(transaction);
            var connection = transaction.Connection!;
            await connection.ExecuteAsync("INSERT INTO topics (tenant, name) VALUES (@tenant, @name) ON CONFLICT (tenant, name) DO NOTHING", new { tenant, name }, transaction);
            long id = await connection.QuerySingleAsync<long>("SELECT id FROM topics WHERE tenant = @tenant AND name = @name", new { tenant, name }, transaction);
            await connection.ExecuteAsync("DELETE FROM topic_pages WHERE topic_id = @id", new { id }, transaction);
            await connection.ExecuteAsync(
                $"""
                INSERT INTO topic_pages (topic_id, site, pattern, weight)
                SELECT @id, value ->> 0, value ->> 1, CAST(value ->> 2 AS double precision) FROM {store.Dialect.Elements("@rows")}
                """,
                new { id, rows = JsonSerializer.Serialize(pages.Select(p => new object[] { p.Site.Value, p.Pattern, p.Weight })) }, transaction);
            await TargetChanges.TopicAsync(transaction, tenant, id);
            await SqlTargets.RaiseVersionAsync(transaction);
            await NoteAsync(transaction, tenant, by, AuditActions.TopicPut, id, $"{name}: {pages.Count} pages");
            return (await ReadAsync(connection, transaction, "o.id = @id", new { id }))[0];
        },
        stop);

    /// <inheritdoc/>
    public Task<RenameOutcome> RenameAsync(string tenant, long id, string name, Actor by, CancellationToken stop = default) => RenameAsync(
        "SELECT id AS Id, name AS Name FROM topics WHERE tenant = @tenant AND (id = @id OR name = @name)", "UPDATE topics SET name = @name WHERE tenant = @tenant AND id = @id",
        tenant, id, name, by, AuditActions.TopicRename, stop);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string tenant, long id, Actor by, CancellationToken stop = default) =>
        DeleteAsync("DELETE FROM topics WHERE tenant = @tenant AND id = @id RETURNING name", tenant, id, by, AuditActions.TopicRemove, stop);

    private Task<RenameOutcome> RenameAsync(
        string findSql, string renameSql, string tenant, long id, string name, Actor by, string action, CancellationToken stop) => store.WriteAsync(
        async transaction =>
        {
            await SqlTargets.TakeTurnAsync(transaction);
            var found = (await transaction.Connection!.QueryAsync<NameRow>(findSql, new { tenant, id, name }, transaction)).AsList();
            if (found.Find(f => f.Id == id) is not { } known)
                return RenameOutcome.NotFound;
            if (found.Exists(f => f.Id != id))
                return RenameOutcome.Taken;
            await transaction.Connection!.ExecuteAsync(renameSql, new { tenant, id, name }, transaction);
            await NoteAsync(transaction, tenant, by, action, id, $"{known.Name} is now {name}");
            return RenameOutcome.Done;
        },
        stop);

    private Task<bool> DeleteAsync(string sql, string tenant, long id, Actor by, string action, CancellationToken stop) => store.WriteAsync(
        async transaction =>
        {
            await SqlTargets.TakeTurnAsync(transaction);
            if (await transaction.Connection!.QuerySingleOrDefaultAsync<string>(sql, new { tenant, id }, transaction) is not { } name)
                return false;
            if (action == AuditActions.TopicRemove)
                await TargetChanges.UnlinkedAsync(transaction, tenant, id);
            await SqlTargets.RaiseVersionAsync(transaction);
            await NoteAsync(transaction, tenant, by, action, id, name);
            return true;
        },
        stop);

    private static async Task<List<Topic>> ReadAsync(DbConnection connection, DbTransaction transaction, string where, object parameters)
    {
        var rows = (await connection.QueryAsync<TopicRow>(
            $"SELECT o.id AS Id, o.name AS Name, (SELECT count(*) FROM query_topics q WHERE q.topic_id = o.id) AS Queries FROM topics o WHERE {where}",
            parameters, transaction)).AsList();
        var pages = (await connection.QueryAsync<PageRow>(
            $"""
            SELECT p.topic_id AS Topic, p.site AS Site, p.pattern AS Pattern, p.weight AS Weight FROM topic_pages p
            WHERE p.topic_id IN (SELECT x.id FROM (SELECT o.id FROM topics o WHERE {where}) x) ORDER BY p.topic_id, p.site, p.pattern
            """,
            parameters, transaction)).ToLookup(p => p.Topic, p => new PageLink(SiteId.Parse(p.Site), p.Pattern, p.Weight));
        return rows.ConvertAll(r => new Topic(r.Id, r.Name, r.Queries, [.. pages[r.Id]]));
    }

    private Task<int> NoteAsync(DbTransaction transaction, string tenant, Actor by, string action, long id, string detail) => SqlAuditLog.NoteAsync(
        transaction, tenant, by, new AuditNote(action, id.ToString(System.Globalization.CultureInfo.InvariantCulture), detail), time.NowMs());

    private sealed record NameRow(long Id, string Name);

    private sealed record TopicRow
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public long Queries { get; init; }
    }

    private sealed record PageRow(long Topic, string Site, string Pattern, double Weight);
}
