using System.Net;
using Weir.Analytics.Api.Tests.Support;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>An analyst sees who a hit turned out to be, and may still see what it was taken for.</summary>
[Collection(AnalyticsCollection.Name)]
public class VerdictTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 30, 0, TimeSpan.Zero);
    private const string Span = "from=2026-03-10&to=2026-03-11";

    [Theory]
    [InlineData(Span)]
    [InlineData("from=2026-03-10T12:15:00Z&to=2026-03-10T12:45:00Z")]
    public async Task A_late_identity_shows_everywhere_and_the_original_on_request(string span)
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            (hit with { HitId = 1, Address = "203.0.113.50", Path = "/a" }).Googlebot("pending"),
            (hit with { HitId = 2, Address = "203.0.113.51", Path = "/a" }).Googlebot("pending"),
            (hit with { HitId = 3, Address = "203.0.113.52", Path = "/b" }).Googlebot("pending"),
            (hit with { HitId = 4 }).Googlebot());
        await KnowAsync("203.0.113.50", "verified");
        await KnowAsync("203.0.113.51", "spoofed");

        var summary = await GetAsync(site, "summary", span);
        Assert.Equal((2, 1, 1), (summary.Long("identities", "verified"), summary.Long("identities", "spoofed"), summary.Long("identities", "pending")));
        Assert.Equal((4, 4), (summary.Long("hits"), summary.Long("kinds", "crawler")));
        Assert.Equal(4, summary.Long("clients"));
        var crawler = (await GetAsync(site, "crawlers", span)).GetProperty("items")[0];
        Assert.Equal((4, 2, 1, 1), (crawler.Long("hits"), crawler.Long("verified"), crawler.Long("spoofed"), crawler.Long("pending")));
        var page = (await GetAsync(site, "pages", span + "&path=/a")).GetProperty("items")[0];
        Assert.Equal((1, 1), (page.Long("crawlerHits"), page.Long("spoofedHits")));
        Assert.Equal([2, 1, 0, 1, 0], (await GetAsync(site, "series", span + "&by=identity")).GetProperty("lines").EnumerateArray().Select(l => l.Long("total")));

        var spoofed = Assert.Single((await GetAsync(site, "hits", span + "&identity=spoofed")).GetProperty("items").EnumerateArray());
        Assert.Equal(("0000000000000002", "reverse-dns", "late-identity"),
            (spoofed.GetProperty("requestId").GetString(), spoofed.GetProperty("identityMethod").GetString(), spoofed.GetProperty("amendedBy").GetString()));
        Assert.Contains("reverse-dns-refuted", spoofed.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()));
        Assert.Single((await GetAsync(site, "hits", span + "&identity=pending")).GetProperty("items").EnumerateArray());

        var original = await GetAsync(site, "summary", span + "&verdict=original");
        Assert.Equal((1, 0, 3), (original.Long("identities", "verified"), original.Long("identities", "spoofed"), original.Long("identities", "pending")));
        Assert.Equal(3, (await GetAsync(site, "crawlers", span + "&verdict=original")).GetProperty("items")[0].Long("pending"));
        Assert.Equal(3, (await GetAsync(site, "hits", span + "&verdict=original&identity=pending")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_run_shows_until_it_is_dropped_and_another_verdict_on_request()
    {
        string site = await api.NewSiteAsync();
        var person = new TestHit(site, Noon);
        await api.StoreAsync(
            Unnamed(person with { HitId = 1, Time = Noon.AddMinutes(-20), Path = "/a" }), Unnamed(person with { HitId = 2, Path = "/a" }),
            // Called ClaudeBot by somebody, and says that it is GPTBot: its last hit there moves elsewhere.
            (person with { HitId = 3, Path = "/a", Address = "203.0.113.9" }).By("claudebot", "Anthropic", "ai-training", "unverifiable"),
            (person with { HitId = 4, Time = Noon.AddMinutes(10), Address = "203.0.113.9" }).By("claudebot", "Anthropic", "ai-training", "unverifiable") with { UserAgent = "GPTBot/1.2" });
        using var connections = new ClickHouseConnections(api.Endpoint);
        using var work = new Reclassifier(connections, new Detector(CrawlerCatalog.Load()), TimeProvider.System);
        var request = new ReclassifyRequest(SiteId.Parse(site), DateTimeOffset.UnixEpoch, null);

        Assert.Equal(["claudebot"], await CrawlersAsync(site, ""));
        var run = (await work.ApplyAsync(request, default)).Run!;
        Assert.Equal(["gptbot", "claudebot"], await CrawlersAsync(site, ""));
        Assert.Equal(["claudebot"], await CrawlersAsync(site, "&verdict=settled"));
        Assert.Equal(["claudebot"], await CrawlersAsync(site, "&verdict=original"));

        var claudebot = (await GetAsync(site, "crawlers", Span)).GetProperty("items")[1];
        Assert.Equal((1, Noon, Noon), (claudebot.Long("hits"), claudebot.GetProperty("firstSeen").GetDateTimeOffset(), claudebot.GetProperty("lastSeen").GetDateTimeOffset()));
        Assert.Equal(Noon.AddMinutes(10), (await GetAsync(site, "crawlers", Span + "&verdict=original")).GetProperty("items")[0].GetProperty("lastSeen").GetDateTimeOffset());
        var summary = await GetAsync(site, "summary", Span);
        Assert.Equal((4, 4, 0), (summary.Long("hits"), summary.Long("kinds", "crawler"), summary.Long("kinds", "automation")));
        var named = (await GetAsync(site, "hits", Span + "&crawler=gptbot")).GetProperty("items");
        Assert.Equal(3, named.GetArrayLength());
        Assert.Equal(("OpenAI", "reclassified", "ai-training"),
            (named[0].GetProperty("operator").GetString(), named[0].GetProperty("amendedBy").GetString(), named[0].GetProperty("purpose").GetString()));
        Assert.Contains("crawler-token", named[0].GetProperty("reasons").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(0, (await GetAsync(site, "hits", Span + "&kind=automation")).GetProperty("items").GetArrayLength());

        Assert.True(await work.DropAsync(run.Run, default));
        Assert.Equal(["claudebot"], await CrawlersAsync(site, ""));
    }

    [Fact]
    public async Task More_amended_hits_than_a_question_can_list_are_found_by_it()
    {
        string site = await api.NewSiteAsync();
        const int Hits = Amendments.ListedMax + 10;
        var hit = new TestHit(site, Noon) { Address = "203.0.113.60", Path = "/a" };
        await api.StoreAsync([.. Enumerable.Range(1, Hits).Select(i => (hit with { HitId = (ulong)i, Time = Noon.AddMilliseconds(i) }).Googlebot("pending"))]);
        await KnowAsync("203.0.113.60", "verified");

        Assert.Equal(Hits, (await GetAsync(site, "summary", Span)).Long("identities", "verified"));
        Assert.Equal(Hits, (await GetAsync(site, "crawlers", Span)).GetProperty("items")[0].Long("verified"));
        Assert.Equal(Hits, (await GetAsync(site, "series", Span + "&by=identity")).GetProperty("lines")[0].Long("total"));
        Assert.Equal(5, (await GetAsync(site, "hits", Span + "&identity=verified&limit=5")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_word_that_is_no_verdict_is_named()
    {
        string site = await api.NewSiteAsync();
        foreach (string report in (string[])["summary", "series", "crawlers", "pages", "hits", "referrals"])
        {
            using var answer = await api.Api.GetAsync(new Uri($"/v1/sites/{site}/{report}?verdict=newest", UriKind.Relative));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("'verdict' must be one of reclassified, settled, original.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private static TestHit Unnamed(TestHit hit) => hit.Library() with { UserAgent = "GPTBot/1.2", Address = "20.171.206.7" };

    private async Task<IEnumerable<string?>> CrawlersAsync(string site, string more) =>
        (await GetAsync(site, "crawlers", Span + more)).GetProperty("items").EnumerateArray().Select(c => c.GetProperty("crawler").GetString());

    private Task<System.Text.Json.JsonElement> GetAsync(string site, string report, string query) => api.Api.JsonAsync($"/v1/sites/{site}/{report}?{query}");

    private Task KnowAsync(string address, string identity) => api.Store.ExecuteNonQueryAsync(
        $"INSERT INTO verifications (as_of, client_address, crawler, identity, identity_method) SELECT '2026-03-10 12:30:05', toIPv6('{address}'), 'googlebot', '{identity}', 'reverse-dns'");
}
