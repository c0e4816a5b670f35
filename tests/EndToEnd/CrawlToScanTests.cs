using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>The product's loop as a user runs it: traffic → verdicts → store → API → trigger → scan, over a restart.</summary>
public class CrawlToScanTests
{
    private const string Host = "demo.test";
    private const string Browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    private const string SearchBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)";
    private const string InsideOpenAi = "4.227.36.7";
    private const string OutsideOpenAi = "203.0.113.9";

    [Fact]
    public async Task A_verified_crawl_becomes_a_scan_and_every_hit_is_stored_once()
    {
        using var folder = new TemporaryFolder();
        await using var origin = await TestOrigin.StartAsync();
        await File.WriteAllTextAsync(folder["weir.json"], Settings(origin.Url));
        string[] flags = ["--config", folder["weir.json"]];
        List<JsonElement> before;

        await using (var weir = await WeirUp.StartAsync(folder["data"], flags))
        {
            await AddTargetAsync(weir);
            int sent = await SendTrafficAsync(weir);

            before = await WeirUp.EventuallyAsync(() => weir.AllHitsAsync("demo"), hits => hits.Count >= sent, $"{sent} hits");
            Assert.Equal(sent, before.Count);
            Assert.Equal(sent, before.Select(RequestId).Distinct().Count());
            AssertVerdicts(before);
            await AssertSummaryAsync(weir, sent);

            await LeaseTheScanAsync(weir);
            Assert.Equal(0, await weir.Process.TerminateAsync());
        }

        await using (var again = await WeirUp.StartAsync(folder["data"], flags))
        {
            var after = await again.AllHitsAsync("demo");
            Assert.Equal(before.Select(RequestId).Order(), after.Select(RequestId).Order());
            Assert.DoesNotContain("Admin key", again.Process.Output, StringComparison.Ordinal);
        }
    }

    private static string Settings(string origin) => $$"""
        {
          // Loopback is trusted as a proxy here, so that the test can speak for addresses of the world.
          "trustedProxies": ["127.0.0.0/8"],
          "sites": [{ "id": "demo", "hosts": ["{{Host}}"], "origins": ["{{origin}}"] }]
        }
        """;

    private static async Task AddTargetAsync(WeirUp weir) => await weir.PostAsync("/v1/targets", new
    {
        brand = "Acme",
        query = "what does acme cost",
        engines = new[] { "chatgpt", "perplexity" },
        pages = new[] { new { site = "demo", pattern = "/pricing" } },
    });

    /// <returns>How many requests were sent to the site.</returns>
    private static async Task<int> SendTrafficAsync(WeirUp weir)
    {
        await GetAsync(weir, "/", Browser, "198.51.100.20", ("Accept-Language", "en-GB"), ("Referer", "https://chatgpt.com/"));
        await GetAsync(weir, "/pricing", SearchBot, InsideOpenAi);
        await GetAsync(weir, "/pricing", SearchBot, OutsideOpenAi);
        await GetAsync(weir, "/prices.json", "python-requests/2.32.3", "198.51.100.21");
        await UploadAsync(weir);
        await EchoAsync(weir);
        await ReadEventsAsync(weir);

        using var stranger = await weir.SendAsync(HttpMethod.Get, "/", "other.test");
        Assert.Equal(HttpStatusCode.MisdirectedRequest, stranger.StatusCode); // and no hit
        return 8;
    }

    private static async Task GetAsync(WeirUp weir, string path, string userAgent, string from, params (string, string)[] more)
    {
        var headers = new Dictionary<string, string> { ["User-Agent"] = userAgent, ["X-Forwarded-For"] = from };
        foreach (var (name, value) in more)
            headers[name] = value;
        using var response = await weir.SendAsync(HttpMethod.Get, path, Host, headers);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("page", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task UploadAsync(WeirUp weir)
    {
        const int Length = 64 * 1024 * 1024;
        using var body = new ByteArrayContent(new byte[Length]);
        using var response = await weir.SendAsync(HttpMethod.Post, "/upload", Host, new() { ["User-Agent"] = Browser }, body);
        Assert.Equal($"{Length}", await response.Content.ReadAsStringAsync());
    }

    private static async Task EchoAsync(WeirUp weir)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", Host);
        socket.Options.SetRequestHeader("User-Agent", Browser);
        var url = new UriBuilder(weir.Edge.BaseAddress!) { Scheme = "ws", Path = "/echo" }.Uri;
        await socket.ConnectAsync(url, CancellationToken.None);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[64];
        var answer = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, answer.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static async Task ReadEventsAsync(WeirUp weir)
    {
        using var response = await weir.SendAsync(HttpMethod.Get, "/events", Host, new() { ["User-Agent"] = Browser });
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: one", await reader.ReadLineAsync()); // the origin sends the second only after this one arrived
        using var release = await weir.SendAsync(HttpMethod.Get, "/events?release=1", Host, new() { ["User-Agent"] = Browser });
        Assert.Equal(HttpStatusCode.OK, release.StatusCode);
        Assert.Contains("data: two", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static void AssertVerdicts(List<JsonElement> hits)
    {
        JsonElement From(string address) => hits.Single(h => h.GetProperty("clientAddress").GetString() == address);

        Assert.Equal("verified", From(InsideOpenAi).GetProperty("identity").GetString());
        Assert.Equal("oai-searchbot", From(InsideOpenAi).GetProperty("crawler").GetString());
        Assert.Equal("spoofed", From(OutsideOpenAi).GetProperty("identity").GetString());
        Assert.Equal("automation", From("198.51.100.21").GetProperty("kind").GetString());
        Assert.Equal("likely-human", From("198.51.100.20").GetProperty("kind").GetString());
        Assert.Equal(101, hits.Single(h => h.GetProperty("path").GetString() == "/echo").GetProperty("status").GetInt32());
    }

    private static async Task AssertSummaryAsync(WeirUp weir, int sent)
    {
        var summary = await weir.GetAsync("/v1/sites/demo/summary");
        Assert.Equal(sent, summary.GetProperty("hits").GetInt64());
        Assert.Equal(0, summary.GetProperty("lost").GetInt64());
        Assert.Equal(2, summary.GetProperty("kinds").GetProperty("crawler").GetInt64());
        Assert.Equal(1, summary.GetProperty("identities").GetProperty("verified").GetInt64());
        Assert.Equal(1, summary.GetProperty("identities").GetProperty("spoofed").GetInt64());

        using var nobody = new HttpClient { BaseAddress = weir.Api.BaseAddress };
        using var refused = await nobody.GetAsync("/v1/sites/demo/summary");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task LeaseTheScanAsync(WeirUp weir)
    {
        var scans = await WeirUp.EventuallyAsync(
            async () => (await weir.PostAsync("/v1/scans/lease", new { max = 10 })).GetProperty("scans"),
            found => found.GetArrayLength() > 0, "a leasable scan");

        var scan = Assert.Single(scans.EnumerateArray()); // chatgpt only: the crawler feeds no other engine, and the spoofed hit starts nothing
        Assert.Equal("chatgpt", scan.GetProperty("engine").GetString());
        Assert.Equal("what does acme cost", scan.GetProperty("query").GetString());
        Assert.Contains("/pricing", scan.GetProperty("whyNow").GetString(), StringComparison.Ordinal);
        await weir.PostAsync("/v1/scans/complete", new
        {
            id = scan.GetProperty("id").Clone(),
            fencingToken = scan.GetProperty("fencingToken").GetInt64(),
            result = "cited",
            evidence = new { url = "https://demo.test/pricing" },
        });
    }

    private static string RequestId(JsonElement hit) => hit.GetProperty("requestId").GetString()!;
}
