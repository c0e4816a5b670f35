using System.Globalization;
using System.Text.Json;

namespace Weir.Control.Sql;

/// <summary>Reads the hosts of a definition, as they are looked up: lower case, no trailing dot, international names in their ASCII form.</summary>
internal static class DefinitionHosts
{
    // As the settings file is read: people write comments.
    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32 };

    /// <exception cref="ControlException">Not a JSON object, or more than can be kept.</exception>
    public static IReadOnlyList<string> Read(string json)
    {
        if (json.Length > SiteDefinition.JsonCharsMax)
            throw new ControlException($"The definition has {json.Length:N0} characters; {SiteDefinition.JsonCharsMax:N0} are the most. Shorten its rules.");
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ControlException("A site's definition is one JSON object: { \"hosts\": …, \"origins\": … }.");
            var hosts = document.RootElement.TryGetProperty("hosts", out var given) ? Texts(given).Select(Normal).Distinct().ToList() : [];
            return hosts.Count <= SiteDefinition.HostsMax ? hosts
                : throw new ControlException($"The site has {hosts.Count:N0} hosts; {SiteDefinition.HostsMax:N0} are the most. Use a wildcard, or several sites.");
        }
        catch (JsonException e)
        {
            throw new ControlException($"The definition is not JSON: {e.Message}", e);
        }
    }

    private static IEnumerable<string> Texts(JsonElement given) => given.ValueKind switch
    {
        JsonValueKind.String => [given.GetString()!],
        JsonValueKind.Array => given.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!),
        _ => [],
    };

    private static string Normal(string given)
    {
        string host = given.Trim().TrimEnd('.').ToLowerInvariant();
        if (host.All(char.IsAscii))
            return host;
        try
        {
            string start = host.StartsWith("*.", StringComparison.Ordinal) ? "*." : "";
            return start + new IdnMapping { UseStd3AsciiRules = false }.GetAscii(host[start.Length..]);
        }
        catch (ArgumentException)
        {
            // No host name at all: the check of the definition says so.
            return host;
        }
    }
}
