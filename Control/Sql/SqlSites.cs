using System.Data.Common;
using Dapper;
using Weir.Detection;

namespace Weir.Control.Sql;

/// <summary>Known sites in a control store.</summary>
public sealed class SqlSites(IControlStore store, TimeProvider time) : ISites
{
    private const string Columns = "id AS Id, tenant AS Tenant, name AS Name, created_ms AS CreatedMs";

    /// <inheritdoc/>
    public Task<KnownSite> EnsureAsync(SiteId id, string tenant = Tenant.Default, string name = "", CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return store.WriteAsync(async transaction =>
        {
            await EnsureAsync(transaction, id, tenant, name, nowMs);
            return (await transaction.Connection!.QuerySingleAsync<Row>(
                $"SELECT {Columns} FROM sites WHERE id = @id", new { id = id.Value }, transaction)).ToSite();
        }, stop);
    }

    /// <inheritdoc/>
    public async Task<KnownSite?> FindAsync(SiteId id, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM sites WHERE id = @id", new { id = id.Value }))?.ToSite();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<KnownSite>> ListAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>($"SELECT {Columns} FROM sites WHERE tenant = @tenant ORDER BY id", new { tenant });
        return [.. rows.Select(r => r.ToSite())];
    }

    /// <summary>Makes a site and its tenant known within a transaction; a known site stays as it is.</summary>
    internal static async Task EnsureAsync(DbTransaction transaction, SiteId id, string tenant, string name, long nowMs)
    {
        await EnsureTenantAsync(transaction, tenant, nowMs);
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO sites (id, tenant, name, created_ms) VALUES (@id, @tenant, @name, @nowMs) ON CONFLICT (id) DO NOTHING",
            new { id = id.Value, tenant, name = name.Length == 0 ? id.Value : name, nowMs }, transaction);
    }

    /// <summary>Makes a tenant known within a transaction.</summary>
    internal static Task EnsureTenantAsync(DbTransaction transaction, string tenant, long nowMs)
    {
        if (!Tenant.IsValid(tenant))
            throw new ControlException($"'{tenant}' is not a tenant id. Use {Tenant.Rule}.");
        return transaction.Connection!.ExecuteAsync(
            "INSERT INTO tenants (id, created_ms) VALUES (@tenant, @nowMs) ON CONFLICT (id) DO NOTHING", new { tenant, nowMs }, transaction);
    }

    private sealed record Row(string Id, string Tenant, string Name, long CreatedMs)
    {
        public KnownSite ToSite() => new(SiteId.Parse(Id), Tenant, Name, DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs));
    }
}
