using Dapper;
using Weir.Control;
using Weir.Delivery;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Webhooks;

/// <summary>Makes deliveries of what happened. Safe from any thread, and for several programs on one store: each event is told once.</summary>
public sealed class SqlOutbox(IControlStore store, ITriggers triggers, TimeProvider time)
{
    /// <summary>Events that one look takes.</summary>
    public const int LookMax = 1000;

    /// <summary>Most events of one message; one of triggers stays below some 250 KB with it.</summary>
    public const int MessageMax = 100;

    private const string ScanSql = """
        SELECT s.id AS Scan, t.id AS Target, b.name AS Brand, q.text AS Query, t.engine AS Engine, s.attempts AS Attempts, s.reason AS Reason, s.finished_ms AS AtMs
        FROM scans s JOIN targets t ON t.id = s.target_id JOIN brand_queries q ON q.id = t.query_id JOIN brands b ON b.id = q.brand_id
        """;

    private const string ResultSql = """
        SELECT r.id AS Id, r.scan_id AS Scan, t.id AS Target, b.name AS Brand, q.text AS Query, t.engine AS Engine, r.result AS Result, r.changed AS Changed, r.at_ms AS AtMs
        FROM results r JOIN targets t ON t.id = r.target_id JOIN brand_queries q ON q.id = t.query_id JOIN brands b ON b.id = q.brand_id
        """;

    /// <summary>Puts what happened since the last look into the queue of deliveries, for each webhook that wants it.</summary>
    /// <returns>How many events were taken; 0 when there were none.</returns>
    public async Task<int> DrainAsync(CancellationToken stop = default)
    {
        List<Row> rows;
        await using (var connection = await store.ReadAsync(stop))
            rows = (await connection.QueryAsync<Row>("SELECT id AS Id, tenant AS Tenant, type AS Type, subject AS Subject FROM outbox ORDER BY id LIMIT @max", new { max = LookMax })).AsList();
        if (rows.Count == 0)
            return 0;
        List<(string Tenant, Message Message)> messages = [];
        foreach (var kind in rows.GroupBy(r => (r.Tenant, r.Type)))
        {
            foreach (var some in kind.Select(r => r.Subject).Chunk(MessageMax))
            {
                if (await WriteAsync(kind.Key.Tenant, kind.Key.Type, some, stop) is { } message)
                    messages.Add((kind.Key.Tenant, message));
            }
        }
        return await store.WriteAsync(async transaction =>
        {
            int taken = await transaction.Connection!.ExecuteAsync(
                $"DELETE FROM outbox WHERE id IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})", new { ids = JsonLists.Of(rows.Select(r => r.Id)) }, transaction);
            // Another program was first with some of them, and tells them: all of this is undone, and the rest looked at again.
            if (taken != rows.Count)
                throw new TakenException();
            foreach (var (tenant, message) in messages)
            {
                var wanting = await transaction.Connection!.QueryAsync<string>(
                    "SELECT webhook FROM webhook_events WHERE tenant = @tenant AND type = @Type AND is_enabled = 1 ORDER BY webhook", new { tenant, message.Type }, transaction);
                foreach (string webhook in wanting)
                    await SqlDeliveries.EnqueueAsync(transaction, $"webhook/{webhook}", message, time.NowMs());
            }
            return taken;
        }, stop);
    }

    // What was removed meanwhile with its target is told of no more: there is nothing left to say.
    private async Task<Message?> WriteAsync(string tenant, string type, long[] subjects, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (type == WebhookEvents.TriggerCreated)
            return WebhookMessages.Triggers(await triggers.FindAsync(new Reach(tenant), subjects, stop), now);
        await using var connection = await store.ReadAsync(stop);
        string wanted = $"IN (SELECT CAST(value AS bigint) FROM {store.Dialect.Values("@ids")})";
        var parameters = new { ids = JsonLists.Of(subjects) };
        return type == WebhookEvents.ScanDead
            ? WebhookMessages.Dead((await connection.QueryAsync<DeadScan>($"{ScanSql} WHERE s.id {wanted} ORDER BY s.id", parameters)).AsList(), now)
            : WebhookMessages.Results(type, (await connection.QueryAsync<FoundResult>($"{ResultSql} WHERE r.id {wanted} ORDER BY r.id", parameters)).AsList(), now);
    }

    /// <summary>Another program tells some of the same events.</summary>
    internal sealed class TakenException() : Exception("Another program took some of these events; they are told by it.");

    private sealed record Row(long Id, string Tenant, string Type, long Subject);
}

/// <summary>A scan that was given up, as it is told.</summary>
internal sealed record DeadScan
{
    public long Scan { get; init; }
    public long Target { get; init; }
    public string Brand { get; init; } = "";
    public string Query { get; init; } = "";
    public string Engine { get; init; } = "";
    public long Attempts { get; init; }
    public string? Reason { get; init; }
    public long? AtMs { get; init; }
}

/// <summary>A result, as it is told.</summary>
internal sealed record FoundResult
{
    public long Id { get; init; }
    public long Scan { get; init; }
    public long Target { get; init; }
    public string Brand { get; init; } = "";
    public string Query { get; init; } = "";
    public string Engine { get; init; } = "";
    public string Result { get; init; } = "";
    public long? Changed { get; init; }
    public long AtMs { get; init; }
}
