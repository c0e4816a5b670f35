using System.Text.Json.Nodes;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Tests.Support;

/// <summary>Asks of a definition what these tests need: hosts, origins, known modes. The program's own check has its tests where it lives.</summary>
internal sealed class ShapeCheck : ISiteDefinitionCheck
{
    public IReadOnlyList<string> Check(SiteId id, string json)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: new System.Text.Json.JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (System.Text.Json.JsonException e)
        {
            return [e.Message];
        }
        return root is not JsonObject site ? ["This is no site."]
            : [.. ((string[])["hosts", "origins"]).Where(m => site[m] is not JsonArray).Select(m => $"{m}: A list is needed.")];
    }

    public Site? Read(SiteId id, string json) => Check(id, json).Count > 0 ? null : new Site
    {
        Id = id,
        Hosts = [.. Texts(json, "hosts")],
        Origins = [.. Texts(json, "origins").Select(url => new SiteOrigin(new Uri(url)))],
    };

    private static IEnumerable<string> Texts(string json, string member) => JsonNode.Parse(json)![member]!.AsArray().Select(t => t!.GetValue<string>());
}
