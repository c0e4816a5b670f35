using System.Net;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>What whoever runs Weir sees of it in their own monitoring.</summary>
public class MetricsTests
{
    [Fact]
    public async Task Prometheus_reads_what_the_edge_counts_on_a_port_of_its_own_without_a_key()
    {
        using var data = new TemporaryFolder();
        string config = data["weir.json"];
        await File.WriteAllTextAsync(config, """{ "metrics": "127.0.0.1:0", "sites": [{ "id": "a", "hosts": "a.example", "origins": "http://127.0.0.1:9" }] }""");
        await using var weir = await WeirUp.StartAsync(data["data"], "--config", config);
        string url = (await weir.Process.WaitForLineAsync("Metrics ")).Split(' ')[^1];
        using var client = new HttpClient();

        using var unknown = await weir.SendAsync(HttpMethod.Get, "/", "nobody.example");
        using var dead = await weir.SendAsync(HttpMethod.Get, "/", "a.example");
        string metrics = await WeirUp.EventuallyAsync(() => client.GetStringAsync(url),
            text => text.Contains("weir_edge_errors", StringComparison.Ordinal), "the failed request");

        Assert.Equal((HttpStatusCode.MisdirectedRequest, HttpStatusCode.BadGateway), (unknown.StatusCode, dead.StatusCode));
        Assert.Contains(metrics.Split('\n'), l => l.StartsWith("weir_edge_unknown_host", StringComparison.Ordinal) && System.Text.RegularExpressions.Regex.IsMatch(l, "} 1( |$)"));
        Assert.Contains(metrics.Split('\n'), l => l.StartsWith("weir_edge_errors", StringComparison.Ordinal) && l.Contains("error=\"origin-refused\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(new Uri(url), "/"))).StatusCode);
    }
}
