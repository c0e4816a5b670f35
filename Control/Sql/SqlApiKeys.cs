using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Control.Sql;

/// <summary>API keys in a control store.</summary>
public sealed class SqlApiKeys(IControlStore store, TimeProvider time, ILogger<SqlApiKeys> log) : IApiKeys
{
    private const string Columns = """
        id AS Id, hash AS Hash, tenant AS Tenant, name AS Name, scopes AS Scopes, sites AS Sites, created_ms AS CreatedMs,
        expires_ms AS ExpiresMs, last_used_ms AS LastUsedMs, revoked_ms AS RevokedMs
        """;

    // Last use is for people who look for dead keys: a minute is fine, and a write per request would not be.
    private static readonly TimeSpan LastUsedGrain = TimeSpan.FromMinutes(1);

    // Compared against when there is no such id, so that a wrong id takes as long as a wrong secret.
    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    private readonly ApiKeyCache _cache = new(time);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastUsed = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<ApiKey?> FindAsync(string presented, CancellationToken stop = default)
    {
        if (SecretText.IdOf(SecretText.Key, presented) is not { } id)
            return null;
        byte[] hash = SecretText.Hash(presented);
        var now = time.GetUtcNow();
        var key = _cache.Find(hash);
        if (key is null && (key = await ReadAsync(id, hash, stop)) is not null)
            _cache.Keep(hash, key);
        return await UsedAsync(key, now, stop);
    }

    /// <inheritdoc/>
    public async ValueTask<ApiKey?> FindByIdAsync(string id, CancellationToken stop = default) =>
        await UsedAsync((await ReadRowAsync(id, stop))?.ToKey(), time.GetUtcNow(), stop);

