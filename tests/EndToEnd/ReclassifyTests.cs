using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>An analyst finds wrong verdicts: sees what would change, applies it, looks, and takes it back, while Weir runs.</summary>
public class ReclassifyTests
{
    [Fact]
    public async Task Wrong_verdicts_are_shown_in_a_dry_run_then_put_right_and_can_be_taken_back()
    {
        using var folder = new TemporaryFolder();
        string log = folder["access.log"];
        await File.WriteAllLinesAsync(log, Enumerable.Range(0, 50).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"20.171.206.7 - - [01/Nov/2026:10:{i:00}:00 +0000] \"GET /pricing HTTP/1.1\" 200 512 \"-\" \"{(i < 40 ? "GPTBot/1.2" : "curl/8.5.0")}\"")));
        var (code, output) = await WeirProcess.RunAsync("import", log, "--site", "demo", "--data", folder["data"]);
        Assert.True(code == 0, output);
        await using var weir = await WeirUp.StartAsync(folder["data"]);
        // As a program stored them that did not know GPTBot.
        await StoreAsync(weir, "ALTER TABLE weir.hits UPDATE kind = 'automation', crawler = '', operator = '', purpose = 'none', identity = 'not-claimed', identity_method = 'none', "
            + "range_list = '' WHERE crawler = 'gptbot' SETTINGS mutations_sync = 2");
        await StoreAsync(weir, "TRUNCATE TABLE weir.hits_hourly");
        await StoreAsync(weir, "INSERT INTO weir.hits_to_hourly SELECT * FROM weir.hits");
        Assert.Equal(0, await CrawlerHitsAsync(weir, ""));

        var dry = await ReclassifyAsync(folder, "--dry-run", "--site", "demo");
        Assert.Equal((50, 40, JsonValueKind.Null), (dry.GetProperty("hits").GetInt64(), dry.GetProperty("changed").GetInt64(), dry.GetProperty("run").ValueKind));
        var change = Assert.Single(dry.GetProperty("changes").EnumerateArray());
        Assert.Equal(("automation", "gptbot", "verified"),
            (change.GetProperty("was").GetProperty("kind").GetString(), change.GetProperty("is").GetProperty("crawler").GetString(), change.GetProperty("is").GetProperty("identity").GetString()));
        Assert.Equal(0, await CrawlerHitsAsync(weir, ""));

        var applied = await ReclassifyAsync(folder);
        Assert.Equal(40, applied.GetProperty("changed").GetInt64());
        // Reports may go by what they found some seconds ago.
        await WeirUp.EventuallyAsync(() => CrawlerHitsAsync(weir, ""), hits => hits == 40, "the run in the reports");
        Assert.Equal(0, await CrawlerHitsAsync(weir, "&verdict=original"));
        var named = await weir.GetAsync("/v1/sites/demo/hits?crawler=gptbot&limit=1");
        Assert.Contains("GPTBot", named.GetProperty("items")[0].GetProperty("why")[0].GetString(), StringComparison.Ordinal);

        await ReclassifyAsync(folder, "--drop", applied.GetProperty("run").GetRawText());
        await WeirUp.EventuallyAsync(() => CrawlerHitsAsync(weir, ""), hits => hits == 0, "the reports without the run");
        var runs = (await ReclassifyAsync(folder, "--runs")).GetProperty("runs");
        Assert.Equal("dropped", Assert.Single(runs.EnumerateArray()).GetProperty("state").GetString());
        var (missing, words) = await WeirProcess.RunAsync("reclassify", "--drop", "9", "--data", folder["data"]);
        Assert.Equal(1, missing);
        Assert.Contains("There is no run 9. weir reclassify --runs lists them.", words, StringComparison.Ordinal);
    }

    private static async Task<long> CrawlerHitsAsync(WeirUp weir, string more) =>
        (await weir.GetAsync($"/v1/sites/demo/summary?from=2026-11-01&to=2026-11-02{more}")).GetProperty("kinds").GetProperty("crawler").GetInt64();

    private static async Task<JsonElement> ReclassifyAsync(TemporaryFolder folder, params string[] more)
    {
        var (code, output) = await WeirProcess.RunAsync(["reclassify", "--data", folder["data"], "--json", .. more]);
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
    }

    private static async Task StoreAsync(WeirUp weir, string sql)
    {
        var server = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(weir.Data, "clickhouse.json"))).RootElement;
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"default:{server.GetProperty("token").GetString()}")));
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{server.GetProperty("port").GetInt32()}/"), new StringContent(sql));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
