using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>A site owner's way, as typed: check the settings, put the edge in front, watch, try a rule, turn it on, and trust it in an outage.</summary>
public sealed partial class FrontASiteTests : IAsyncLifetime
{
    private const string Host = "www.example.test";
    private const string Browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    private const string GptBot = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)";
    private const string Person = "198.51.100.20", Forger = "203.0.113.9", Visitor = "198.51.100.40";
    private const int OutageHits = 40, MadeUpNames = 50;

    private readonly TemporaryFolder _folder = new();
    private readonly int[] _ports = LoopbackPorts.Free(2);
    private readonly TlsSite _site;
    private TestOrigin _origin = null!;
    private WeirUp _weir = null!;
    private string _metrics = "";

    public FrontASiteTests() => _site = new TlsSite(Host, _ports[1], _folder["certificates"]);

    public async ValueTask InitializeAsync() => _origin = await TestOrigin.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _site.Dispose();
        await _origin.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_owner_fronts_a_site_blocks_forgers_and_loses_no_hit_while_the_store_is_killed()
    {
        await CheckSettingsAsync();
        await using (_weir = await WeirUp.FrontAsync(_folder["data"], _folder["weir.json"]))
        {
            _metrics = (await _weir.Process.WaitForLineAsync("Metrics ")).Split(' ')[^1];
            await PutSitesAsync();
            await UseTheSiteAsync();
            await SeeAForgerAsync();
            await BlockForgersAsync();
            await KillTheStoreAsync();
            await RefuseMadeUpNamesAsync();
            await DrainAsync();
        }
    }

    private async Task CheckSettingsAsync()
    {
        Directory.CreateDirectory(_folder["sites.d"]);
        string settings = $$"""
            {
              "listen": ["127.0.0.1:{{_ports[0]}}", "https://127.0.0.1:{{_ports[1]}}"],
              "metrics": "127.0.0.1:0",
              "trustedProxies": ["127.0.0.0/8"],
              "certificates": { "folder": "certificates" },
              "sitesFolder": "sites.d"
            }
            """;
        await File.WriteAllTextAsync(_folder["wrong.json"], settings.Replace("sitesFolder", "sitesFolde", StringComparison.Ordinal).Replace("/8", "/33", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_folder["weir.json"], settings);

        var (code, output) = await WeirProcess.RunAsync("check", _folder["wrong.json"]);
        Assert.Equal(1, code);
        Assert.Contains("wrong.json:6:3 sitesFolde: There is no setting 'sitesFolde' here. Did you mean 'sitesFolder'?", output, StringComparison.Ordinal);
        Assert.Contains("wrong.json:4:22 trustedProxies[0]: '127.0.0.0/33' is not a prefix.", output, StringComparison.Ordinal);

        (code, output) = await WeirProcess.RunAsync("check", _folder["weir.json"], "--peer", "127.0.0.1", "--xff", $"192.0.2.1, {Forger}");
        Assert.Equal(0, code);
        Assert.Contains($"client address: {Forger} (127.0.0.1 is a trusted proxy", output, StringComparison.Ordinal);
    }

    /// <summary>One site and one for all other hosts in the control store, while the sample site still has every host; one more by a file.</summary>
    private async Task PutSitesAsync()
    {
        await PutAsync("www", $$"""
            { "hosts": "{{Host}}", "origins": "{{_origin.Url}}",
              "policy": [{ "name": "spoofed-ai", "identities": "spoofed", "purposes": ["ai-training"], "action": "block" }] }
            """);
        await PutAsync("rest", $$"""{ "hosts": "*", "origins": "{{_origin.Url}}" }""");
        await File.WriteAllTextAsync(_folder["sites.d/blog.json"], $$"""{ "id": "blog", "hosts": "blog.example.test", "origins": "{{_origin.Url}}" }""");

        await WeirUp.EventuallyAsync(() => TextAsync(Host), text => text.Contains("page", StringComparison.Ordinal), "the site of the control store");
        await WeirUp.EventuallyAsync(async () => (await _weir.GetAsync("/v1/sites")).ToString(), sites => sites.Contains("\"blog\"", StringComparison.Ordinal), "the site of the folder");
        Assert.Contains("page", await TextAsync("blog.example.test"), StringComparison.Ordinal);
        Assert.Contains("page", await TextAsync("any.example.test"), StringComparison.Ordinal);
        await WeirUp.EventuallyAsync(() => _weir.AllHitsAsync("blog"), hits => hits.Count == 1, "the hit of a site that came by a file");
    }

    private async Task PutAsync(string id, string definition)
    {
        string file = _folder[$"{id}.json"];
        await File.WriteAllTextAsync(file, definition);
        var (code, output) = await WeirProcess.RunAsync("sites", "put", id, file, "--config", _folder["weir.json"], "--data", _folder["data"]);
        Assert.True(code == 0, output);
    }

    private async Task<string> TextAsync(string host)
    {
        using var answer = await _weir.SendAsync(HttpMethod.Get, "/", host, new() { ["User-Agent"] = Browser });
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task UseTheSiteAsync()
    {
        var (code, head) = await _site.CurlAsync("-I", "-A", Browser, $"https://{Host}:{_site.Port}/");
        Assert.True(code == 0 && head.StartsWith("HTTP/2 200", StringComparison.Ordinal), head);

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
            await EchoAsync(version);
        await ReadEventsAsync();

        await using (var upload = File.Create(_folder["upload"]))
            upload.SetLength(64 << 20);
        (code, string counted) = await _site.CurlAsync("-A", Browser, "--data-binary", $"@{_folder["upload"]}", "-w", " %{http_version}", $"https://{Host}:{_site.Port}/upload");
        Assert.Equal((0, $"{64 << 20} 2"), (code, counted));
    }

    private async Task EchoAsync(Version version)
    {
        using var socket = new ClientWebSocket();
        (socket.Options.HttpVersion, socket.Options.HttpVersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
        using var invoker = new HttpMessageInvoker(_site.Handler, disposeHandler: false);
        await socket.ConnectAsync(new Uri($"wss://{Host}/echo"), invoker, CancellationToken.None);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[64];
        var answer = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, answer.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private async Task ReadEventsAsync()
    {
        using var response = await _site.GetAsync("/events", Browser, Person);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: one", await reader.ReadLineAsync()); // the origin sends the second only after this one arrived
        using var release = await _site.GetAsync("/events?release=1", Browser, Person);
        Assert.Contains("data: two", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private async Task SeeAForgerAsync()
    {
        using var answer = await _site.GetAsync("/", GptBot, Forger);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await WeirUp.EventuallyAsync(
            async () => (await WeirProcess.RunAsync("top", "--once", "--url", _weir.Api.BaseAddress!.ToString(), "--key-file", Path.Combine(_weir.Data, "admin.key"))).Output,
            top => ForgerRow().IsMatch(top), "a spoofed GPTBot in weir top");
    }

    private async Task BlockForgersAsync()
    {
        var policy = await _weir.GetAsync("/v1/sites/www/policy");
        var rule = Assert.Single(policy.GetProperty("items").EnumerateArray());
        Assert.Equal(("spoofed-ai", "dry-run", "block", 1, 0), (rule.GetProperty("rule").GetString(), rule.GetProperty("mode").GetString(),
            rule.GetProperty("action").GetString(), rule.GetProperty("hits").GetInt32(), rule.GetProperty("likelyPeople").GetInt32()));
        Assert.True(policy.GetProperty("hits").GetInt64() > 1, $"{policy}"); // would have blocked 1 of these

        await _weir.PostAsync("/v1/sites/www/policy/rules/spoofed-ai/enforce", new { });

        await WeirUp.EventuallyAsync(async () => await StatusAsync("/", GptBot, Forger), status => status == 403, "the refusal");
        using var refused = await _site.GetAsync("/", GptBot, Forger);
        Assert.Matches("^[0-9a-f]{16}$", Assert.Single(refused.Headers.GetValues("X-Weir-Request-Id")));
        Assert.Equal(200, await StatusAsync("/robots.txt", GptBot, Forger));
        Assert.Equal(200, await StatusAsync("/", Browser, Person, ("Accept-Language", "en-GB")));
    }

    private async Task<int> StatusAsync(string path, string userAgent, string from, params (string, string)[] more)
    {
        using var answer = await _site.GetAsync(path, userAgent, from, more);
        return (int)answer.StatusCode;
    }

    /// <summary>Kills the store twice, the second time as soon as it is back, and visits meanwhile.</summary>
    private async Task KillTheStoreAsync()
    {
        var sent = new HashSet<string>();
        for (int kill = 0; kill < 2; kill++)
        {
            string[] processes = await WeirUp.EventuallyAsync(() => Task.FromResult(StoreProcesses()), all => all.Length > kill, "the store's process");
            Process.GetProcessById(int.Parse(processes[^1], System.Globalization.CultureInfo.InvariantCulture)).Kill();
            for (int i = 0; i < OutageHits; i++)
            {
                string path = $"/outage/{kill}/{i}";
                Assert.Equal(200, await StatusAsync(path, Browser, Visitor, ("Accept-Language", "en-GB")));
                sent.Add(path);
            }
        }
        var last = TimeProvider.System.GetUtcNow();

        await WeirUp.EventuallyAsync(() => SummaryAsync(), s => s is { } found && found.GetProperty("completeUntil").GetDateTimeOffset() > last, "a complete store");
        Assert.Equal(0, (await _weir.GetAsync("/v1/sites/www/summary")).GetProperty("lost").GetInt64());
        string[] stored = [.. (await _weir.AllHitsAsync("www")).Select(h => h.GetProperty("path").GetString()!).Where(p => p.StartsWith("/outage/", StringComparison.Ordinal))];
        Assert.Equal(sent.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
    }

    private string[] StoreProcesses() => [.. StoreProcess().Matches(_weir.Process.Output).Select(m => m.Groups[1].Value)];

    /// <summary>Null while the store is away.</summary>
    private async Task<JsonElement?> SummaryAsync()
    {
        using var answer = await _weir.Api.GetAsync("/v1/sites/www/summary");
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement : null;
    }

    private async Task RefuseMadeUpNamesAsync()
    {
        for (int i = 0; i < MadeUpNames; i++)
            Assert.NotNull(await _site.HandshakeAsync($"r{i}.evil.test"));

        Assert.Contains(await MetricLinesAsync(), l => l.StartsWith("weir_edge_tls_refused_total", StringComparison.Ordinal)
            && l.Contains("unknown-host", StringComparison.Ordinal) && l.EndsWith($" {MadeUpNames}", StringComparison.Ordinal));
        Assert.Equal(2, Directory.GetFiles(_folder["certificates"]).Length);
    }

    /// <summary>Asked to stop, it ends what is under way, says so meanwhile, and leaves in good order.</summary>
    private async Task DrainAsync()
    {
        using var response = await _site.GetAsync("/events", Browser, Person);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: one", await reader.ReadLineAsync());
        var end = _weir.Process.TerminateAsync();
        await WeirUp.EventuallyAsync(MetricLinesAsync, lines => lines.Any(l => l.StartsWith("weir_edge_draining", StringComparison.Ordinal) && l.EndsWith(" 1", StringComparison.Ordinal)), "draining");

        using var direct = new HttpClient();
        using var release = await direct.GetAsync(new Uri($"{_origin.Url}/events?release=1"));
        Assert.Contains("data: two", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await end);
        Assert.Contains(", 0 lost since the start", _weir.Process.Output, StringComparison.Ordinal);
    }

    private async Task<string[]> MetricLinesAsync()
    {
        using var client = new HttpClient();
        return (await client.GetStringAsync(new Uri(_metrics))).Split('\n');
    }

    [GeneratedRegex(@"^www +crawler +GPTBot +spoofed +1 ", RegexOptions.Multiline)]
    private static partial Regex ForgerRow();

    [GeneratedRegex(@"answers on \S+ \(process ([0-9]+)")]
    private static partial Regex StoreProcess();
}
