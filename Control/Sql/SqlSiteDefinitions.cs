using System.Data.Common;
using Dapper;
using Weir.Detection;

namespace Weir.Control.Sql;

/// <summary>Site definitions in a control store.</summary>
public sealed class SqlSiteDefinitions(IControlStore store, TimeProvider time) : ISiteDefinitions
{
    private const string Columns = "site AS Site, tenant AS Tenant, json AS Json, version AS Version, changed_ms AS ChangedMs";
    private const string LastSql = "SELECT last FROM control_versions WHERE name = 'sites'";

    /// <inheritdoc/>
    public async Task<long> VersionAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.QuerySingleAsync<long>(LastSql);
    }

    /// <inheritdoc/>
    public async Task<SiteDefinitionChanges> ReadAsync(long sinceVersion, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        // Before the rows: what is written between the two is read twice rather than missed.
        long last = await connection.QuerySingleAsync<long>(LastSql);
        if (last < sinceVersion)
            sinceVersion = 0;
        var rows = (await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM site_definitions WHERE version > @sinceVersion ORDER BY version", new { sinceVersion })).AsList();
        return new SiteDefinitionChanges(
            rows.Count == 0 ? last : Math.Max(last, rows[^1].Version),
            [.. rows.Where(r => r.Json is not null).Select(r => r.ToDefinition())],
            [.. rows.Where(r => r.Json is null).Select(r => SiteId.Parse(r.Site))]);
    }

    /// <inheritdoc/>
    public Task<SiteDefinition> PutAsync(
        SiteId id, string tenant, string json, long? ifVersion, Actor by, AuditNote? note = null, CancellationToken stop = default)
    {
        var hosts = DefinitionHosts.Read(json);
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            long version = await NextVersionAsync(transaction);
            await SqlSites.EnsureAsync(transaction, id, tenant, "", nowMs);
            await RefuseAnotherTenantAsync(transaction, id, tenant);
            await RefuseAnotherVersionAsync(transaction, id, ifVersion);
            var row = new { site = id.Value, tenant, json, version, nowMs };
            await connection.ExecuteAsync(
                """
                INSERT INTO site_definitions (site, tenant, json, version, changed_ms) VALUES (@site, @tenant, @json, @version, @nowMs)
                ON CONFLICT (site) DO UPDATE SET json = excluded.json, version = excluded.version, changed_ms = excluded.changed_ms
                """,
                row, transaction);
            await ReplaceHostsAsync(transaction, id, tenant, hosts);
            await NoteAsync(transaction, version, id, tenant, by.ToString(), "put", json, nowMs);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, note ?? new AuditNote(AuditActions.DefinitionPut, id.Value, $"version {version}"), nowMs);
            return new SiteDefinition(id, tenant, json, version, DateTimeOffset.FromUnixTimeMilliseconds(nowMs));
        }, stop);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(SiteId id, string tenant, long? ifVersion, Actor by, CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return store.WriteAsync(async transaction =>
        {
            long version = await NextVersionAsync(transaction);
            if (await CurrentAsync(transaction, id) is not { } current || current.Tenant != tenant)
                return false;
            await RefuseAnotherVersionAsync(transaction, id, ifVersion);
            await transaction.Connection!.ExecuteAsync(
                "UPDATE site_definitions SET json = NULL, version = @version, changed_ms = @nowMs WHERE site = @site",
                new { site = id.Value, version, nowMs }, transaction);
            await ReplaceHostsAsync(transaction, id, tenant, []);
            await NoteAsync(transaction, version, id, tenant, by.ToString(), "remove", null, nowMs);
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.DefinitionRemove, id.Value, $"version {version}"), nowMs);
            return true;
        }, stop);
    }

    /// <inheritdoc/>
    public async Task<SiteDefinition?> FindAsync(SiteId id, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM site_definitions WHERE site = @site AND json IS NOT NULL", new { site = id.Value }))?.ToDefinition();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SiteDefinition>> ListAsync(
        string tenant, SiteId? after = null, int limit = 1000, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM site_definitions WHERE tenant = @tenant AND json IS NOT NULL AND site > @after ORDER BY site LIMIT @limit",
            new { tenant, after = after?.Value ?? "", limit });
        return [.. rows.Select(r => r.ToDefinition())];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SiteChange>> ChangesAsync(
        string tenant, SiteId? site = null, long? before = null, int limit = 100, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<ChangeRow>(
            """
            SELECT version AS Version, site AS Site, actor AS Actor, action AS Action, json AS Json, changed_ms AS ChangedMs
            FROM site_changes WHERE tenant = @tenant AND version < @before AND (@site = '' OR site = @site)
            ORDER BY version DESC LIMIT @limit
            """,
            new { tenant, site = site?.Value ?? "", before = before ?? long.MaxValue, limit });
        return [.. rows.Select(r => r.ToChange())];
    }

    // Raised before anything is read: in PostgreSQL the row's lock makes writers queue, as SQLite makes them by itself.
    private static Task<long> NextVersionAsync(DbTransaction transaction) => transaction.Connection!.QuerySingleAsync<long>(
        "UPDATE control_versions SET last = last + 1 WHERE name = 'sites' RETURNING last", transaction: transaction);

    private static Task<Row?> CurrentAsync(DbTransaction transaction, SiteId id) => transaction.Connection!.QuerySingleOrDefaultAsync<Row>(
        $"SELECT {Columns} FROM site_definitions WHERE site = @site AND json IS NOT NULL", new { site = id.Value }, transaction);

    private static async Task RefuseAnotherTenantAsync(DbTransaction transaction, SiteId id, string tenant)
    {
        string owner = await transaction.Connection!.QuerySingleAsync<string>("SELECT tenant FROM sites WHERE id = @site", new { site = id.Value }, transaction);
        if (owner != tenant)
            throw new SiteConflictException(SiteConflict.Tenant, $"The id '{id}' is taken. Choose another one.");
    }

    private static async Task RefuseAnotherVersionAsync(DbTransaction transaction, SiteId id, long? ifVersion)
    {
        if (ifVersion is not { } expected || await CurrentAsync(transaction, id) is var current && (current?.Version ?? 0) == expected)
            return;
        throw new SiteConflictException(SiteConflict.Version,
            current is null ? $"Site {id} has no definition by now, and version {expected} was expected. Read it again before you write."
            : $"Site {id} has version {current.Version} by now, and {(expected == 0 ? "none" : $"version {expected}")} was expected. Read it again before you write.");
    }

    private static async Task ReplaceHostsAsync(DbTransaction transaction, SiteId id, string tenant, IReadOnlyList<string> hosts)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync("DELETE FROM site_hosts WHERE site = @site", new { site = id.Value }, transaction);
        if (hosts.Count == 0)
            return;
        // A parameter each: the drivers read a list in different ways.
        var names = new DynamicParameters();
        for (int i = 0; i < hosts.Count; i++)
            names.Add($"h{i}", hosts[i]);
        var taken = (await connection.QueryAsync<HostRow>(
            $"""
            SELECT h.host AS Host, h.site AS Site, d.tenant AS Tenant FROM site_hosts h JOIN site_definitions d ON d.site = h.site
            WHERE h.host IN ({string.Join(", ", names.ParameterNames.Select(n => $"@{n}"))}) ORDER BY h.host
            """,
            names, transaction)).AsList();
        if (taken.Count > 0)
        {
            throw new SiteConflictException(SiteConflict.Host, string.Join(" ", taken.Select(t =>
                $"The host '{t.Host}' belongs to {(t.Tenant == tenant ? $"site {t.Site}" : "a site of somebody else")}.")) +
                " A host belongs to one site: remove it there first, or leave it out here.");
        }
        await connection.ExecuteAsync("INSERT INTO site_hosts (host, site) VALUES (@host, @site)",
            hosts.Select(host => new { host, site = id.Value }), transaction);
    }

    private static Task<int> NoteAsync(DbTransaction transaction, long version, SiteId id, string tenant, string actor, string action, string? json, long nowMs) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO site_changes (version, site, tenant, actor, action, json, changed_ms)
            VALUES (@version, @site, @tenant, @actor, @action, @json, @nowMs)
            """,
            new { version, site = id.Value, tenant, actor, action, json, nowMs }, transaction);

    private sealed record Row(string Site, string Tenant, string? Json, long Version, long ChangedMs)
    {
        public SiteDefinition ToDefinition() => new(SiteId.Parse(Site), Tenant, Json!, Version, DateTimeOffset.FromUnixTimeMilliseconds(ChangedMs));
    }

    private sealed record ChangeRow(long Version, string Site, string Actor, string Action, string? Json, long ChangedMs)
    {
        public SiteChange ToChange() => new(Version, SiteId.Parse(Site), Actor, Action, Json, DateTimeOffset.FromUnixTimeMilliseconds(ChangedMs));
    }

    private sealed record HostRow(string Host, string Site, string Tenant);
}
