using Dapper;

namespace Weir.Control.Sql;

/// <summary>Certificates in a control store.</summary>
public sealed class SqlStoredCertificates(IControlStore store, CertificateKeyFile keyFile, TimeProvider time) : IStoredCertificates
{
    private const string SealedSql = """
        SELECT (SELECT COUNT(*) FROM certificates WHERE name <> @name) + (SELECT COUNT(*) FROM destinations WHERE secret LIKE 'sealed:%' OR address LIKE 'sealed:%')
        """;

    /// <inheritdoc/>
    public DateTime KeyStamp => keyFile.Stamp;

    /// <inheritdoc/>
    public async Task<long> VersionAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.QuerySingleAsync<long>("SELECT last FROM control_versions WHERE name = 'certificates'");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CertificateEntry>> ListAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<EntryRow>("SELECT name AS Name, version AS Version, changed_ms AS ChangedMs FROM certificates ORDER BY name");
        return [.. rows.Select(r => r.ToEntry())];
    }

    /// <inheritdoc/>
    public async Task<StoredCertificate?> FindAsync(string name, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            "SELECT name AS Name, chain AS Chain, sealed_key AS SealedKey, version AS Version, changed_ms AS ChangedMs FROM certificates WHERE name = @name", new { name });
        return row is null ? null
            : new StoredCertificate(new EntryRow(row.Name, row.Version, row.ChangedMs).ToEntry(), row.Chain, keyFile.Open(row.Name, row.SealedKey));
    }

    /// <inheritdoc/>
    public Task<CertificateEntry> PutAsync(string name, string chain, string key, CancellationToken stop = default)
    {
        if (!StoredCertificate.IsName(name))
            throw new ControlException($"'{name}' is not a name for a certificate. Use {StoredCertificate.NameRule}.");
        if (Math.Max(chain.Length, key.Length) > StoredCertificate.PemCharsMax)
            throw new ControlException($"The chain or the key has more than {StoredCertificate.PemCharsMax:N0} characters. Leave out what is not needed.");
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            long version = await connection.QuerySingleAsync<long>(
                "UPDATE control_versions SET last = last + 1 WHERE name = 'certificates' RETURNING last", transaction: transaction);
            // A new key beside certificates that it does not open would hide that theirs is missing.
            if (!File.Exists(keyFile.Path) && await connection.QuerySingleAsync<long>(SealedSql, new { name }, transaction) is > 0 and var others)
            {
                throw new ControlException($"There is no key file {keyFile.Path}, and the store holds {others} certificates or secrets that were sealed with one. " +
                    "Copy it here (it belongs with your backups), or name its place in control.certificateKeyFile.");
            }
            keyFile.Ensure();
            await connection.ExecuteAsync(
                """
                INSERT INTO certificates (name, chain, sealed_key, version, changed_ms) VALUES (@name, @chain, @sealedKey, @version, @nowMs)
                ON CONFLICT (name) DO UPDATE SET chain = excluded.chain, sealed_key = excluded.sealed_key, version = excluded.version, changed_ms = excluded.changed_ms
                """,
                new { name, chain, sealedKey = keyFile.Seal(name, key), version, nowMs }, transaction);
            return new EntryRow(name, version, nowMs).ToEntry();
        }, stop);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string name, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync("UPDATE control_versions SET last = last + 1 WHERE name = 'certificates'", transaction: transaction);
        return await connection.ExecuteAsync("DELETE FROM certificates WHERE name = @name", new { name }, transaction) > 0;
    }, stop);

    private sealed record EntryRow(string Name, long Version, long ChangedMs)
    {
        public CertificateEntry ToEntry() => new(Name, Version, DateTimeOffset.FromUnixTimeMilliseconds(ChangedMs));
    }

    private sealed record Row(string Name, string Chain, byte[] SealedKey, long Version, long ChangedMs);
}
