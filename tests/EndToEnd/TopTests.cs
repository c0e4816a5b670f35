using System.Net;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>What a site owner sees of the traffic at the terminal.</summary>
public class TopTests
{
    [Fact]
    public async Task A_spoofed_crawler_shows_in_weir_top_with_the_time_that_the_edge_added()
    {
        using var folder = new TemporaryFolder();
        await using var origin = await TestOrigin.StartAsync();
        await using var weir = await WeirUp.StartAsync(folder["data"], "--origin", origin.Url, "--site", "www.example.com");
        string[] api = ["--url", weir.Api.BaseAddress!.ToString(), "--key-file", Path.Combine(folder["data"], "admin.key")];
        await using var top = WeirProcess.Start(["top", .. api]);
        await top.WaitForLineAsync("0 hits in 60 s");

        using var answer = await weir.SendAsync(HttpMethod.Get, "/", "www.example.com",
            new() { ["User-Agent"] = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        string row = await top.WaitForLineAsync("spoofed");
        Assert.Matches(@"^www\.example\.com +crawler +GPTBot +spoofed +1 +0 +[0-9]+\.[0-9]{2} ms +[0-9]+\.[0-9]{2} ms ", row);
        Assert.Equal(0, await top.TerminateAsync());

        var (code, once) = await WeirProcess.RunAsync(["top", "--once", .. api]);
        Assert.Equal(0, code);
        Assert.Contains("1 hits in 60 s", once, StringComparison.Ordinal);
        Assert.Contains("spoofed", once, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_API_or_a_key_it_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var (code, output) = await WeirProcess.RunAsync("top", "--once", "--data", folder["none"]);
        Assert.Equal((1, true), (code, output.Contains("--key-file", StringComparison.Ordinal)));

        await File.WriteAllTextAsync(folder["key"], "weir_notakey");
        (code, output) = await WeirProcess.RunAsync("top", "--once", "--url", "http://127.0.0.1:9", "--key-file", folder["key"]);
        Assert.Equal((1, true), (code, output.Contains("Start weir up", StringComparison.Ordinal)));
    }
}
