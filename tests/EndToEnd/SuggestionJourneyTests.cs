using System.Net;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>Somebody has queries and no patterns: a crawler reads the pages, Weir suggests which page answers which query, and a confirmed page is a trigger from then on.</summary>
public sealed class SuggestionJourneyTests
{
    private const string SearchBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)";

    // An address of the operator's own list, and one of nobody's.
    private const string Inside = "4.227.36.7", Outside = "203.0.113.9";

    [Fact]
    public async Task A_page_that_a_crawler_read_is_suggested_confirmed_and_then_triggers_its_query()
    {
        using var folder = new TemporaryFolder();
        await using var origin = await TestOrigin.StartAsync();
        origin.Pages["/pricing"] = string.Join(' ', Enumerable.Range(0, 80).Select(i => $"our widget plans cost {i} euros a month"));
        origin.Pages["/about"] = "Two sisters made the first widget in a garage, and 40 people work here today.";
        origin.Pages["/contact"] = "Write to us or visit our office by the harbour.";
        await File.WriteAllTextAsync(folder["weir.json"], $$"""
            {
              "trustedProxies": ["127.0.0.0/8"],
              "sites": [
                { "id": "demo", "hosts": ["demo.test"], "origins": ["{{origin.Url}}"] },
                { "id": "quiet", "hosts": ["quiet.test"], "origins": ["{{origin.Url}}"], "privacy": { "pageTexts": false } }
              ]
            }
            """);
        await using var weir = await WeirUp.StartAsync(folder["data"], "--config", folder["weir.json"]);
        await File.WriteAllTextAsync(folder["queries.csv"], "brand,query,engine\nAcme,what do acme plans cost,chatgpt;perplexity\nAcme,is acme hiring welders,chatgpt\n");
        Assert.Equal(0, (await TargetsAsync(weir, "import", folder["queries.csv"])).Code);

        await FetchAsync(weir, "quiet.test", "/pricing", Inside);
        await FetchAsync(weir, "demo.test", "/contact", Outside);
        await FetchAsync(weir, "demo.test", "/pricing", Inside);
        await FetchAsync(weir, "demo.test", "/about", Inside);
        var list = await WeirUp.EventuallyAsync(() => weir.GetAsync("/v1/suggestions"), s => s.GetProperty("pages").GetInt64() == 2, "the texts of two pages");
        var suggested = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(("what do acme plans cost", "demo", "/pricing"), (suggested.GetProperty("text").GetString(), suggested.GetProperty("site").GetString(), suggested.GetProperty("path").GetString()));
        Assert.Contains("plans cost", suggested.GetProperty("snippet").GetString(), StringComparison.Ordinal);

        var (code, output) = await TargetsAsync(weir, "suggest");
        Assert.True(code == 0, output);
        Assert.Contains("what do acme plans cost  ->  demo /pricing  (plans, cost)", output, StringComparison.Ordinal);
        Assert.Contains("1 suggestions for 2 queries among 2 pages; --confirm-above 0.8 links the best.", output, StringComparison.Ordinal);
        (code, output) = await TargetsAsync(weir, "suggest", "--confirm-above", "0.5", "--format", "csv");
        Assert.True(code == 0, output);
        Assert.EndsWith(",\"true\"", output.TrimEnd(), StringComparison.Ordinal);
        var linked = (await weir.GetAsync("/v1/targets")).GetProperty("items").EnumerateArray().Where(t => t.GetProperty("pages").GetArrayLength() == 1).ToList();
        Assert.Equal(["chatgpt", "perplexity"], linked.Select(t => t.GetProperty("engine").GetString()).Order());
        Assert.All(linked, t => Assert.Equal("suggested", t.GetProperty("pages")[0].GetProperty("source").GetString()));

        origin.Pages["/pricing"] = string.Join(' ', Enumerable.Range(0, 80).Select(i => $"prices of gadgets were raised by {i} percent since {i * 3} weeks ago"));
        await FetchAsync(weir, "demo.test", "/pricing", Inside);
        var scans = await WeirUp.EventuallyAsync(() => weir.GetAsync("/v1/scans"), s => s.GetProperty("items").GetArrayLength() == 1, "a scan of the query");
        var scan = scans.GetProperty("items")[0];
        Assert.Equal(("what do acme plans cost", "chatgpt"), (scan.GetProperty("query").GetString(), scan.GetProperty("engine").GetString()));
    }

    private static Task<(int Code, string Output)> TargetsAsync(WeirUp weir, params string[] command) =>
        WeirProcess.RunAsync(["targets", .. command, "--url", $"{weir.Api.BaseAddress}", "--data", weir.Data]);

    private static async Task FetchAsync(WeirUp weir, string host, string path, string from)
    {
        using var response = await weir.SendAsync(HttpMethod.Get, path, host, new() { ["User-Agent"] = SearchBot, ["X-Forwarded-For"] = from });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.ReadAsByteArrayAsync();
    }
}
