using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.Delivery;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Webhooks;

/// <summary>Writes what webhooks tell. The form of the JSON is promised: it may grow, never change (docs/webhooks.md).</summary>
public static class WebhookMessages
{
    private static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A message to see whether it arrives.</summary>
    public static Message Test(Webhook webhook, DateTimeOffset now) => Write(
        WebhookEvents.Test, $"Test of {webhook.Name}", now, new { webhook = new { webhook.Id, webhook.Name, webhook.Events }, summary = "This is a test. Nothing happened." });

    /// <summary>Triggers as <c>/v1/triggers</c> has them; null for none.</summary>
    internal static Message? Triggers(IReadOnlyList<Trigger> triggers, DateTimeOffset now) => triggers.Count == 0 ? null : Write(
        WebhookEvents.TriggerCreated, $"{triggers.Count} triggers", now,
        // Whoever was away asks GET /v1/triggers?after= with the last cursor that arrived.
        new { cursor = triggers.Max(t => t.Id).ToString(CultureInfo.InvariantCulture), triggers });

    /// <summary>Results, or changed targets; null for none.</summary>
    internal static Message? Results(string type, IReadOnlyList<FoundResult> results, DateTimeOffset now) => results.Count == 0 ? null : Write(
        type, $"{results.Count} results", now, type == WebhookEvents.TargetChanged
            ? (object)new { targets = results.Select(r => new { r.Target, r.Brand, r.Query, r.Engine, r.Result, r.Scan, at = UnixMs.Time(r.AtMs) }) }
            : new { scans = results.Select(r => new { id = r.Scan, r.Target, r.Brand, r.Query, r.Engine, r.Result, changed = r.Changed is { } changed ? changed != 0 : (bool?)null, at = UnixMs.Time(r.AtMs) }) });

    /// <summary>Scans that were given up; null for none.</summary>
    internal static Message? Dead(IReadOnlyList<DeadScan> scans, DateTimeOffset now) => scans.Count == 0 ? null : Write(
        WebhookEvents.ScanDead, $"{scans.Count} scans given up", now,
        new { scans = scans.Select(s => new { id = s.Scan, s.Target, s.Brand, s.Query, s.Engine, s.Attempts, s.Reason, at = UnixMs.Time(s.AtMs) }) });

    private static Message Write(string type, string title, DateTimeOffset now, object data) => new(
        type, title, title, JsonSerializer.Serialize(new { type, timestamp = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), data }, Plain));
}
