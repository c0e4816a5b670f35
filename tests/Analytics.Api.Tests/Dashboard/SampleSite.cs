using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>A site with a day and a half of traffic as a small shop has it; the same each time but for its times.</summary>
internal static class SampleSite
{
    private static readonly string[] Paths =
        ["/", "/pricing", "/docs/getting-started", "/docs/api", "/blog/crawlers-in-numbers", "/blog", "/robots.txt", "/about", "/changelog", "/docs/rules", "/careers"];

    public static async Task<string> FillAsync(AnalyticsFixture api)
    {
        string site = await api.NewSiteAsync(name: "shop.example");
        await api.StoreAsync(Hits(site, TimeProvider.System.GetUtcNow().AddSeconds(-20), new Random(20260301)));
        return site;
    }

    private static IEnumerable<TestHit> Hits(string site, DateTimeOffset now, Random random)
    {
        // Half minutes, busier by day than by night, and each hour a little by itself.
        for (int step = 0; step < 48 * 120; step++)
        {
            var at = now.AddSeconds(-30 * step);
            double busy = 0.4 + 0.35 * Math.Sin((at.Hour + at.Minute / 60.0 - 8) / 24 * 2 * Math.PI) + 0.1 * Math.Sin(at.Hour * 7.3);
            var plain = new TestHit(site, at.AddMilliseconds(-random.Next(25_000)))
            {
                Path = Paths[random.Next(Paths.Length) * random.Next(2)],
                Address = $"198.51.100.{random.Next(250)}",
            };
            if (random.NextDouble() < busy)
                yield return random.Next(9) == 0 ? plain.From(random.Next(3) == 0 ? "perplexity" : "chatgpt", "ai") : plain;
            if (random.NextDouble() < (step < 120 * 24 ? 0.2 : 0.15))
                yield return Crawler(plain with { HitId = plain.HitId ^ 1UL << 62, Path = Paths[random.Next(Paths.Length)] }, random.Next(20));
            if (random.NextDouble() < 0.06)
                yield return (plain with { HitId = plain.HitId ^ 1UL << 61, Status = 404, Path = "/wp-login.php" }).Library();
        }
    }

    private static TestHit Crawler(TestHit hit, int which) => which switch
    {
        < 6 => hit.GptBot(),
        < 8 => hit.GptBot("spoofed"),
        < 12 => hit.Googlebot(),
        < 14 => hit.By("claudebot", "Anthropic", "ai-training", "verified"),
        < 16 => hit.By("perplexitybot", "Perplexity", "ai-search", "verified"),
        < 17 => hit.By("oai-searchbot", "OpenAI", "ai-search", "verified"),
        < 19 => hit.By("bytespider", "ByteDance", "ai-training", "unverifiable"),
        _ => hit.By("ahrefsbot", "Ahrefs", "seo", "verified"),
    };
}