    /// <inheritdoc/>
    public Task<CreatedApiKey> CreateAsync(NewApiKey wishes, CancellationToken stop = default)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        Check(wishes, now);
        string text = SecretText.New(SecretText.Key);
        var key = new ApiKey
        {
            Id = SecretText.IdOf(SecretText.Key, text)!,
            Tenant = wishes.Tenant,
            Name = wishes.Name,
            Scopes = [.. wishes.Scopes.Distinct(StringComparer.Ordinal)],
            Sites = wishes.Sites,
            Created = now,
            Expires = wishes.Expires,
        };
        return store.WriteAsync(async transaction =>
        {
            await SqlSites.EnsureTenantAsync(transaction, key.Tenant, now.ToUnixTimeMilliseconds());
            await transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO api_keys (id, hash, tenant, name, scopes, sites, created_ms, expires_ms)
                VALUES (@Id, @Hash, @Tenant, @Name, @Scopes, @Sites, @CreatedMs, @ExpiresMs)
                """,
                Row.Of(key, SecretText.Hash(text)), transaction);
            await SqlAuditLog.NoteAsync(transaction, key.Tenant, wishes.By ?? Actor.Account, new AuditNote(AuditActions.KeyCreate, key.Id, Describe(key)), now.ToUnixTimeMilliseconds());
            return new CreatedApiKey(key, text);
        }, stop);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(string? tenant = null, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM api_keys WHERE @tenant = '' OR tenant = @tenant ORDER BY created_ms, id", new { tenant = tenant ?? "" });
        return [.. rows.Select(r => r.ToKey())];
    }

    /// <inheritdoc/>
    public async Task<bool> RevokeAsync(string id, Actor? by = null, CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        bool isKnown = await store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            string? tenant = await connection.QuerySingleOrDefaultAsync<string>(
                "UPDATE api_keys SET revoked_ms = @nowMs WHERE id = @id AND revoked_ms IS NULL RETURNING tenant", new { id, nowMs }, transaction);
            if (tenant is null)
                return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM api_keys WHERE id = @id", new { id }, transaction) > 0;
            await SqlAuditLog.NoteAsync(transaction, tenant, by ?? Actor.Account, new AuditNote(AuditActions.KeyRevoke, id), nowMs);
            return true;
        }, stop);
        _cache.Clear();
        return isKnown;
    }

    private static void Check(NewApiKey wishes, DateTimeOffset now)
    {
        if (wishes.Scopes.Count == 0)
            throw new ControlException($"A key needs at least one scope. Known scopes: {string.Join(", ", Scopes.All)}.");
        if (wishes.Scopes.FirstOrDefault(s => !Scopes.All.Contains(s, StringComparer.Ordinal)) is { } unknown)
            throw new ControlException($"'{unknown}' is not a scope. Known scopes: {string.Join(", ", Scopes.All)}.");
        if (wishes.Expires <= now)
            throw new ControlException($"The key would expire at {wishes.Expires:u}, which is past. Give a later time.");
        if (wishes.Sites is { Count: 0 })
            throw new ControlException("A key for no site opens nothing. Name a site, or leave the list out for all of the tenant's sites.");
        if (wishes.Name.Length > ApiKey.NameCharsMax)
            throw new ControlException($"The key's name is longer than {ApiKey.NameCharsMax} characters. Shorten it.");
    }

    private static string Describe(ApiKey key) =>
        $"{string.Join(' ', key.Scopes)}{(key.Sites is null ? "" : $" for {string.Join(' ', key.Sites)}")}{(key.Expires is { } end ? $" until {end:u}" : "")}";

    private async ValueTask<ApiKey?> UsedAsync(ApiKey? key, DateTimeOffset now, CancellationToken stop)
    {
        if (key is null || !key.IsActive(now))
            return null;
        await NoteUseAsync(key, now, stop);
        return key;
    }

    private async Task<Row?> ReadRowAsync(string id, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM api_keys WHERE id = @id", new { id });
    }

    private async Task<ApiKey?> ReadAsync(string id, byte[] hash, CancellationToken stop)
    {
        var row = await ReadRowAsync(id, stop);
        return CryptographicOperations.FixedTimeEquals(row?.Hash ?? NoHash, hash) ? row?.ToKey() : null;
    }

    private async Task NoteUseAsync(ApiKey key, DateTimeOffset now, CancellationToken stop)
    {
        var last = _lastUsed.GetValueOrDefault(key.Id, key.LastUsed ?? DateTimeOffset.MinValue);
        if (now - last < LastUsedGrain)
            return;
        _lastUsed[key.Id] = now;
        try
        {
            await store.WriteAsync(
                transaction => transaction.Connection!.ExecuteAsync(
                    "UPDATE api_keys SET last_used_ms = @nowMs WHERE id = @id AND COALESCE(last_used_ms, 0) < @nowMs",
                    new { id = key.Id, nowMs = now.ToUnixTimeMilliseconds() }, transaction),
                stop);
        }
        catch (DbException e)
        {
            // A full disk must not lock people out of reading; the next use tries again in a minute.
            log.LastUseNotWritten(key.Id, e.Message);
        }
    }

    private sealed record Row
    {
        public string Id { get; init; } = "";
        public byte[] Hash { get; init; } = [];
        public string Tenant { get; init; } = "";
        public string Name { get; init; } = "";
        public string Scopes { get; init; } = "";
        public string? Sites { get; init; }
        public long CreatedMs { get; init; }
        public long? ExpiresMs { get; init; }
        public long? LastUsedMs { get; init; }
        public long? RevokedMs { get; init; }

        public static Row Of(ApiKey key, byte[] hash) => new()
        {
            Id = key.Id,
            Hash = hash,
            Tenant = key.Tenant,
            Name = key.Name,
            Scopes = string.Join(' ', key.Scopes),
            Sites = key.Sites is null ? null : string.Join(' ', key.Sites),
            CreatedMs = key.Created.ToUnixTimeMilliseconds(),
            ExpiresMs = key.Expires?.ToUnixTimeMilliseconds(),
        };

        public ApiKey ToKey() => new()
        {
            Id = Id,
            Tenant = Tenant,
            Name = Name,
            Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Sites = Sites?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SiteId.Parse).ToList(),
            Created = DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs),
            Expires = Time(ExpiresMs),
            LastUsed = Time(LastUsedMs),
            Revoked = Time(RevokedMs),
        };

        private static DateTimeOffset? Time(long? ms) => ms is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
    }
}
