using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Weir.Control;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>Edges of several machines that share their sites and keys through PostgreSQL.</summary>
public sealed class SharedControlTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresServer _postgres = null!;
    private TestOrigin _origin = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        _database = await _postgres.CreateDatabaseAsync();
        _origin = await TestOrigin.StartAsync();
        await File.WriteAllTextAsync(_folder["password"], PostgresServer.Password + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _origin.DisposeAsync();
        await _postgres.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_site_put_on_one_machine_is_served_by_all_and_stays_while_the_store_is_away()
    {
        await using var one = await EdgeAsync("one");
        await using var two = await EdgeAsync("two");
        Assert.Contains("no site yet", one.Process.Output);
        await PutAsync("one", "shop");
        await ServesAsync(one, "shop", HttpStatusCode.OK);
        await ServesAsync(two, "shop", HttpStatusCode.OK);
        await PutAsync("two", "blog");
        await ServesAsync(one, "blog", HttpStatusCode.OK);
        await ServesAsync(two, "blog", HttpStatusCode.OK);
        Assert.Equal(0, (await WeirProcess.RunAsync("sites", "remove", "blog", "--config", Settings("one"))).ExitCode);
        await ServesAsync(two, "blog", HttpStatusCode.MisdirectedRequest);

        await using (var third = await EdgeAsync("three"))
        {
            await ServesAsync(third, "shop", HttpStatusCode.OK);
            Assert.Equal(0, await third.Process.TerminateAsync());
        }
        await _postgres.StopAsync();
        await one.Process.WaitForLineAsync("control store");
        await ServesAsync(one, "shop", HttpStatusCode.OK);
        await ServesAsync(two, "shop", HttpStatusCode.OK);
        var (code, said) = await WeirProcess.RunAsync("sites", "list", "--config", Settings("one"));
        Assert.Equal(1, code);
        Assert.Contains($"the control store postgres://weir@127.0.0.1:{_postgres.Port}/{_database} does not answer", said);

        await using var again = await EdgeAsync("three");
        await ServesAsync(again, "shop", HttpStatusCode.OK);
        Assert.Contains("1 site of the control store", again.Process.Output);
        var (codeOfNew, saidByNew) = await WeirProcess.RunAsync("edge", "--config", await WriteAsync("four"));
        Assert.Equal(1, codeOfNew);
        Assert.Contains("no earlier run kept sites of it", saidByNew);

        await _postgres.StartAgainAsync();
        await PutAsync("two", "late");
        await ServesAsync(again, "late", HttpStatusCode.OK);
        await ServesAsync(one, "late", HttpStatusCode.OK);
        Assert.DoesNotContain(PostgresServer.Password[^4..], one.Process.Output + again.Process.Output + said + saidByNew, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_writes_what_edges_of_other_machines_serve_and_says_503_while_the_store_is_away()
    {
        await using var up = await WeirUp.StartAsync(_folder["up"], "--config", await WriteAsync("up"));
        await using var edge = await EdgeAsync("edge");
        using var put = await up.Api.PutAsJsonAsync("/v1/sites/shop/definition", Site("shop"));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        await ServesAsync(edge, "shop", HttpStatusCode.OK);
        using var target = await up.Api.PostAsJsonAsync("/v1/targets", new { brand = "Acme", query = "best widgets", engine = "chatgpt", site = "shop", pages = new[] { new { pattern = "/pricing" } } });
        Assert.True(target.IsSuccessStatusCode, await target.Content.ReadAsStringAsync());
        Assert.Equal("1", await _postgres.QueryAsync(_database, "SELECT count(*) FROM targets"));
        Assert.False(File.Exists(Path.Combine(_folder["up"], ControlDatabase.FileName)));
        var (code, key) = await WeirProcess.RunAsync("keys", "create", "--scope", "sites:read", "--config", Settings("edge"));
        Assert.Equal(0, code);
        up.Api.DefaultRequestHeaders.Authorization = new("Bearer", key.Split('\n').Single(l => l.StartsWith("weir_", StringComparison.Ordinal)));
        Assert.Equal("shop", (await up.GetAsync("/v1/definitions")).GetProperty("items")[0].GetProperty("site").GetString());

        await _postgres.StopAsync();
        var problem = await WeirUp.EventuallyAsync(() => up.Api.GetAsync("/v1/definitions"), r => r.StatusCode == HttpStatusCode.ServiceUnavailable, "503");
        Assert.Contains("urn:weir:problem:control-unavailable", await problem.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await up.Api.GetAsync("/health/ready")).StatusCode);
        using var served = await up.SendAsync(HttpMethod.Get, "/", "shop.example");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        await _postgres.StartAgainAsync();
        await WeirUp.EventuallyAsync(() => up.Api.GetAsync("/v1/definitions"), r => r.StatusCode == HttpStatusCode.OK, "the list of sites");
    }

    private sealed record Edge(WeirProcess Process, HttpClient Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await Process.DisposeAsync();
        }
    }

    private async Task<Edge> EdgeAsync(string name)
    {
        var process = WeirProcess.Start("edge", "--config", await WriteAsync(name), "--listen", "127.0.0.1:0");
        string line = await process.WaitForLineAsync("Edge ");
        await process.WaitForLineAsync("Ctrl-C");
        return new Edge(process, new HttpClient { BaseAddress = new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).First(w => w.StartsWith("http", StringComparison.Ordinal))) });
    }

    private string Settings(string name) => _folder[$"{name}.json"];

    /// <summary>The settings of one machine. No ClickHouse listens where they say: hits are of no interest here.</summary>
    private async Task<string> WriteAsync(string name)
    {
        var settings = new JsonObject
        {
            ["data"] = _folder[name],
            ["control"] = new JsonObject { ["url"] = $"postgres://weir@127.0.0.1:{_postgres.Port}/{_database}", ["passwordFile"] = _folder["password"] },
            ["identity"] = new JsonObject { ["reverseDns"] = false },
            ["ranges"] = new JsonObject { ["refreshHours"] = 0 },
            ["ingest"] = new JsonObject { ["drainSeconds"] = 1 },
        };
        if (name != "up")
            settings["clickhouse"] = new JsonObject { ["url"] = $"http://127.0.0.1:{LoopbackPorts.Free(1)[0]}" };
        await File.WriteAllTextAsync(Settings(name), settings.ToJsonString());
        return Settings(name);
    }

    private JsonObject Site(string name) => new() { ["hosts"] = $"{name}.example", ["origins"] = _origin.Url };

    private async Task PutAsync(string machine, string name)
    {
        await File.WriteAllTextAsync(_folder[$"site-{name}.json"], Site(name).ToJsonString());
        var (code, said) = await WeirProcess.RunAsync("sites", "put", name, _folder[$"site-{name}.json"], "--config", Settings(machine));
        Assert.True(code == 0, said);
    }

    private static Task<HttpStatusCode> ServesAsync(Edge edge, string name, HttpStatusCode status) => WeirUp.EventuallyAsync(
        async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = $"{name}.example" } };
            using var response = await edge.Client.SendAsync(request);
            return response.StatusCode;
        }, s => s == status, $"{status} for {name}");
}
