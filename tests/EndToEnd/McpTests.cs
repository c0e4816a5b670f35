using System.Net;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>An assistant asks Weir, through the protocol's own client.</summary>
public class McpTests
{
    [Fact]
    public async Task An_assistant_finds_what_crawled_a_site_and_can_change_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var origin = await TestOrigin.StartAsync();
        await using var weir = await WeirUp.StartAsync(folder["data"], "--origin", origin.Url, "--site", "www.example.com");
        using (var answer = await weir.SendAsync(HttpMethod.Get, "/pricing", "www.example.com",
            new() { ["User-Agent"] = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)" }))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await WeirUp.EventuallyAsync(() => weir.AllHitsAsync("www.example.com"), hits => hits.Count == 1, "the hit");

        await using var assistant = await McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = RepositoryRoot.Of("weir"),
            Arguments = ["mcp", "--url", weir.Api.BaseAddress!.ToString(), "--key-file", Path.Combine(folder["data"], "admin.key")],
        }));
        var tools = await assistant.ListToolsAsync();
        Assert.Contains(tools, t => t.Name == "ListCrawlers");
        Assert.All(tools, t => Assert.True(t.ProtocolTool.Annotations?.ReadOnlyHint));
        // What works scans off, changes definitions or never ends is no tool.
        Assert.DoesNotContain(tools, t => t.Name is "LeaseScans" or "PutDefinition" or "SignIn" or "StreamHits");

        var sites = await AskAsync(assistant, "ListSites");
        Assert.Contains("www.example.com", sites.Text, StringComparison.Ordinal);
        var crawlers = await AskAsync(assistant, "ListCrawlers", ("site", "www.example.com"));
        Assert.False(crawlers.IsError, crawlers.Text);
        Assert.Equal("GPTBot", JsonDocument.Parse(crawlers.Text).RootElement.GetProperty("items")[0].GetProperty("name").GetString());

        var (wrong, isError) = await AskAsync(assistant, "ListCrawlers", ("site", "www.example.com"), ("limit", "no number"));
        Assert.True(isError);
        Assert.Contains("limit", wrong, StringComparison.Ordinal);
        Assert.True((await AskAsync(assistant, "ListCrawlers", ("site", ".."))).IsError);
        Assert.True((await AskAsync(assistant, "ListCrawlers", ("site", "another.example"))).IsError);
        Assert.True((await AskAsync(assistant, "ListCrawlers")).IsError);
        Assert.Contains("Known ones", (await AskAsync(assistant, "ListSites", ("colour", "red"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_API_it_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["key"], "weir_notakey");
        var (code, output) = await WeirProcess.RunAsync("mcp", "--url", "http://127.0.0.1:9", "--key-file", folder["key"]);
        Assert.Equal((1, true), (code, output.Contains("Start weir up", StringComparison.Ordinal)));
    }

    private static async Task<(string Text, bool IsError)> AskAsync(McpClient assistant, string tool, params (string Name, string Value)[] arguments)
    {
        var result = await assistant.CallToolAsync(tool, arguments.ToDictionary(a => a.Name, a => (object?)a.Value, StringComparer.Ordinal));
        return (Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text, result.IsError == true);
    }
}
