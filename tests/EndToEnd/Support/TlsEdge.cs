using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using Weir.TestKit;

namespace Weir.EndToEnd.Support;

/// <summary>A running <c>./weir up</c> that listens with HTTP and HTTPS, the DNS server that leads to it, and a certificate authority.</summary>
internal sealed class TlsEdge : IAsyncDisposable
{
    private TlsEdge(TemporaryFolder folder, WeirProcess weir, DnsServer dns, Pebble authority, int httpPort, int httpsPort)
    {
        (Folder, Weir, Dns, Authority, HttpPort, HttpsPort) = (folder, weir, dns, authority, httpPort, httpsPort);
    }

    public TemporaryFolder Folder { get; }

    public WeirProcess Weir { get; }

    public DnsServer Dns { get; }

    public Pebble Authority { get; }

    public int HttpPort { get; }

    public int HttpsPort { get; }

    /// <summary>The settings file that it runs by.</summary>
    public string Settings => Folder["weir.json"];

    /// <summary>Starts all three.</summary>
    /// <param name="hosts">Names that lead to this machine.</param>
    /// <param name="settings">Its settings, <c>listen</c> and <c>data</c> excepted; paths are below its folder.</param>
    public static async Task<TlsEdge> StartAsync(IEnumerable<string> hosts, Func<TemporaryFolder, JsonObject> settings)
    {
        var folder = new TemporaryFolder();
        int[] ports = LoopbackPorts.Free(2);
        var written = settings(folder);
        written["listen"] = new JsonArray($"127.0.0.1:{ports[0]}", $"https://127.0.0.1:{ports[1]}");
        written["data"] = folder["data"];
        var dns = await DnsServer.StartAsync(hosts.Select(h => $"{h}. A 127.0.0.1"));
        written["identity"] = new JsonObject { ["dnsServers"] = new JsonArray($"{dns.EndPoint}") };
        await File.WriteAllTextAsync(folder["weir.json"], written.ToJsonString());
        var authority = await Pebble.StartAsync(ports[0], dns.EndPoint);
        var weir = WeirProcess.Start("up", "--config", folder["weir.json"], "--api", "127.0.0.1:0");
        await weir.WaitForLineAsync("Ctrl-C");
        return new TlsEdge(folder, weir, dns, authority, ports[0], ports[1]);
    }

    /// <summary>Asks the edge over TLS as curl does.</summary>
    /// <param name="host">Name to ask for; leads to the edge.</param>
    /// <param name="trusted">PEM file of the only authority that is trusted.</param>
    public Task<(int Code, string Output)> CurlAsync(string host, string trusted) => RunAsync("curl", "-sS", "-m", "20", "--noproxy", "*",
        "--resolve", $"{host}:{HttpsPort}:127.0.0.1", "--cacert", trusted, "-w", " status=%{http_code}", $"https://{host}:{HttpsPort}/");

    /// <summary>One handshake.</summary>
    /// <returns>Serial number of the certificate that was shown.</returns>
    /// <exception cref="AuthenticationException">It was refused.</exception>
    /// <exception cref="IOException">It was refused.</exception>
    public async Task<string> HandshakeAsync(string host)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, HttpsPort);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            // The name must be right; nobody of this machine's trust store vouches for it.
            RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None,
        });
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    /// <summary>Runs a program of others to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        await using var run = WeirProcess.StartProgram(program, arguments);
        int code = await run.WaitForExitAsync();
        return (code, run.Output);
    }

    public async ValueTask DisposeAsync()
    {
        await Weir.DisposeAsync();
        await Authority.DisposeAsync();
        await Dns.DisposeAsync();
        Folder.Dispose();
    }
}
