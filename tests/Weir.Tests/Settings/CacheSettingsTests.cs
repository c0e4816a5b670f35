using Weir.Control;

namespace Weir.Tests.Settings;

public class CacheSettingsTests
{
    [Fact]
    public void An_empty_section_keeps_answers_as_the_origin_says_and_none_keeps_nothing()
    {
        Assert.Equivalent(new SiteCache(), Read("{}"));
        Assert.Null(SettingsText.Read("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000" }] }""").Sites[0].Cache);
    }

    [Fact]
    public void Every_setting_means_what_it_says()
    {
        var cache = Read("""
            { "for": "crawlers", "generation": 3, "entryBytesMax": 2048, "heuristics": true, "statusHeader": true, "heedRequests": false,
              "staleIfErrorSeconds": 60, "crawlers": [{ "paths": ["/blog/", "*.pdf$"], "seconds": 600 }, { "seconds": 10 }] }
            """);

        Assert.Equal((true, 3, 2048, true, true, false, 60),
            (cache.IsOnlyForCrawlers, cache.Generation, cache.EntryBytesMax, cache.IsHeuristic, cache.WritesStatus, cache.HeedsRequests, cache.StaleIfErrorSeconds));
        Assert.Equal((string[])["/blog/ *.pdf$ 600", " 10"], cache.CrawlerAges.Select(a => $"{string.Join(' ', a.Paths)} {a.Seconds}"));
    }

    [Theory]
    [InlineData("""{ "for": "bots" }""", "cache.for: 'bots' is nobody to answer from the cache. Write everyone (as without it) or crawlers.")]
    [InlineData("""{ "generation": -1 }""", "cache.generation: -1 is out of range.")]
    [InlineData("""{ "entryBytesMax": 10 }""", "cache.entryBytesMax: 10 is out of range. Write a number from 1024 to 67108864.")]
    [InlineData("""{ "crawlers": [{ "paths": "/a" }] }""", "cache.crawlers[0].seconds: How old an answer crawlers get is missing. Write \"seconds\": 600 for ten minutes.")]
    [InlineData("""{ "crawlers": [{ "seconds": 0 }] }""", "cache.crawlers[0].seconds: 0 is out of range.")]
    [InlineData("""{ "crawlers": [{ "seconds": 5, "paths": "blog" }] }""", "cache.crawlers[0].paths: 'blog' is no path.")]
    [InlineData("""{ "ttl": 5 }""", "cache.ttl: There is no setting 'ttl' here.")]
    public void A_wrong_setting_is_named_with_its_mend(string cache, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(SiteWith(cache))), StringComparison.Ordinal);

    [Fact]
    public void A_store_too_small_for_a_page_is_refused() =>
        Assert.Contains("limits.cacheBytesMax: 1000 is out of range.", Assert.Single(SettingsText.Errors("""{ "limits": { "cacheBytesMax": 1000 } }""")), StringComparison.Ordinal);

    private static SiteCache Read(string cache) => SettingsText.Read(SiteWith(cache)).Sites[0].Cache!;

    private static string SiteWith(string cache) =>
        $$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "cache": {{cache}} }] }""";
}
