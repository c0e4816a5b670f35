using System.Net;
using System.Net.Sockets;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>Each way to start wrongly ends in one line that says what happened and what to do, and a code that is not 0.</summary>
public class BadStartTests
{
    [Fact]
    public async Task A_wrong_flag_is_named()
    {
        var (code, output) = await WeirProcess.RunAsync("up", "--orign", "http://127.0.0.1:3000");

        Assert.Equal(2, code);
        Assert.Contains("--orign", output, StringComparison.Ordinal);
        Assert.Contains("--help", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_the_flag_that_changes_it()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, output) = await WeirProcess.RunAsync("up", "--data", folder["data"], "--listen", $"127.0.0.1:{port}", "--api", "127.0.0.1:0");

        Assert.Equal(1, code);
        var error = OneLine(output);
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
        Assert.Contains("--listen", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreadable_config_is_named_with_line_and_mend()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["weir.json"], """
            {
              "trustedProxies": ["10.0.0.0/33"],
              "sites": [{ "id": "demo", "hosts": ["demo.test"], "orgins": ["http://127.0.0.1:3000"] }]
            }
            """);

        var (code, output) = await WeirProcess.RunAsync("up", "--config", folder["weir.json"], "--data", folder["data"]);

        Assert.Equal(1, code);
        Assert.Contains("weir.json:2:", output, StringComparison.Ordinal);
        Assert.Contains("10.0.0.0/33", output, StringComparison.Ordinal);
        Assert.Contains("weir.json:3:", output, StringComparison.Ordinal);
        Assert.Contains("'origins'", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_another_weir_holds_is_named()
    {
        using var folder = new TemporaryFolder();
        await using var first = await WeirUp.StartAsync(folder["data"]);

        var (code, output) = await WeirProcess.RunAsync("up", "--data", folder["data"], "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0");

        Assert.Equal(1, code);
        var error = OneLine(output);
        Assert.Contains(folder["data"], error, StringComparison.Ordinal);
        Assert.Contains("--data", error, StringComparison.Ordinal);
        await first.GetAsync("/v1/sites"); // the holder serves on
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "");

        var (code, output) = await WeirProcess.RunAsync("up", "--data", folder["file/data"], "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0");

        Assert.Equal(1, code);
        Assert.Contains(folder["file/data"], OneLine(output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_in_an_unknown_format_is_shown_with_the_formats_that_are_known()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["odd.log"], "once upon a time\nthere was no format\n");

        var (code, output) = await WeirProcess.RunAsync("import", folder["odd.log"], "--site", "demo", "--data", folder["data"]);

        Assert.Equal(1, code);
        var error = OneLine(output);
        Assert.Contains("odd.log", error, StringComparison.Ordinal);
        Assert.Contains("combined", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_origin_that_is_down_gives_502_with_a_request_id_and_the_hit_is_stored()
    {
        using var folder = new TemporaryFolder();
        await using var weir = await WeirUp.StartAsync(folder["data"], "--origin", $"http://127.0.0.1:{FreePort()}", "--site", "down");

        using var response = await weir.SendAsync(HttpMethod.Get, "/page", "127.0.0.1");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        string requestId = Assert.Single(response.Headers.GetValues("X-Weir-Request-Id"));
        Assert.Contains(requestId, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var hits = await WeirUp.EventuallyAsync(() => weir.AllHitsAsync("down"), found => found.Count > 0, "the hit");
        Assert.Equal(requestId, Assert.Single(hits).GetProperty("requestId").GetString());
        Assert.Equal(502, hits[0].GetProperty("status").GetInt32());
    }

    /// <summary>The one line that begins with "weir:" and is no note of the build.</summary>
    private static string OneLine(string output) => Assert.Single(output.Split('\n'),
        l => l.StartsWith("weir: ", StringComparison.Ordinal) && !l.StartsWith("weir: building", StringComparison.Ordinal));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
