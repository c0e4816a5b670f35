using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Detection;

namespace Weir.Control;

/// <summary>Reads and edits the text of a site's definition, as people write settings: comments and trailing commas are allowed.</summary>
public static class SiteDefinitionText
{
    private const int DepthMax = 32;

    private static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthMax };

    // Names of people's languages stay readable; the text is served as JSON and never inside HTML.
    private static readonly JsonSerializerOptions Writing = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = DepthMax,
    };

    /// <summary>The text with an <c>id</c>, when it is an object that has none. Lines stay where they are, so that errors point rightly.</summary>
    public static string WithId(string json, SiteId id)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthMax });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return json;
            int inside = (int)reader.TokenStartIndex + 1;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"))
                    return json;
                reader.Skip();
            }
            return $"{Encoding.UTF8.GetString(utf8, 0, inside)} \"id\": \"{id}\",{Encoding.UTF8.GetString(utf8, inside, utf8.Length - inside)}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a name with half a surrogate pair: the check says where.
            return json;
        }
    }

    /// <summary>A checked text as plain JSON, indented, without comments: as it is stored.</summary>
    public static string Normalize(string json)
    {
        using var document = JsonDocument.Parse(json, Reading);
        return JsonSerializer.Serialize(document.RootElement, Writing);
    }

    /// <summary>The rules of a definition's policy in their order, each as its JSON object.</summary>
    public static IReadOnlyList<JsonObject> RulesOf(string json) => PolicyOf(Parse(json));

    /// <summary>The definition with one rule's mode changed; null when it has no such rule.</summary>
    /// <param name="json">The definition.</param>
    /// <param name="rule">The rule's name.</param>
    /// <param name="isEnforced">Whether it acts from then on, or is in dry run.</param>
    public static string? WithMode(string json, string rule, bool isEnforced)
    {
        var root = Parse(json);
        if (PolicyOf(root).FirstOrDefault(r => TextOf(r, "name") == rule) is not { } found)
            return null;
        found["mode"] = isEnforced ? "enforce" : "dry-run";
        return root!.ToJsonString(Writing);
    }

    /// <summary>A member's text; null when there is none.</summary>
    public static string? TextOf(JsonObject rule, string member) =>
        rule.TryGetPropertyValue(member, out var value) && value is JsonValue text && text.TryGetValue(out string? found) ? found : null;

    private static JsonNode? Parse(string json) => JsonNode.Parse(json, documentOptions: Reading);

    private static List<JsonObject> PolicyOf(JsonNode? root) =>
        root is JsonObject site && site["policy"] is JsonArray policy ? [.. policy.OfType<JsonObject>()] : [];
}
