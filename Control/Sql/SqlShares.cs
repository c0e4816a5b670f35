using System.Security.Cryptography;
using Dapper;
using Weir.Detection;

namespace Weir.Control.Sql;

/// <summary>Share links in a control store.</summary>
public sealed class SqlShares(IControlStore store, TimeProvider time) : IShares
{
    private const string Columns = """
        id AS Id, hash AS Hash, tenant AS Tenant, site AS Site, name AS Name, created_ms AS CreatedMs, expires_ms AS ExpiresMs, revoked_ms AS RevokedMs
        """;

    /// <inheritdoc/>
    public async ValueTask<Share?> FindAsync(string token, CancellationToken stop = default)
    {
        if (SecretText.IdOf(SecretText.Share, token) is not { } id)
            return null;
        await using var connection = await store.ReadAsync(stop);
        var row = await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM shares WHERE id = @id", new { id });
        return row is not null && CryptographicOperations.FixedTimeEquals(row.Hash, SecretText.Hash(token)) && row.ToShare() is var share
            && share.IsActive(time.GetUtcNow()) ? share : null;
    }

    /// <inheritdoc/>
    public Task<CreatedShare> CreateAsync(string tenant, SiteId site, string name, DateTimeOffset? expires, Actor by, CancellationToken stop = default)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        if (name.Length > Share.NameCharsMax)
            throw new ControlException($"The link's name is longer than {Share.NameCharsMax} characters. Shorten it.");
        if (expires <= now)
            throw new ControlException($"The link would end at {expires:u}, which is past. Give a later time.");
        string token = SecretText.New(SecretText.Share);
        var share = new Share { Id = SecretText.IdOf(SecretText.Share, token)!, Tenant = tenant, Site = site, Name = name, Created = now, Expires = expires };
        return store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            long nowMs = now.ToUnixTimeMilliseconds();
            await SqlSites.EnsureTenantAsync(transaction, tenant, nowMs);
            long active = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM shares WHERE tenant = @tenant AND site = @site AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > @nowMs)",
                new { tenant, site = site.Value, nowMs }, transaction);
            if (active >= Share.ActiveMax)
                throw new ControlException($"The site has {Share.ActiveMax} active links, which is the most. Revoke one first.");
            await connection.ExecuteAsync(
                """
                INSERT INTO shares (id, hash, tenant, site, name, created_ms, expires_ms) VALUES (@id, @hash, @tenant, @site, @name, @nowMs, @expiresMs)
                """,
                new { id = share.Id, hash = SecretText.Hash(token), tenant, site = site.Value, name, nowMs, expiresMs = expires?.ToUnixTimeMilliseconds() }, transaction);
            await SqlAuditLog.NoteAsync(transaction, tenant, by,
                new AuditNote(AuditActions.ShareCreate, share.Id, $"site {site}{(expires is { } end ? $" until {end:u}" : "")}"), nowMs);
            return new CreatedShare(share, token);
        }, stop);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Share>> ListAsync(string tenant, SiteId site, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM shares WHERE tenant = @tenant AND site = @site ORDER BY created_ms, id", new { tenant, site = site.Value });
        return [.. rows.Select(r => r.ToShare())];
    }

    /// <inheritdoc/>
    public Task<bool> RevokeAsync(string tenant, SiteId site, string id, Actor by, CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var which = new { id, tenant, site = site.Value, nowMs };
        return store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            int changed = await connection.ExecuteAsync(
                "UPDATE shares SET revoked_ms = @nowMs WHERE id = @id AND tenant = @tenant AND site = @site AND revoked_ms IS NULL", which, transaction);
            if (changed == 0)
                return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM shares WHERE id = @id AND tenant = @tenant AND site = @site", which, transaction) > 0;
            await SqlAuditLog.NoteAsync(transaction, tenant, by, new AuditNote(AuditActions.ShareRevoke, id, $"site {site}"), nowMs);
            return true;
        }, stop);
    }

    private sealed record Row
    {
        public string Id { get; init; } = "";
        public byte[] Hash { get; init; } = [];
        public string Tenant { get; init; } = "";
        public string Site { get; init; } = "";
        public string Name { get; init; } = "";
        public long CreatedMs { get; init; }
        public long? ExpiresMs { get; init; }
        public long? RevokedMs { get; init; }

        public Share ToShare() => new()
        {
            Id = Id,
            Tenant = Tenant,
            Site = SiteId.Parse(Site),
            Name = Name,
            Created = DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs),
            Expires = Time(ExpiresMs),
            Revoked = Time(RevokedMs),
        };

        private static DateTimeOffset? Time(long? ms) => ms is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
    }
}
