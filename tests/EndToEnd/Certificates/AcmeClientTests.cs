using System.Text.Json.Nodes;
using Weir.EndToEnd.Support;

namespace Weir.EndToEnd.Certificates;

/// <summary>HTTPS as a site owner sets it up: an ACME client that is not ours, an authority that looks through the edge, no restart.</summary>
public class AcmeClientTests
{
    private const string Host = "www.example.com";

    [Fact]
    public async Task Certbot_orders_and_renews_through_the_edge_without_a_restart_or_a_failed_handshake()
    {
        await using var origin = await TestOrigin.StartAsync();
        await using var edge = await TlsEdge.StartAsync([Host], folder => new JsonObject
        {
            ["certificates"] = new JsonObject { ["folder"] = folder["letsencrypt/live"], ["challengeFolder"] = folder["acme"] },
            ["sites"] = new JsonArray(new JsonObject { ["id"] = "shop", ["hosts"] = Host, ["origins"] = origin.Url, ["redirectToHttps"] = true }),
        });
        string root = await edge.Authority.WriteRootAsync();

        await CertbotAsync(edge, "certonly", "--webroot", "-w", edge.Folder["acme"], "-d", Host, "--server", edge.Authority.Directory,
            "--agree-tos", "--register-unsafely-without-email");
        var answer = await WeirUp.EventuallyAsync(() => edge.CurlAsync(Host, root), a => a.Code == 0, "the new certificate");
        Assert.Equal("<html><title>/</title>page</html> status=200", answer.Output);

        string first = await edge.HandshakeAsync(Host);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 3).Select(_ => HandshakesAsync(edge, stop.Token)).ToList();
        await CertbotAsync(edge, "renew", "--force-renewal", "--no-random-sleep-on-renew");
        string second = await WeirUp.EventuallyAsync(() => edge.HandshakeAsync(Host), serial => serial != first, "the renewed certificate");
        await stop.CancelAsync();
        int[] handshakes = await Task.WhenAll(clients);

        Assert.NotEqual(first, second);
        Assert.All(handshakes, count => Assert.True(count > 0));
        Assert.Equal(0, (await edge.CurlAsync(Host, root)).Code);
    }

    [Fact]
    public async Task An_origins_own_ACME_client_is_reached_through_the_edge()
    {
        // lego's own little server is the origin; what it orders, the edge shows.
        int legoPort = LoopbackPorts.Free(1)[0];
        await using var edge = await TlsEdge.StartAsync([Host], folder => new JsonObject
        {
            ["certificates"] = new JsonObject { ["folder"] = folder["lego/certificates"], ["challengeFolder"] = folder["acme"] },
            ["sites"] = new JsonArray(new JsonObject
            {
                ["id"] = "shop",
                ["hosts"] = Host,
                ["origins"] = $"http://127.0.0.1:{legoPort}",
                ["redirectToHttps"] = true,
                ["acmeToOrigin"] = true,
            }),
        });

        var (code, output) = await TlsEdge.RunAsync("env", $"LEGO_CA_CERTIFICATES={edge.Authority.OwnCertificate}", "lego", "--path", edge.Folder["lego"],
            "--server", edge.Authority.Directory, "--accept-tos", "--email", "owner@example.com", "--domains", Host,
            "--http", "--http.port", $"127.0.0.1:{legoPort}", "run");
        Assert.True(code == 0, $"{output}\n{edge.Authority.Output}\n{edge.Weir.Output}");

        string root = await edge.Authority.WriteRootAsync();
        var answer = await WeirUp.EventuallyAsync(() => edge.CurlAsync(Host, root), a => a.Code == 0, "the new certificate");
        Assert.EndsWith("status=502", answer.Output, StringComparison.Ordinal); // the client's server ended with it
        Assert.DoesNotContain("issuer.crt", edge.Weir.Output, StringComparison.Ordinal);
    }

    private static async Task<int> HandshakesAsync(TlsEdge edge, CancellationToken stop)
    {
        int done = 0;
        while (!stop.IsCancellationRequested)
        {
            await edge.HandshakeAsync(Host);
            done++;
        }
        return done;
    }

    private static async Task CertbotAsync(TlsEdge edge, params string[] arguments)
    {
        string folder = edge.Folder["letsencrypt"];
        var (code, output) = await TlsEdge.RunAsync("env", ["REQUESTS_CA_BUNDLE=" + edge.Authority.OwnCertificate, "certbot", .. arguments, "--non-interactive",
            "--config-dir", folder, "--work-dir", Path.Combine(folder, "work"), "--logs-dir", Path.Combine(folder, "logs")]);
        Assert.True(code == 0, $"{output}\n{edge.Authority.Output}\n{edge.Weir.Output}");
    }
}
