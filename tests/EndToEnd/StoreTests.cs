using System.Text.Json;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>Deleting, giving out and backing up what an installation keeps, as its operator types it while it serves.</summary>
public class StoreTests
{
    [Fact]
    public async Task A_running_installation_is_backed_up_and_its_backup_starts_with_all_that_was_acknowledged()
    {
        using var folder = new TemporaryFolder();
        string key;
        int acknowledged;
        await using (var weir = await WeirUp.StartAsync(folder["data"]))
        {
            key = weir.AdminKey;
            await VisitAsync(weir, 120);
            acknowledged = (await WeirUp.EventuallyAsync(() => weir.AllHitsAsync("sample"), h => h.Count == 120, "120 hits")).Count;
            using var enough = new CancellationTokenSource();
            var coming = Task.Run(async () =>
            {
                while (!enough.IsCancellationRequested)
                    await VisitAsync(weir, 20);
            });
            var (code, output) = await WeirProcess.RunAsync("store", "backup", folder["backup"], "--data", folder["data"]);
            await enough.CancelAsync();
            await coming;
            Assert.True(code == 0, output);
            Assert.Contains("keep it as closely as the data folder", output, StringComparison.Ordinal);
        }
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["backup/files/admin.key"]));

        var (restored, said) = await WeirProcess.RunAsync("store", "restore", folder["backup"], "--data", folder["again"]);
        Assert.True(restored == 0, said);
        await using var again = await WeirUp.StartAsync(folder["again"]);
        Assert.Equal(key, again.AdminKey);
        Assert.True((await again.AllHitsAsync("sample")).Count >= acknowledged);
        await VisitAsync(again, 1);
        var (refused, why) = await WeirProcess.RunAsync("store", "restore", folder["backup"], "--data", folder["again"]);
        Assert.Equal(1, refused);
        Assert.Contains("is there already and not empty", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visitor_is_given_what_is_held_and_deleted_while_the_site_is_served()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["weir.json"], """{ "listen": "127.0.0.1:0", "trustedProxies": "127.0.0.1" }""");
        await using var weir = await WeirUp.FrontAsync(folder["data"], folder["weir.json"]);
        await VisitAsync(weir, 30, "203.0.113.9");
        await VisitAsync(weir, 20, "203.0.113.10");
        await WeirUp.EventuallyAsync(() => weir.AllHitsAsync("sample"), h => h.Count == 50, "50 hits");

        var (exported, _) = await WeirProcess.RunAsync("store", "export", "--address", "203.0.113.9", "--data", folder["data"], "--format", "csv", "--out", folder["held"]);
        Assert.Equal(0, exported);
        Assert.Equal(31, (await File.ReadAllLinesAsync(folder["held/hits.csv"])).Length);

        var (code, output) = await WeirProcess.RunAsync("store", "delete", "--address", "203.0.113.9", "--data", folder["data"], "--json");
        Assert.True(code == 0, output);
        var report = JsonDocument.Parse(output[output.IndexOf('{')..]).RootElement;
        Assert.True(report.GetProperty("complete").GetBoolean());
        Assert.Contains(report.GetProperty("tables").EnumerateArray(), t => t.GetProperty("table").GetString() == "hits" && t.GetProperty("deleted").GetInt64() == 30);
        Assert.Equal(20, (await weir.AllHitsAsync("sample")).Count);
        var summary = await weir.GetAsync("/v1/sites/sample/summary");
        Assert.Contains("20", summary.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task VisitAsync(WeirUp weir, int times, string? from = null)
    {
        for (int i = 0; i < times; i++)
        {
            using var response = await weir.SendAsync(HttpMethod.Get, $"/page-{i}", "www.example.com", from is null ? null : new() { ["X-Forwarded-For"] = from });
        }
    }
}
