using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>A product's scheduler lives on triggers: a key, a webhook that a library not ours verifies, and workers that die.</summary>
public sealed class SchedulerJourneyTests
{
    private const string SearchBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)";

    [Fact]
    public async Task A_crawl_is_told_and_scanned_once_though_the_receiver_fails_and_the_worker_is_killed()
    {
        using var folder = new TemporaryFolder();
        await using var origin = await TestOrigin.StartAsync();
        await using var engine = await StandInEngine.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await File.WriteAllTextAsync(folder["weir.json"], $$"""
            {
              "trustedProxies": ["127.0.0.0/8"], "delivery": { "privateTargets": true, "http": true },
              "sites": [{ "id": "demo", "hosts": ["demo.test"], "origins": ["{{origin.Url}}"] }],
              "worker": { "leaseSeconds": 5 }
            }
            """);
        await using var weir = await WeirUp.StartAsync(folder["data"], "--config", folder["weir.json"]);

        string worker = await NewKeyAsync(weir, "triggers:read,scans:write", "default");
        await SeeKeyAsync(weir, await NewKeyAsync(weir, "triggers:read,scans:write", "acme"));
        await File.WriteAllTextAsync(folder["worker.key"], worker);
        var hook = await weir.PostAsync("/v1/webhooks", new { url = $"{receiver.Url}/hook", events = new[] { "trigger.created", "scan.completed" } });
        string secret = hook.GetProperty("secret").GetString()!, id = hook.GetProperty("id").GetString()!;

        await weir.PostAsync("/v1/targets", new { brand = "Acme", query = "what is best", engines = new[] { "chatgpt" }, pages = new[] { new { site = "demo", pattern = "/pricing" } } });
        receiver.RefusalsLeft = 1;
        (await weir.SendAsync(HttpMethod.Get, "/pricing", "demo.test", new() { ["User-Agent"] = SearchBot, ["X-Forwarded-For"] = "4.227.36.7" })).Dispose();

        // 500 first, then again under the same id; a library that is not ours verifies what came.
        var refused = await receiver.NextAsync();
        var told = await receiver.NextAsync();
        Assert.Equal(refused.Id, told.Id);
        await VerifyAsync(secret, told);
        Assert.Equal("trigger.created", told.Json.GetProperty("type").GetString());
        Assert.Equal("/pricing", told.Json.GetProperty("data").GetProperty("triggers")[0].GetProperty("path").GetString());
        var rest = await weir.GetAsync($"/v1/triggers?after={told.Json.GetProperty("data").GetProperty("cursor").GetString()}");
        Assert.Equal(0, rest.GetProperty("items").GetArrayLength());
        await weir.PostAsync($"/v1/webhooks/{id}/replay", new { delivery = told.Id });
        Assert.Equal(told.Id, (await receiver.NextAsync()).Id);

        // The first worker is killed while the engine thinks; the second gets the scan once the lease is over.
        engine.Answer = (http, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        string[] command = ["worker", "--api", $"{weir.Api.BaseAddress}", "--key-file", folder["worker.key"], "--engine", $"chatgpt={engine.Url}", "--config", folder["weir.json"], "--data", folder["none"]];
        await using (var first = WeirProcess.Start(command))
        {
            await first.WaitForLineAsync("Ctrl-C");
            await WeirUp.EventuallyAsync(async () => (engine.Asked.Count, $"{await weir.GetAsync("/v1/scans")}\n{first.Output}"), asked => asked.Count == 1, "a question");
            await first.KillAsync();
        }
        var held = (await weir.GetAsync("/v1/scans")).GetProperty("items")[0];
        engine.Answer = (http, _) => StandInEngine.SayAsync(http, "See https://demo.test/pricing for prices.", model: "any");
        await using var second = WeirProcess.Start(command);
        var completed = await receiver.NextAsync();
        await VerifyAsync(secret, completed);
        var scan = Assert.Single(completed.Json.GetProperty("data").GetProperty("scans").EnumerateArray());
        Assert.Equal("cited", scan.GetProperty("result").GetString());

        // What the dead worker might still have sent is refused, and says whose the scan is.
        using var late = await weir.Api.PostAsJsonAsync("/v1/scans/complete", new { id = held.GetProperty("id").GetInt64(), fencingToken = 1, result = "gap" });
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("was completed by", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var results = (await weir.GetAsync($"/v1/targets/{scan.GetProperty("target").GetInt64()}/results")).GetProperty("items");
        var result = Assert.Single(results.EnumerateArray());
        Assert.Equal("https://demo.test/pricing", result.GetProperty("evidence").GetProperty("urls")[0].GetString());
        Assert.Equal(0, await second.TerminateAsync());
        Assert.DoesNotContain(worker, second.Output, StringComparison.Ordinal);
    }

    private static async Task<string> NewKeyAsync(WeirUp weir, string scopes, string tenant)
    {
        var (code, output) = await WeirProcess.RunAsync("keys", "create", "--scope", scopes, "--tenant", tenant, "--data", weir.Data);
        Assert.True(code == 0, output);
        return output.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries).First(w => w.StartsWith("weir_", StringComparison.Ordinal));
    }

    private static async Task SeeKeyAsync(WeirUp weir, string key)
    {
        using var client = new HttpClient { BaseAddress = weir.Api.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/triggers")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/v1/targets")).StatusCode);
    }

    private static async Task VerifyAsync(string secret, Received received)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "webhooks");
        var (code, output) = await NodePackages.RunAsync("node", ["verify.mjs", await NodePackages.InstallAsync(folder)], folder,
            JsonSerializer.Serialize(new { secret, headers = received.Headers, body = received.Body }));
        Assert.True(code == 0, output);
        Assert.StartsWith("ok", output, StringComparison.Ordinal);
        Assert.DoesNotContain("accepted", output, StringComparison.Ordinal);
    }

    private sealed record Received(Dictionary<string, string> Headers, string Body)
    {
        public string Id => Headers["webhook-id"];

        public JsonElement Json => JsonDocument.Parse(Body).RootElement;
    }

    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();

        private Receiver(WebApplication app) => _app = app;

        public string Url => _app.Urls.First();

        public int RefusalsLeft { get; set; }

        public static async Task<Receiver> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var receiver = new Receiver(app);
            app.Run(async http =>
            {
                using var reader = new StreamReader(http.Request.Body);
                string body = await reader.ReadToEndAsync();
                http.Response.StatusCode = receiver.RefusalsLeft-- > 0 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent;
                await http.Response.CompleteAsync();
                receiver._received.Writer.TryWrite(new Received(http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body));
            });
            await app.StartAsync();
            return receiver;
        }

        public async Task<Received> NextAsync() => await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2));

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
