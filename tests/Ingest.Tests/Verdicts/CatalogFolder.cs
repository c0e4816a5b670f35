using System.Text.Json.Nodes;
using Weir.Detection.Catalog;

namespace Weir.Ingest.Tests.Verdicts;

/// <summary>A copy of the shipped catalog that a test may change.</summary>
internal sealed class CatalogFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-catalog-");

    public CatalogFolder()
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "config");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "ip-ranges"));
        foreach (string file in (string[])[Path.Combine(shipped, "crawlers.json"), .. Directory.GetFiles(Path.Combine(shipped, "ip-ranges"))])
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetRelativePath(shipped, file)));
    }

    /// <summary>Adds a crawler that anybody may claim to be.</summary>
    public CatalogFolder WithCrawler(string id, string token, string purpose = "ai-training") => Edit("crawlers.json", file => file["crawlers"]!.AsArray().Add(new JsonObject
    {
        ["id"] = id,
        ["name"] = token,
        ["operator"] = "New Operator",
        ["purpose"] = purpose,
        ["purposeConfidence"] = "curated",
        ["tokens"] = new JsonArray(token),
    }));

    /// <summary>Says that a list was made at a time, and holds these prefixes alone.</summary>
    public CatalogFolder WithList(string file, DateTimeOffset createdAt, params string[] prefixes) => Edit(Path.Combine("ip-ranges", file), list =>
    {
        list["creationTime"] = createdAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ");
        if (prefixes.Length > 0)
            list["prefixes"] = new JsonArray([.. prefixes.Select(p => new JsonObject { ["ipv4Prefix"] = p })]);
    });

    public CrawlerCatalog Load() => CrawlerCatalog.Load(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    private CatalogFolder Edit(string name, Action<JsonNode> edit)
    {
        string path = Path.Combine(_folder.FullName, name);
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
        return this;
    }
}
