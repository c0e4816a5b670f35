using System.Globalization;
using Weir.Detection;

namespace Weir.Storage.Traffic;

/// <summary>A made-up site: its host, its pages and the files they are made of.</summary>
internal sealed class SiteModel
{
    private static readonly string[] Words =
    [
        "pricing", "guide", "compare", "review", "winter", "summer", "garden", "kitchen", "router", "camera", "wireless", "budget", "travel",
        "insurance", "recipe", "history", "science", "market", "design", "career", "security", "cloud", "mobile", "battery", "leather", "cotton",
        "mountain", "river", "children", "health", "energy", "finance", "support", "release", "update", "install", "export", "import", "report",
    ];

    private static readonly string[] Forms = ["/blog/{1}-{2}-{0}", "/products/{1}-{2}-{0}", "/docs/{1}/{2}-{0}", "/category/{1}/{2}?", "/{1}/{2}/{0}.html"];
    private static readonly string[] AssetKinds = ["js", "css", "woff2", "webp", "png", "svg"];

    public SiteModel(int rank, Random random)
    {
        Id = SiteId.Parse($"site-{rank:d4}");
        Host = $"www.{Words[rank % Words.Length]}-{rank}.example";
        // Large sites have many pages and small ones few.
        int pages = Math.Clamp((int)(40_000 / Math.Pow(rank, 0.7)), 40, 20_000);
        Pages = [.. Enumerable.Range(0, pages).Select(i => i == 0 ? "/" : NewPath(i, random))];
        PageBytes = [.. Pages.Select(_ => 8_000 + random.Next(60_000))];
        int assets = 20 + random.Next(120);
        Assets = [.. Enumerable.Range(0, assets).Select(i =>
            $"/assets/{Words[random.Next(Words.Length)]}-{random.Next(1 << 24):x6}.{AssetKinds[random.Next(AssetKinds.Length)]}")];
        AssetBytes = [.. Assets.Select(_ => 400 + random.Next(120_000))];
        PageUrls = [.. Pages.Select(p => $"https://{Host}{p}")];
        AssetsPerPage = 3 + random.Next(20);
        OriginMs = Math.Exp(3 + random.NextDouble() * 2);
        HasCache = random.Next(3) == 0;
    }

    public SiteId Id { get; }

    public string Host { get; }

    public string[] Pages { get; }

    public int[] PageBytes { get; }

    public string[] PageUrls { get; }

    public string[] Assets { get; }

    public int[] AssetBytes { get; }

    public int AssetsPerPage { get; }

    /// <summary>Median of the time that its origin takes, 20 to 150 ms.</summary>
    public double OriginMs { get; }

    public bool HasCache { get; }

    /// <summary>Clients of late, some of whom come again, with what they are.</summary>
    public Person[] Regulars { get; } = new Person[256];

    public int RegularsCount { get; set; }

    private static string NewPath(int number, Random random) => string.Format(CultureInfo.InvariantCulture,
        Forms[random.Next(Forms.Length)], number, Words[random.Next(Words.Length)], Words[random.Next(Words.Length)]).TrimEnd('?');
}
