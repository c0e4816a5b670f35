using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>A product imports its queries, and is told to ask again only what a real change may have changed.</summary>
public class TargetJourneyTests
{
    private const string Host = "demo.test";
    private const string SearchBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)";
    private const string Outside = "203.0.113.9";

    private static readonly string Before = string.Join(' ', Enumerable.Range(0, 80).Select(i => $"our widgets cost {i} euros a month in plan {i * 7}"));
    private static readonly string After = string.Join(' ', Enumerable.Range(0, 80).Select(i => $"prices of gadgets were raised by {i} percent since {i * 3} weeks ago"));

    // An address of the operator's own list, as the program has it.
    private static readonly string Inside = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "config", "ip-ranges", "oai-searchbot.json"))).RootElement
        .GetProperty("prefixes").EnumerateArray().First(p => p.TryGetProperty("ipv4Prefix", out _)).GetProperty("ipv4Prefix").GetString()!.Split('/')[0];

    [Fact]
    public async Task A_changed_page_is_asked_about_once_on_the_engine_that_read_it_and_nothing_else_is()
    {
        using var folder = new TemporaryFolder();
        await using var origin = await TestOrigin.StartAsync();
        origin.Pages["/pricing"] = Before;
        await File.WriteAllTextAsync(folder["weir.json"], $$"""
            {
              "trustedProxies": ["127.0.0.0/8"],
              "sites": [{ "id": "demo", "hosts": ["{{Host}}"], "origins": ["{{origin.Url}}"] }]
            }
            """);
        await using var weir = await WeirUp.StartAsync(folder["data"], "--config", folder["weir.json"]);
        await weir.PostAsync("/v1/targets", new { brand = "Acme", query = "who makes acme", engine = "chatgpt", pages = new[] { new { site = "demo", pattern = "/about" } } });
        // What the crawler read before anybody wanted to know of this page.
        await FetchAsync(weir, "/pricing", Inside, HttpStatusCode.OK);
        await WeirUp.EventuallyAsync(() => weir.Api.GetStringAsync("/metrics"),
            metrics => Regex.IsMatch(metrics, "weir_scheduling_fetches[^\n]*outcome=\"no-target\"[^\n]* [1-9]"), "the fetch without a target");
        await WeirUp.EventuallyAsync(() => weir.GetAsync("/v1/sites/demo/pages/changes"), c => c.GetProperty("items").GetArrayLength() == 1, "the first reading");
        await ImportAsync(weir, folder);

        // Neither a borrowed name nor robots.txt is a trigger; the same text again and 304 are, and make nothing due.
        await FetchAsync(weir, "/pricing", Outside, HttpStatusCode.OK);
        await FetchAsync(weir, "/robots.txt", Inside, HttpStatusCode.OK);
        await FetchAsync(weir, "/pricing", Inside, HttpStatusCode.OK);
        await FetchAsync(weir, "/pricing", Inside, HttpStatusCode.NotModified, ("If-None-Match", "\"x\""));
        var weak = await TriggersAsync(weir, 2);
        Assert.All(weak, t => Assert.Equal("crawl-same", t.GetProperty("class").GetString()));
        Assert.Equal(["not-modified", "same"], weak.Select(t => t.GetProperty("content").GetString()).Order());
        Assert.Empty((await weir.GetAsync("/v1/scans")).GetProperty("items").EnumerateArray());

        origin.Pages["/pricing"] = After;
        await FetchAsync(weir, "/pricing", Inside, HttpStatusCode.OK);
        var scans = await WeirUp.EventuallyAsync(() => ScansAsync(weir), s => s.Count == 2, "a scan of each query that is linked to the page");
        Assert.All(scans, s => Assert.Equal("chatgpt", s.GetProperty("engine").GetString()));
        Assert.Equal(["what do plans cost", "what does acme cost"], scans.Select(s => s.GetProperty("query").GetString()).Order());

        // 40 fetches in all since the change, some seconds apart at most: one scan, and each of them on it.
        for (int i = 1; i < 40; i++)
            await FetchAsync(weir, "/pricing", Inside, HttpStatusCode.OK);
        scans = await WeirUp.EventuallyAsync(() => ScansAsync(weir), s => s.All(x => x.GetProperty("triggerCount").GetInt32() == 42), "all events on the scans");
        Assert.Equal(2, scans.Count);
        var leased = (await weir.PostAsync("/v1/scans/lease", new { max = 10 })).GetProperty("scans");
        Assert.Equal(2, leased.GetArrayLength());
        Assert.StartsWith("OAI-SearchBot (verified) fetched /pricing", leased[0].GetProperty("whyNow").GetString(), StringComparison.Ordinal);
        Assert.Contains("42 fetches", leased[0].GetProperty("whyNow").GetString(), StringComparison.Ordinal);
        Assert.Empty((await weir.PostAsync("/v1/scans/lease?engine=perplexity", new { })).GetProperty("scans").EnumerateArray());
    }

    /// <summary>As people type it, twice: the second time nothing changes.</summary>
    private static async Task ImportAsync(WeirUp weir, TemporaryFolder folder)
    {
        await File.WriteAllTextAsync(folder["queries.csv"], """
            brand,query,engine,site,pattern
            Acme,what does acme cost,chatgpt;perplexity,demo,/pricing
            Acme,what do plans cost,chatgpt;perplexity,demo,/pricing
            Acme,who makes acme,chatgpt;perplexity,demo,/about
            Acme,wrong engine,altavista,demo,/about
            """);
        var first = await CurlAsync(weir, folder["queries.csv"]);
        Assert.Equal((4, 5, 1), (first.GetProperty("rows").GetInt32(), first.GetProperty("created").GetInt32(), first.GetProperty("rejected").GetInt32()));
        var error = Assert.Single(first.GetProperty("errors").EnumerateArray());
        Assert.Equal((5, "engines[0]"), (error.GetProperty("row").GetInt32(), error.GetProperty("field").GetString()));
        Assert.Equal("/about", Assert.Single(first.GetProperty("warnings").EnumerateArray()).GetProperty("pattern").GetString());
        var second = await CurlAsync(weir, folder["queries.csv"]);
        Assert.Equal((0, 6), (second.GetProperty("created").GetInt32(), second.GetProperty("unchanged").GetInt32()));
    }

    private static async Task<JsonElement> CurlAsync(WeirUp weir, string file)
    {
        var (code, output) = await TlsEdge.RunAsync("curl", "-sS", "-H", $"Authorization: Bearer {weir.AdminKey}", "-F", $"file=@{file}",
            new Uri(weir.Api.BaseAddress!, "/v1/targets/import").ToString());
        Assert.True(code == 0 && output.StartsWith('{'), output);
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task<List<JsonElement>> TriggersAsync(WeirUp weir, int count) => await WeirUp.EventuallyAsync(
        async () => (await weir.GetAsync("/v1/triggers")).GetProperty("items").EnumerateArray().ToList(), t => t.Count == count, $"{count} triggers");

    private static async Task<List<JsonElement>> ScansAsync(WeirUp weir) => [.. (await weir.GetAsync("/v1/scans")).GetProperty("items").EnumerateArray()];

    private static async Task FetchAsync(WeirUp weir, string path, string from, HttpStatusCode expected, params (string, string)[] more)
    {
        var headers = new Dictionary<string, string> { ["User-Agent"] = SearchBot, ["X-Forwarded-For"] = from };
        foreach (var (name, value) in more)
            headers[name] = value;
        using var response = await weir.SendAsync(HttpMethod.Get, path, Host, headers);
        Assert.Equal(expected, response.StatusCode);
        await response.Content.ReadAsByteArrayAsync();
    }
}
