using System.Data.Common;
using Dapper;

namespace Weir.Control.Sql;

/// <summary>The audit log of a control store.</summary>
public sealed class SqlAuditLog(IControlStore store, TimeProvider time) : IAuditLog
{
    // Names come from outside; a reader of the log needs no more of them.
    private const int TextCharsMax = 500;

    /// <inheritdoc/>
    public Task NoteAsync(string tenant, Actor by, AuditNote what, CancellationToken stop = default) =>
        store.WriteAsync(transaction => NoteAsync(transaction, tenant, by, what, time.GetUtcNow().ToUnixTimeMilliseconds()), stop);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(
        string tenant, AuditFilter filter, long? before, int limit, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>(
            """
            SELECT id AS Id, time_ms AS TimeMs, actor_kind AS ActorKind, actor_id AS ActorId, actor_name AS ActorName, address AS Address,
                action AS Action, subject AS Subject, detail AS Detail
            FROM audit
            WHERE tenant = @tenant AND id < @before AND (@action = '' OR action = @action) AND (@actor = '' OR actor_id = @actor)
                AND (@subject = '' OR subject = @subject)
            ORDER BY id DESC LIMIT @limit
            """,
            new
            {
                tenant,
                before = before ?? long.MaxValue,
                action = filter.Action ?? "",
                actor = filter.Actor ?? "",
                subject = filter.Subject ?? "",
                limit,
            });
        return [.. rows.Select(r => r.ToEntry())];
    }

    /// <inheritdoc/>
    public Task<int> DeleteBeforeAsync(DateTimeOffset time, CancellationToken stop = default) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "DELETE FROM audit WHERE time_ms < @before", new { before = time.ToUnixTimeMilliseconds() }, transaction),
        stop);

    /// <summary>Writes an entry within a transaction, so that a change and its entry are kept together or not at all.</summary>
    public static Task<int> NoteAsync(DbTransaction transaction, string tenant, Actor by, AuditNote what, long nowMs) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO audit (tenant, time_ms, actor_kind, actor_id, actor_name, address, action, subject, detail)
            VALUES (@tenant, @nowMs, @kind, @id, @name, @address, @action, @subject, @detail)
            """,
            new
            {
                tenant,
                nowMs,
                kind = by.KindName,
                id = Bounded(by.Id),
                name = Bounded(by.Name),
                address = by.Address,
                action = what.Action,
                subject = Bounded(what.Subject),
                detail = Bounded(what.Detail),
            },
            transaction);

    // PostgreSQL keeps no NUL in a text.
    private static string Bounded(string text) => (text.Length <= TextCharsMax ? text : text[..TextCharsMax]).Replace('\0', ' ');

    private sealed record Row
    {
        public long Id { get; init; }
        public long TimeMs { get; init; }
        public string ActorKind { get; init; } = "";
        public string ActorId { get; init; } = "";
        public string ActorName { get; init; } = "";
        public string? Address { get; init; }
        public string Action { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Detail { get; init; } = "";

        public AuditEntry ToEntry() => new(
            Id, DateTimeOffset.FromUnixTimeMilliseconds(TimeMs), new Actor(Enum.Parse<ActorKind>(ActorKind, ignoreCase: true), ActorId, ActorName, Address),
            new AuditNote(Action, Subject, Detail));
    }
}
