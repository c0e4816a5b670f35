using System.Data.Common;
using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Delivery;

namespace Weir.Scheduling.Webhooks;

/// <summary>Tenants' webhooks in a control store. Safe from any thread, and for several programs on one store.</summary>
public sealed class SqlWebhooks(IControlStore store, TimeProvider time)
{
    private const string Columns = "id AS Id, tenant AS Tenant, name AS Name, is_enabled AS IsEnabled, created_ms AS CreatedMs, changed_ms AS ChangedMs";

    /// <summary>A tenant's webhooks, in the order of their making.</summary>
    public Task<IReadOnlyList<Webhook>> ListAsync(string tenant, CancellationToken stop = default) => ReadAsync("tenant = @tenant", new { tenant }, stop);

    /// <summary>A tenant's webhook; null when it has none of this id.</summary>
    public async Task<Webhook?> FindAsync(string tenant, string id, CancellationToken stop = default) =>
        SqlDestinations.IsId(id) && await ReadAsync("tenant = @tenant AND id = @id", new { tenant, id }, stop) is [var found] ? found : null;

    /// <summary>Makes a webhook, or writes it anew; one whose receiver had said 410 is told again.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="destination">Where its messages go.</param>
    /// <param name="by">Who writes it, for the audit log.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <returns>False when the tenant has as many as it may.</returns>
    public Task<bool> PutAsync(Webhook webhook, Destination destination, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        long others = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM webhooks WHERE tenant = @Tenant AND id <> @Id", new { webhook.Tenant, webhook.Id }, transaction);
        if (others >= Webhook.TenantMax)
            return false;
        long isEnabled = webhook.IsEnabled ? 1 : 0;
        await connection.ExecuteAsync(
            """
            INSERT INTO webhooks (id, tenant, name, is_enabled, created_ms, changed_ms) VALUES (@Id, @Tenant, @Name, @isEnabled, @createdMs, @changedMs)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_enabled = excluded.is_enabled, changed_ms = excluded.changed_ms
            """,
            new
            {
                webhook.Id,
                webhook.Tenant,
                webhook.Name,
                isEnabled,
                createdMs = webhook.Created.ToUnixTimeMilliseconds(),
                changedMs = webhook.Changed.ToUnixTimeMilliseconds(),
            }, transaction);
        await connection.ExecuteAsync("DELETE FROM webhook_events WHERE webhook = @Id", new { webhook.Id }, transaction);
        foreach (string type in webhook.Events.Distinct(StringComparer.Ordinal))
        {
            await connection.ExecuteAsync("INSERT INTO webhook_events (tenant, type, webhook, is_enabled) VALUES (@Tenant, @type, @Id, @isEnabled)",
                new { webhook.Tenant, type, webhook.Id, isEnabled }, transaction);
        }
        await SqlDestinations.ReplaceAsync(transaction, store.Secrets, webhook.Owner, [destination]);
        await NoteAsync(transaction, by, AuditActions.WebhookPut, webhook);
        return true;
    }, stop);

    /// <summary>Gives a webhook another secret; messages are signed with both until a time.</summary>
    public Task ChangeSecretAsync(Webhook webhook, string secret, DateTimeOffset oldUntil, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        await SqlDestinations.ChangeSecretAsync(transaction, store.Secrets, webhook.Owner, secret, oldUntil);
        await NoteAsync(transaction, by, AuditActions.WebhookSecret, webhook);
        return true;
    }, stop);

    /// <summary>Removes a webhook with its deliveries; false when it is gone already.</summary>
    public Task<bool> RemoveAsync(Webhook webhook, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        if (await transaction.Connection!.ExecuteAsync("DELETE FROM webhooks WHERE id = @Id", new { webhook.Id }, transaction) == 0)
            return false;
        await SqlDestinations.RemoveAsync(transaction, webhook.Owner);
        await NoteAsync(transaction, by, AuditActions.WebhookRemove, webhook);
        return true;
    }, stop);

    /// <summary>Puts a message of a webhook in the queue; returns the deliveries' ids, none when its receiver is gone.</summary>
    public Task<IReadOnlyList<string>> SendAsync(Webhook webhook, Message message, CancellationToken stop = default) => store.WriteAsync(
        transaction => SqlDeliveries.EnqueueAsync(transaction, webhook.Owner, message, time.NowMs()), stop);

    private async Task<IReadOnlyList<Webhook>> ReadAsync(string where, object parameters, CancellationToken stop)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = (await connection.QueryAsync<Row>($"SELECT {Columns} FROM webhooks WHERE {where} ORDER BY created_ms, id", parameters)).AsList();
        var events = (await connection.QueryAsync<EventRow>(
            $"SELECT webhook AS Webhook, type AS Type FROM webhook_events WHERE webhook IN (SELECT value FROM {store.Dialect.Values("@ids")}) ORDER BY type",
            new { ids = JsonLists.Of(rows.Select(r => r.Id)) })).ToLookup(e => e.Webhook, e => e.Type);
        return [.. rows.Select(r => new Webhook(r.Id, r.Tenant, r.Name, [.. events[r.Id]], r.IsEnabled != 0, UnixMs.Time(r.CreatedMs), UnixMs.Time(r.ChangedMs)))];
    }

    // Neither address nor secret: the log is read by more people than may write webhooks.
    private Task<int> NoteAsync(DbTransaction transaction, Actor by, string action, Webhook webhook) => SqlAuditLog.NoteAsync(
        transaction, webhook.Tenant, by, new AuditNote(action, webhook.Id, $"{webhook.Name}: {string.Join(", ", webhook.Events)}"), time.NowMs());

    private sealed record Row(string Id, string Tenant, string Name, long IsEnabled, long CreatedMs, long ChangedMs);

    private sealed record EventRow(string Webhook, string Type);
}
