using System.IO.Compression;
using System.Text.Json;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>A site owner with an access log and ten minutes: import, import again, classify, look at it.</summary>
public class AccessLogTests
{
    private static readonly string Log = RepositoryRoot.Of("tests", "data", "logs", "elastic-apache.log.gz");

    [Fact]
    public async Task An_access_log_is_stored_once_and_shows_up_on_the_dashboard()
    {
        using var folder = new TemporaryFolder();

        var first = await ImportAsync(folder, Log);
        Assert.Equal(10_000, first.GetProperty("lines").GetInt64());
        Assert.Equal(9_999, first.GetProperty("stored").GetInt64());
        Assert.Equal(1, first.GetProperty("rejected").GetInt64());
        var googlebot = first.GetProperty("crawlers").GetProperty("googlebot");
        Assert.Equal(529, googlebot.GetProperty("hits").GetInt64());
        Assert.Equal(526, googlebot.GetProperty("verified").GetInt64());
        Assert.All(first.GetProperty("crawlers").EnumerateObject(), c => Assert.Equal(0, c.Value.GetProperty("spoofed").GetInt64()));

        string plain = folder["access.log"];
        await using (var packed = new GZipStream(File.OpenRead(Log), CompressionMode.Decompress))
        await using (var file = File.Create(plain))
            await packed.CopyToAsync(file);
        Assert.Equal(0, (await ImportAsync(folder, plain)).GetProperty("stored").GetInt64());

        await using var weir = await WeirUp.StartAsync(folder["data"]);
        var summary = await weir.GetAsync("/v1/sites/demo/summary?from=2015-05-01&to=2015-06-01");
        Assert.Equal(9_999, summary.GetProperty("hits").GetInt64());
        Assert.Equal(0, (await ImportAsync(folder, plain)).GetProperty("stored").GetInt64()); // while it runs, too
        var sites = await weir.GetAsync("/v1/sites");
        Assert.Contains("demo", sites.GetRawText(), StringComparison.Ordinal);
        await weir.PostAsync("/v1/targets", new // an imported site may be linked before the edge has seen it
        {
            brand = "Acme",
            query = "what is grok",
            engines = new[] { "chatgpt" },
            pages = new[] { new { site = "demo", pattern = "/files/*" } },
        });
    }

    [Fact]
    public async Task One_request_is_classified_with_its_reasons_and_the_list_that_judged_it()
    {
        var (code, spoofed) = await WeirProcess.RunAsync("classify", "--ua", "GPTBot/1.2", "--ip", "203.0.113.9", "--json");
        Assert.Equal(0, code);
        var verdict = JsonDocument.Parse(Json(spoofed)).RootElement;
        Assert.Equal("gptbot", verdict.GetProperty("crawler").GetString());
        Assert.Equal("spoofed", verdict.GetProperty("identity").GetString());
        Assert.True(verdict.GetProperty("automated").GetBoolean());

        var (_, words) = await WeirProcess.RunAsync("classify", "--ua", "GPTBot/1.2", "--ip", "20.171.206.7");
        Assert.Contains("verified", words, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("gptbot.json", words, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ImportAsync(TemporaryFolder folder, string file)
    {
        var (code, output) = await WeirProcess.RunAsync("import", file, "--site", "demo", "--data", folder["data"], "--json");
        Assert.True(code == 0, output);
        return JsonDocument.Parse(Json(output)).RootElement;
    }

    // What ./weir says of its build goes before it.
    private static string Json(string output) => output[output.IndexOf('{')..];
}
