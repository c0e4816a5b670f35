using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Delivery;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Writes what an alert says. The form of the JSON is promised: it may grow, never change (docs/alerts.md).</summary>
internal static class AlertMessages
{
    public const string FiringType = "alert.firing", ResolvedType = "alert.resolved", TestType = "alert.test";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Message Firing(Finding finding, DateTimeOffset at) =>
        Write(FiringType, finding.Alert, finding.Subject, at, at, finding.Summary, finding.Figures);

    public static Message Resolved(Alert alert, AlertState before, DateTimeOffset at) => Write(
        ResolvedType, alert, before.Subject, DateTimeOffset.FromUnixTimeMilliseconds(before.SinceMs), at, $"No longer: {before.Summary}", new Dictionary<string, double>());

    public static Message Test(Alert alert, DateTimeOffset at) => Write(
        TestType, alert, "", at, at, "This is a test of the alert. Nothing was found; messages of the alert come this way.", new Dictionary<string, double>());

    private static Message Write(
        string type, Alert alert, string subject, DateTimeOffset since, DateTimeOffset at, string summary, IReadOnlyDictionary<string, double> figures)
    {
        var json = new JsonObject
        {
            ["type"] = type,
            ["timestamp"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["data"] = new JsonObject
            {
                ["alert"] = new JsonObject { ["id"] = alert.Id, ["name"] = alert.Name, ["kind"] = alert.Rule.Kind },
                ["site"] = alert.Site,
                ["subject"] = subject.Length == 0 ? null : subject,
                ["since"] = since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["summary"] = summary,
                ["figures"] = new JsonObject(figures.Select(f => KeyValuePair.Create<string, JsonNode?>(f.Key, f.Value))),
            },
        };
        string what = type switch { FiringType => "", ResolvedType => "Resolved: ", _ => "Test: " };
        return new Message(type, $"{what}{alert.Name} ({alert.Site})", $"{summary}\n\nSite {alert.Site}, alert {alert.Id} ({alert.Rule.Kind}).", json.ToJsonString(Plain));
    }
}
