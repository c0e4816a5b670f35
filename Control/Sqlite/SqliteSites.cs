using Dapper;
using Microsoft.Data.Sqlite;
using Weir.Detection;

namespace Weir.Control.Sqlite;

/// <summary>Known sites in the embedded control store.</summary>
public sealed class SqliteSites(ControlDatabase database, TimeProvider time) : ISites
{
    private const string Columns = "id AS Id, tenant AS Tenant, name AS Name, created_ms AS CreatedMs";

    /// <inheritdoc/>
    public Task<KnownSite> EnsureAsync(SiteId id, string tenant = Tenant.Default, string name = "", CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            transaction =>
            {
                EnsureTenant(transaction, tenant, nowMs);
                var row = new { id = id.Value, tenant, name = name.Length == 0 ? id.Value : name, nowMs };
                transaction.Connection!.Execute(
                    "INSERT INTO sites (id, tenant, name, created_ms) VALUES (@id, @tenant, @name, @nowMs) ON CONFLICT (id) DO NOTHING",
                    row, transaction);
                return transaction.Connection!.QuerySingle<Row>($"SELECT {Columns} FROM sites WHERE id = @id", row, transaction).ToSite();
            },
            stop);
    }

    /// <inheritdoc/>
    public async Task<KnownSite?> FindAsync(SiteId id, CancellationToken stop = default)
    {
        await using var connection = database.Read();
        return connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM sites WHERE id = @id", new { id = id.Value })?.ToSite();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<KnownSite>> ListAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = database.Read();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM sites WHERE tenant = @tenant ORDER BY id", new { tenant }).Select(r => r.ToSite())];
    }

    internal static void EnsureTenant(SqliteTransaction transaction, string tenant, long nowMs)
    {
        if (!Tenant.IsValid(tenant))
            throw new ControlException($"'{tenant}' is not a tenant id. Use {Tenant.Rule}.");
        transaction.Connection!.Execute(
            "INSERT INTO tenants (id, created_ms) VALUES (@tenant, @nowMs) ON CONFLICT (id) DO NOTHING", new { tenant, nowMs }, transaction);
    }

    private sealed record Row(string Id, string Tenant, string Name, long CreatedMs)
    {
        public KnownSite ToSite() => new(SiteId.Parse(Id), Tenant, Name, DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs));
    }
}
