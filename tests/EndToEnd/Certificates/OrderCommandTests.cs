using System.Security.Authentication;
using System.Text.Json.Nodes;
using Weir.EndToEnd.Support;

namespace Weir.EndToEnd.Certificates;

/// <summary><c>weir certificates order</c> with certbot and a real authority: known hosts get certificates, names that clients make up get none.</summary>
public class OrderCommandTests
{
    private const string Host = "www.example.com";

    [Fact]
    public async Task Five_hundred_made_up_names_order_nothing_and_the_sites_own_host_gets_its_certificate_once()
    {
        await using var origin = await TestOrigin.StartAsync();
        string[] hosts = [Host, "away.example.com", "*.example.com"];
        await using var edge = await TlsEdge.StartAsync([Host, .. Enumerable.Range(0, 500).Select(Made)], folder => new JsonObject
        {
            ["certificates"] = new JsonObject { ["folder"] = folder["letsencrypt/live"], ["challengeFolder"] = folder["acme"] },
            ["sites"] = new JsonArray(new JsonObject { ["id"] = "shop", ["hosts"] = new JsonArray([.. hosts.Select(h => JsonValue.Create(h))]), ["origins"] = origin.Url }),
        });

        for (int i = 0; i < 500; i++)
        {
            var refused = await Record.ExceptionAsync(() => edge.HandshakeAsync(Made(i)));
            Assert.True(refused is AuthenticationException or IOException, $"{refused}");
        }

        Assert.Contains("""weir_edge_tls_refused_total{otel_scope_name="Weir.Edge",reason="unknown-host"} 500""", await MetricsAsync(edge), StringComparison.Ordinal);
        var (code, output) = await OrderAsync(edge, "--dry-run");
        Assert.Equal(0, code);
        Assert.Contains($"order    {Host}: no certificate; points here (127.0.0.1)", output, StringComparison.Ordinal);
        Assert.Contains("skip     away.example.com: no certificate; DNS knows no address of it", output, StringComparison.Ordinal);
        Assert.Contains("skip     *.example.com: a wildcard needs a DNS challenge", output, StringComparison.Ordinal);
        Assert.Contains("1 to order, 0 failed, 0 kept, 0 waiting, 2 skipped", output, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Added order", edge.Authority.Output, StringComparison.Ordinal);

        (code, output) = await OrderAsync(edge);
        Assert.True(code == 0, $"{output}\n{edge.Authority.Output}");
        Assert.Contains("1 ordered, 0 failed", output, StringComparison.Ordinal);
        Assert.Contains("Added order", edge.Authority.Output, StringComparison.Ordinal);
        string root = await edge.Authority.WriteRootAsync();
        await WeirUp.EventuallyAsync(() => edge.CurlAsync(Host, root), a => a.Code == 0, "the new certificate");
        Assert.DoesNotContain("evil", edge.Authority.Output, StringComparison.Ordinal);

        (_, output) = await OrderAsync(edge);
        Assert.Contains("0 ordered, 0 failed, 1 kept", output, StringComparison.Ordinal);
    }

    private static string Made(int number) => $"r{number}.evil.example";

    private static Task<(int Code, string Output)> OrderAsync(TlsEdge edge, params string[] more) => TlsEdge.RunAsync("env",
        [$"REQUESTS_CA_BUNDLE={edge.Authority.OwnCertificate}", TestKit.RepositoryRoot.Of("weir"), "certificates", "order", "--config", edge.Settings,
            "--expect-address", "127.0.0.1", "--server", edge.Authority.Directory, "--email", "owner@example.com", .. more]);

    private static async Task<string> MetricsAsync(TlsEdge edge)
    {
        string line = await edge.Weir.WaitForLineAsync("Dashboard ");
        var api = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Split('#')[0]);
        using var client = new HttpClient { BaseAddress = api };
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(edge.Folder["data/admin.key"])).Trim());
        return await client.GetStringAsync(new Uri("metrics", UriKind.Relative));
    }
}
