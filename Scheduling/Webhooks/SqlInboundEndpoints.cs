using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Delivery;

namespace Weir.Scheduling.Webhooks;

/// <summary>Where a program that signs sends a tenant's events.</summary>
/// <param name="Id">Its id, part of its address.</param>
/// <param name="Tenant">Whose events these are.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Secret">What its messages are signed with, in the form <c>whsec_…</c>; shown once.</param>
/// <param name="Created">When it was made.</param>
public sealed record InboundEndpoint(string Id, string Tenant, string Name, string Secret, DateTimeOffset Created)
{
    /// <summary>Most of a tenant.</summary>
    public const int TenantMax = 20;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Id} ({Name})";
}

/// <summary>Tenants' inbound endpoints in a control store. Safe from any thread.</summary>
public sealed class SqlInboundEndpoints(IControlStore store, TimeProvider time)
{
    private const string Columns = "id AS Id, tenant AS Tenant, name AS Name, secret AS Secret, created_ms AS CreatedMs";

    private const string SealedSql = "SELECT COUNT(*) FROM inbound_endpoints WHERE secret LIKE 'sealed:%'";

    /// <summary>A tenant's, in the order of their making, without their secrets.</summary>
    public async Task<IReadOnlyList<InboundEndpoint>> ListAsync(string tenant, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>($"SELECT {Columns} FROM inbound_endpoints WHERE tenant = @tenant ORDER BY created_ms, id", new { tenant });
        return [.. rows.Select(r => r.ToEndpoint(null))];
    }

    /// <summary>The one of an id, whosever it is; null when there is none.</summary>
    public async Task<InboundEndpoint?> FindAsync(string id, CancellationToken stop = default)
    {
        if (!SqlDestinations.IsId(id))
            return null;
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM inbound_endpoints WHERE id = @id", new { id }))?.ToEndpoint(store.Secrets);
    }

    /// <summary>Makes one; false when the tenant has as many as it may.</summary>
    public Task<bool> AddAsync(InboundEndpoint endpoint, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM inbound_endpoints WHERE tenant = @Tenant", new { endpoint.Tenant }, transaction) >= InboundEndpoint.TenantMax)
            return false;
        await store.Secrets.ReadyAsync(transaction, SealedSql);
        await connection.ExecuteAsync(
            "INSERT INTO inbound_endpoints (id, tenant, name, secret, created_ms) VALUES (@Id, @Tenant, @Name, @Secret, @createdMs)",
            new { endpoint.Id, endpoint.Tenant, endpoint.Name, Secret = store.Secrets.Seal(endpoint.Secret, endpoint.Id), createdMs = endpoint.Created.ToUnixTimeMilliseconds() }, transaction);
        await SqlAuditLog.NoteAsync(transaction, endpoint.Tenant, by, new AuditNote(AuditActions.InboundCreate, endpoint.Id, endpoint.Name), time.NowMs());
        return true;
    }, stop);

    /// <summary>Removes a tenant's; false when it has none of this id.</summary>
    public Task<bool> RemoveAsync(string tenant, string id, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        if (!SqlDestinations.IsId(id)
            || await transaction.Connection!.ExecuteAsync("DELETE FROM inbound_endpoints WHERE id = @id AND tenant = @tenant", new { id, tenant }, transaction) == 0)
            return false;
        await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.InboundRemove, id, ""), time.NowMs());
        return true;
    }, stop);

    /// <summary>Seals what stands in clear from before secrets were sealed; returns how many endpoints.</summary>
    public Task<int> SealAllAsync(CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        Row[] rows = [.. await transaction.Connection!.QueryAsync<Row>($"SELECT {Columns} FROM inbound_endpoints WHERE secret NOT LIKE 'sealed:%'", transaction: transaction)];
        if (rows.Length > 0)
            await store.Secrets.ReadyAsync(transaction, SealedSql);
        foreach (var row in rows)
        {
            await transaction.Connection!.ExecuteAsync(
                "UPDATE inbound_endpoints SET secret = @secret WHERE id = @Id", new { row.Id, secret = store.Secrets.Seal(row.Secret, row.Id) }, transaction);
        }
        return rows.Length;
    }, stop);

    private sealed record Row(string Id, string Tenant, string Name, string Secret, long CreatedMs)
    {
        public InboundEndpoint ToEndpoint(SecretSeal? secrets) => new(Id, Tenant, Name, secrets?.Open(Secret, Id) ?? "", UnixMs.Time(CreatedMs));
    }
}
