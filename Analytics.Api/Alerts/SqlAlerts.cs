using System.Data.Common;
using System.Text.Json;
using Dapper;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Delivery;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Alerts and what they found, in a control store. Safe from any thread, and for several programs on one store.</summary>
internal sealed class SqlAlerts(IControlStore store, TimeProvider time)
{
    private const string Columns =
        "id AS Id, site AS Site, name AS Name, rule AS Rule, manner AS Manner, is_enabled AS IsEnabled, created_ms AS CreatedMs, changed_ms AS ChangedMs";

    private const string StateColumns =
        "s.alert AS Alert, s.subject AS Subject, s.is_firing AS IsFiring, s.since_ms AS SinceMs, s.sent_ms AS SentMs, s.is_sent AS IsSent, s.summary AS Summary";

    /// <summary>A site's alerts, in the order of their making.</summary>
    public async Task<IReadOnlyList<Alert>> ListAsync(string site, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>($"SELECT {Columns} FROM alerts WHERE site = @site ORDER BY created_ms, id", new { site });
        return [.. rows.Select(r => r.ToAlert())];
    }

    /// <summary>Every alert that looks.</summary>
    public async Task<IReadOnlyList<Alert>> ListEnabledAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return [.. (await connection.QueryAsync<Row>($"SELECT {Columns} FROM alerts WHERE is_enabled = 1 ORDER BY site, id")).Select(r => r.ToAlert())];
    }

    /// <summary>A site's alert; null when it has none of this id.</summary>
    public async Task<Alert?> FindAsync(string site, string id, CancellationToken stop = default)
    {
        if (!SqlDestinations.IsId(id))
            return null;
        await using var connection = await store.ReadAsync(stop);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM alerts WHERE id = @id AND site = @site", new { id, site }))?.ToAlert();
    }

    /// <summary>Makes an alert, or writes it anew. What it found is forgotten when it is to look for something else.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="destinations">Where its messages go.</param>
    /// <param name="tenant">Whose audit log says so.</param>
    /// <param name="by">Who writes it.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <returns>False when the site has as many as it may.</returns>
    public Task<bool> PutAsync(Alert alert, IReadOnlyList<Destination> destinations, string tenant, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        string rule = alert.Rule.ToJson();
        var other = await connection.QueryAsync<string>("SELECT id FROM alerts WHERE site = @Site AND id <> @Id", new { alert.Site, alert.Id }, transaction);
        if (other.Count() >= Alert.SiteMax)
            return false;
        await connection.ExecuteAsync(
            "DELETE FROM alert_states WHERE alert = @Id AND NOT EXISTS (SELECT 1 FROM alerts WHERE id = @Id AND rule = @rule)", new { alert.Id, rule }, transaction);
        await connection.ExecuteAsync(
            """
            INSERT INTO alerts (id, site, name, rule, manner, is_enabled, created_ms, changed_ms) VALUES (@Id, @Site, @Name, @rule, @manner, @isEnabled, @createdMs, @changedMs)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, rule = excluded.rule, manner = excluded.manner, is_enabled = excluded.is_enabled, changed_ms = excluded.changed_ms
            """,
            new
            {
                alert.Id,
                alert.Site,
                alert.Name,
                rule,
                manner = JsonSerializer.Serialize(alert.Manner),
                isEnabled = alert.IsEnabled ? 1L : 0L,
                createdMs = alert.Created.ToUnixTimeMilliseconds(),
                changedMs = alert.Changed.ToUnixTimeMilliseconds(),
            }, transaction);
        await SqlDestinations.ReplaceAsync(transaction, store.Secrets, alert.Owner, destinations);
        await NoteAsync(transaction, tenant, by, AuditActions.AlertPut, alert);
        return true;
    }, stop);

    /// <summary>Removes an alert with what it found, its destinations and deliveries; false when it is gone already.</summary>
    public Task<bool> RemoveAsync(Alert alert, string tenant, Actor by, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        if (await transaction.Connection!.ExecuteAsync("DELETE FROM alerts WHERE id = @Id", new { alert.Id }, transaction) == 0)
            return false;
        await SqlDestinations.RemoveAsync(transaction, alert.Owner);
        await NoteAsync(transaction, tenant, by, AuditActions.AlertRemove, alert);
        return true;
    }, stop);

    /// <summary>Puts a message of an alert in the queue; returns the deliveries' ids.</summary>
    public Task<IReadOnlyList<string>> SendAsync(Alert alert, Message message, CancellationToken stop = default) => store.WriteAsync(
        transaction => SqlDeliveries.EnqueueAsync(transaction, alert.Owner, message, time.GetUtcNow().ToUnixTimeMilliseconds()), stop);

    /// <summary>What alerts found: all of them, or those of a site.</summary>
    public async Task<IReadOnlyList<AlertState>> StatesAsync(string? site = null, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<StateRow>(
            $"SELECT {StateColumns} FROM alert_states AS s INNER JOIN alerts AS a ON a.id = s.alert WHERE (@all = 1 OR a.site = @site) ORDER BY s.alert, s.subject",
            new { all = site is null ? 1L : 0L, site = site ?? "" });
        return [.. rows.Select(r => r.ToState())];
    }

    /// <summary>How many subjects fire now, over all alerts that look.</summary>
    public async Task<long> CountFiringAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM alert_states AS s INNER JOIN alerts AS a ON a.id = s.alert WHERE s.is_firing = 1 AND a.is_enabled = 1");
    }

    /// <summary>Writes a state and puts its message in the queue, both or neither.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="before">The state that <paramref name="after"/> was made of; null for none.</param>
    /// <param name="after">The new one.</param>
    /// <param name="message">What to tell; null for nothing.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <returns>False when somebody else changed the state or removed the alert meanwhile; then nothing is written and nothing sent.</returns>
    public Task<bool> ChangeAsync(Alert alert, AlertState? before, AlertState after, Message? message, CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        var values = new
        {
            after.Alert,
            after.Subject,
            isFiring = after.IsFiring ? 1L : 0L,
            after.SinceMs,
            after.SentMs,
            isSent = after.IsSent ? 1L : 0L,
            after.Summary,
            wasFiring = before?.IsFiring == true ? 1L : 0L,
            wasSinceMs = before?.SinceMs ?? 0,
            wasSentMs = before?.SentMs ?? 0,
            wasSent = before?.IsSent == true ? 1L : 0L,
        };
        int changed = await transaction.Connection!.ExecuteAsync(before is null
            ? """
              INSERT INTO alert_states (alert, subject, is_firing, since_ms, sent_ms, is_sent, summary)
              SELECT id, @Subject, @isFiring, @SinceMs, @SentMs, @isSent, @Summary FROM alerts WHERE id = @Alert
              ON CONFLICT (alert, subject) DO NOTHING
              """
            : """
              UPDATE alert_states SET is_firing = @isFiring, since_ms = @SinceMs, sent_ms = @SentMs, is_sent = @isSent, summary = @Summary
              WHERE alert = @Alert AND subject = @Subject AND is_firing = @wasFiring AND since_ms = @wasSinceMs AND sent_ms = @wasSentMs AND is_sent = @wasSent
              """, values, transaction);
        if (changed > 0 && message is not null)
            await SqlDeliveries.EnqueueAsync(transaction, alert.Owner, message, time.GetUtcNow().ToUnixTimeMilliseconds());
        return changed > 0;
    }, stop);

    // Neither addresses nor secrets: the log is read by more people than may write alerts.
    private Task<int> NoteAsync(DbTransaction transaction, string tenant, Actor by, string action, Alert alert) => SqlAuditLog.NoteAsync(
        transaction, tenant, by, new AuditNote(action, alert.Id, $"site {alert.Site}: {alert.Name} ({alert.Rule.Kind})"), time.GetUtcNow().ToUnixTimeMilliseconds());

    private sealed record Row(string Id, string Site, string Name, string Rule, string Manner, long IsEnabled, long CreatedMs, long ChangedMs)
    {
        public Alert ToAlert() => new(
            Id, Site, Name, AlertRule.OfJson(Rule), JsonSerializer.Deserialize<AlertManner>(Manner)!, IsEnabled != 0,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs), DateTimeOffset.FromUnixTimeMilliseconds(ChangedMs));
    }

    private sealed record StateRow(string Alert, string Subject, long IsFiring, long SinceMs, long SentMs, long IsSent, string Summary)
    {
        public AlertState ToState() => new(Alert, Subject, IsFiring != 0, SinceMs, SentMs, IsSent != 0, Summary);
    }
}
