using System.Threading.Channels;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>From a spoofed crawler's requests to a receiver's door, over restarts.</summary>
public class AlertTests
{
    private const string GptBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";

    [Fact]
    public async Task Each_alert_is_told_once_though_the_program_starts_again()
    {
        var received = Channel.CreateUnbounded<(string Id, JsonNode Body)>();
        await using var receiver = await ReceiveAsync(received.Writer);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["weir.json"], """{ "delivery": { "privateTargets": true, "http": true } }""");
        string[] flags = ["--config", folder["weir.json"]];

        await using (var weir = await WeirUp.StartAsync(folder["data"], flags))
        {
            for (int i = 0; i < 12; i++)
                (await weir.SendAsync(HttpMethod.Get, "/", "sample.test", new() { ["User-Agent"] = GptBot })).Dispose();
            await WeirUp.EventuallyAsync(() => weir.AllHitsAsync("sample"), hits => hits.Count == 12, "12 hits");
            await AddAsync(weir, "First", receiver.Urls.First());
            Assert.Equal(0, await weir.Process.TerminateAsync());
        }
        await using (var weir = await WeirUp.StartAsync(folder["data"], flags))
        {
            var (_, body) = await received.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(("alert.firing", "First", "gptbot"), (Text(body["type"]), Text(body["data"]!["alert"]!["name"]), Text(body["data"]!["subject"])));
            await AddAsync(weir, "Second", receiver.Urls.First());
            Assert.Equal(0, await weir.Process.TerminateAsync());
        }
        await using (await WeirUp.StartAsync(folder["data"], flags))
        {
            var (_, body) = await received.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal("Second", Text(body["data"]!["alert"]!["name"]));
        }
        Assert.False(received.Reader.TryRead(out var more), $"{more}");
    }

    private static Task AddAsync(WeirUp weir, string name, string url) => weir.PostAsync("/v1/sites/sample/alerts", new
    {
        name,
        rule = new { kind = "spoofing", rate = 0.1, minHits = 10 },
        channels = new[] { new { kind = "webhook", url = $"{url}/hook" } },
    });

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static async Task<WebApplication> ReceiveAsync(ChannelWriter<(string, JsonNode)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            var body = await JsonNode.ParseAsync(http.Request.Body);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            await http.Response.CompleteAsync();
            received.TryWrite((http.Request.Headers["webhook-id"].ToString(), body!));
        });
        await app.StartAsync();
        return app;
    }
}
