using Dapper;

namespace Weir.Control.Sql;

/// <summary>Sessions in a control store.</summary>
public sealed class SqlSessions(IControlStore store, TimeProvider time) : ISessions
{
    /// <inheritdoc/>
    public Task BeginAsync(string token, SessionOwner owner, DateTimeOffset until, string? replaced = null, CancellationToken stop = default)
    {
        var row = new
        {
            hash = SecretText.Hash(token),
            replaced = replaced is null ? null : SecretText.Hash(replaced),
            kind = NameOf(owner.Kind),
            id = owner.Id,
            untilMs = until.ToUnixTimeMilliseconds(),
            nowMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            others = ISessions.OwnerMax - 1,
        };
        return store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            await connection.ExecuteAsync("DELETE FROM sessions WHERE until_ms <= @nowMs OR hash = @replaced", row, transaction);
            // SQLite has no OFFSET without a LIMIT.
            await connection.ExecuteAsync(
                """
                DELETE FROM sessions WHERE hash IN (
                    SELECT hash FROM sessions WHERE owner_kind = @kind AND owner_id = @id ORDER BY until_ms DESC, hash LIMIT 100000 OFFSET @others)
                """,
                row, transaction);
            return await connection.ExecuteAsync(
                "INSERT INTO sessions (hash, owner_kind, owner_id, began_ms, until_ms) VALUES (@hash, @kind, @id, @nowMs, @untilMs)", row, transaction);
        }, stop);
    }

    /// <inheritdoc/>
    public async Task<SessionOwner?> FindAsync(string token, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            "SELECT owner_kind AS Kind, owner_id AS Id FROM sessions WHERE hash = @hash AND until_ms > @nowMs",
            new { hash = SecretText.Hash(token), nowMs = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return row is null ? null : new SessionOwner(row.Kind == NameOf(ActorKind.Key) ? ActorKind.Key : ActorKind.Member, row.Id);
    }

    /// <inheritdoc/>
    public Task EndAsync(string token, CancellationToken stop = default) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync("DELETE FROM sessions WHERE hash = @hash", new { hash = SecretText.Hash(token) }, transaction), stop);

    /// <inheritdoc/>
    public Task<int> EndAllAsync(SessionOwner owner, CancellationToken stop = default) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "DELETE FROM sessions WHERE owner_kind = @kind AND owner_id = @id", new { kind = NameOf(owner.Kind), id = owner.Id }, transaction),
        stop);

    private static string NameOf(ActorKind kind) => kind switch
    {
        ActorKind.Key => "key",
        ActorKind.Member => "member",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only keys and members have sessions."),
    };

    private sealed record Row
    {
        public string Kind { get; init; } = "";
        public string Id { get; init; } = "";
    }
}
