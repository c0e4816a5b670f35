using System.Globalization;
using System.Text;
using Weir.Detection;

namespace Weir.Scans.Fleet;

/// <summary>The file that a large customer imports: brands with fifty queries each, a query on one engine, linked to a page of one of its sites.</summary>
internal static class FleetFile
{
    /// <summary>Queries of a brand.</summary>
    public const int QueriesPerBrand = 50;

    /// <summary>Engines, taken in turn.</summary>
    public static readonly string[] Engines = ["chatgpt", "claude", "gemini", "google-ai-overview", "perplexity"];

    /// <summary>The sites; a brand's pages are on one.</summary>
    public static readonly SiteId[] Sites = [.. Enumerable.Range(0, 20).Select(i => SiteId.Parse($"shop-{i:00}"))];

    /// <summary>Writes CSV.</summary>
    public static byte[] Csv(int targets)
    {
        var text = new StringBuilder("brand,query,engine,site,pattern,topics\n");
        for (int i = 0; i < targets; i++)
            text.Append(CultureInfo.InvariantCulture, $"{Brand(i)},{Query(i)},{Engines[i % Engines.Length]},{SiteOf(i)},{Page(i)},{Topic(i)}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Writes JSON lines.</summary>
    public static byte[] JsonLines(int targets)
    {
        var text = new StringBuilder();
        for (int i = 0; i < targets; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $$"""{"brand":"{{Brand(i)}}","query":"{{Query(i)}}","engine":"{{Engines[i % Engines.Length]}}","pages":[{"site":"{{SiteOf(i)}}","pattern":"{{Page(i)}}"}],"topics":["{{Topic(i)}}"]}""").Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The site of a target's page.</summary>
    public static SiteId SiteOf(int target) => Sites[target / QueriesPerBrand % Sites.Length];

    /// <summary>A target's page.</summary>
    public static string Page(int target) => $"/products/{target / QueriesPerBrand}/{target % QueriesPerBrand % 10}";

    private static string Brand(int target) => $"Brand {target / QueriesPerBrand:00000}";

    private static string Query(int target) => $"which of the makers of product {target / QueriesPerBrand} is best for purpose {target % QueriesPerBrand}";

    private static string Topic(int target) => $"topic {target / QueriesPerBrand % 100}";
}
