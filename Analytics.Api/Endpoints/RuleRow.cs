using System.Text.Json.Nodes;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>A site's rules.</summary>
/// <param name="Source"><c>control</c> when the control store defines the site, <c>file</c> when a settings file does, else <c>none</c>.</param>
/// <param name="Place">Where they are changed, for people.</param>
/// <param name="MayChange">Whether this key may turn them on and off here.</param>
/// <param name="Items">In the order in which they are asked.</param>
internal sealed record RuleList(string Source, string Place, bool MayChange, IReadOnlyList<RuleRow> Items);

/// <summary>One rule of a site's policy.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Action"><c>observe</c>, <c>allow</c>, <c>tag</c>, <c>limit</c>, <c>block</c> or <c>price</c>.</param>
/// <param name="Mode"><c>enforce</c> or <c>dry-run</c>.</param>
/// <param name="Settings">Its other settings, such as <c>crawlers gptbot, ccbot</c>; without conditions it holds for every request.</param>
internal sealed record RuleRow(string Rule, string Action, string Mode, IReadOnlyList<string> Settings)
{
    /// <summary>A rule as its JSON says it.</summary>
    public static RuleRow Of(JsonObject rule) => new(
        SiteDefinitionText.TextOf(rule, "name") ?? "", SiteDefinitionText.TextOf(rule, "action") ?? "", SiteDefinitionText.TextOf(rule, "mode") ?? "dry-run",
        [.. rule.Where(m => m.Key is not ("name" or "action" or "mode") && m.Value is not null).Select(m => $"{m.Key} {TextOf(m.Value!)}")]);

    /// <summary>A rule of a settings file, in the same words.</summary>
    public static RuleRow Of(PolicyRule rule) => new(rule.Name, rule.Action.ToName(), rule.IsEnforced ? "enforce" : "dry-run",
    [
        .. new (string Name, IEnumerable<string> Values)[]
        {
            ("crawlers", rule.Crawlers), ("operators", rule.Operators), ("purposes", rule.Purposes.Select(p => p.ToName())),
            ("identities", rule.Identities.Select(i => i.ToName())), ("kinds", rule.Kinds.Select(k => k.ToName())),
            ("referrals", rule.Referrals.Select(r => r.ToName())), ("scoreMin", rule.ScoreMin > 0 ? [$"{rule.ScoreMin}"] : []),
            ("scoreMax", rule.ScoreMax < 100 ? [$"{rule.ScoreMax}"] : []), ("paths", rule.Paths), ("methods", rule.Methods),
            ("requests", rule.Limit is { } limit ? [$"{limit.Requests}"] : []), ("seconds", rule.Limit is { } window ? [$"{window.Seconds}"] : []),
            ("per", rule.Limit is { Per: LimitScope.Crawler } ? ["crawler"] : []), ("price", rule.Price is { } price ? [price] : []),
            ("contact", rule.Contact is { } contact ? [contact] : []),
        }.Select(s => (s.Name, Text: string.Join(", ", s.Values))).Where(s => s.Text.Length > 0).Select(s => $"{s.Name} {s.Text}"),
    ]);

    private static string TextOf(JsonNode value) => value is JsonArray list ? string.Join(", ", list) : value.ToString();
}
