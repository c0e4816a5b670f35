using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.Proxy.Tests.Certificates;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Connection;

/// <summary>An edge behind a balancer that speaks the PROXY protocol.</summary>
public sealed class ProxyProtocolTests : IAsyncLifetime
{
    private const string Request = "GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n";

    private TestOrigin _origin = null!;

    public async ValueTask InitializeAsync() => _origin = await TestOrigin.StartAsync(c =>
        c.Response.WriteAsync($"{c.Request.Headers["X-Forwarded-For"]} {c.Request.Headers["X-Real-IP"]} {c.Request.Headers["X-Forwarded-Proto"]}"));

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Theory]
    [InlineData("--haproxy-protocol")]
    [InlineData("--haproxy-protocol --haproxy-clientip 203.0.113.9")]
    public async Task Curl_is_the_balancer_and_the_client_that_it_names_asks(string flags)
    {
        await using var edge = await StartAsync();
        string[] all = [.. flags.Split(' ')];
        if (all.Length > 1 && !await HasClientAddressAsync())
            all = all[..1];

        var (code, output) = await ClientProgram.RunAsync(
            "curl", ["-sS", "-m", "20", "--noproxy", "*", .. all, "-H", "Host: www.example.com", "-H", "X-Forwarded-For: 6.6.6.6", $"http://127.0.0.1:{edge.Port}/"]);

        // curl is on this machine, and so is whom it names without a flag: a trusted proxy, whose forwarded headers are believed.
        string client = all.Length > 1 ? "203.0.113.9" : "6.6.6.6";
        Assert.Equal(0, code);
        Assert.Equal(client, (await edge.Hits.NextAsync()).ClientAddress.ToString());
        Assert.Contains($" {client} http", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    [InlineData("send-proxy-v2-ssl")]
    public async Task Haproxy_names_its_client(string how)
    {
        await using var edge = await StartAsync(trusted: "127.0.0.1/32");
        using var haproxy = await Balancer.StartAsync(edge.Port, how);

        // The client is on this machine, but not at the address of the balancer.
        var (code, output) = await ClientProgram.RunAsync(
            "curl", "-sS", "-m", "20", "--noproxy", "*", "--interface", "127.0.0.9", "-H", "Host: www.example.com", "-H", "X-Forwarded-For: 6.6.6.6", $"http://127.0.0.1:{haproxy.Port}/");

        Assert.Equal((0, "127.0.0.9 127.0.0.9 http"), (code, output));
        Assert.Equal("127.0.0.9", (await edge.Hits.NextAsync()).ClientAddress.ToString());
    }

    [Theory]
    [InlineData("send-proxy", "http")]
    [InlineData("send-proxy-v2-ssl", "https")]
    public async Task Where_haproxy_ends_TLS_the_scheme_that_the_client_asked_is_known(string how, string scheme)
    {
        using var folder = new PemFolder();
        folder.Put("www", PemPair.For("www.example.com"));
        await using var edge = await StartAsync(trusted: "127.0.0.1/32");
        using var haproxy = await Balancer.StartAsync(edge.Port, how, folder.At("www.pem"));

        var (code, output) = await ClientProgram.RunAsync("curl", "-sSk", "-m", "20", "--noproxy", "*", "--interface", "127.0.0.9",
            "-H", "Host: www.example.com", $"https://127.0.0.1:{haproxy.Port}/");

        Assert.Equal((0, $"127.0.0.9 127.0.0.9 {scheme}"), (code, output));
    }

    [Theory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    public async Task The_header_stands_before_TLS_that_the_edge_ends(string how)
    {
        using var folder = new PemFolder();
        folder.Put("www", PemPair.For("www.example.com"));
        await using var edge = await StartAsync(trusted: "127.0.0.1/32", folder: folder);
        using var haproxy = await Balancer.StartAsync(edge.Port, how);

        var (code, output) = await ClientProgram.RunAsync("curl", "-sS", "-m", "20", "--http2", "--noproxy", "*", "--interface", "127.0.0.9", "--cacert", folder.At("www.pem"),
            "--resolve", $"www.example.com:{haproxy.Port}:127.0.0.1", "-w", " http=%{http_version}", $"https://www.example.com:{haproxy.Port}/");

        Assert.Equal((0, "127.0.0.9 127.0.0.9 https http=2"), (code, output));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n", "203.0.113.9")]
    [InlineData("PROXY TCP6 2001:db8:5::9 2001:db8::1 4711 80\r\n", "2001:db8:5::9")]
    // A chain: the client that the balancer names is a trusted proxy itself, so what it forwards is believed.
    [InlineData("PROXY TCP4 127.0.0.5 192.0.2.1 4711 80\r\n", "6.6.6.6")]
    // The balancer does not know its client. What that one forwards is not believed, or anybody could write it.
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0000\u0000\u0000", "127.0.0.1")]
    // The balancer's own connection: it is a trusted proxy like any other.
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\u0000\u0000\u0000", "6.6.6.6")]
    public async Task Forwarded_headers_are_believed_by_whom_the_header_names(string header, string client)
    {
        await using var edge = await StartAsync();
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"{header}GET / HTTP/1.1\r\nHost: www.example.com\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", await raw.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(client, (await edge.Hits.NextAsync()).ClientAddress.ToString());
    }

    [Theory]
    [InlineData(Request, "proxy-header-missing")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n" + Request, "proxy-header-malformed")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u0000\u0001!" + Request, "proxy-header-malformed")]
    public async Task A_connection_without_a_header_in_order_is_closed_and_counted(string sent, string reason)
    {
        await using var edge = await StartAsync();
        using var refused = edge.Count("weir.edge.refused", "reason", reason);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(sent);

        Assert.Equal("", await raw.ReadToEndAsync());
        Assert.Equal((1, 0), (refused.Sum, edge.Hits.Waiting));
    }

    [Fact]
    public async Task A_header_that_is_cut_off_is_counted_and_a_connection_that_says_nothing_is_not()
    {
        await using var edge = await StartAsync();
        using var all = edge.Count("weir.edge.refused");
        using var cut = await edge.ConnectAsync();
        using var silent = await edge.ConnectAsync();

        silent.EndSending();
        Assert.Equal("", await silent.ReadToEndAsync());
        Assert.Equal(0, all.Sum);
        await cut.SendAsync("PROXY TCP4 203.0.");
        cut.EndSending();

        Assert.Equal("", await cut.ReadToEndAsync());
        Assert.Equal(1, all.Sum);
    }

    [Fact]
    public async Task A_peer_that_is_no_trusted_proxy_is_not_even_heard()
    {
        await using var edge = await StartAsync(trusted: "10.0.0.0/8");
        using var refused = edge.Count("weir.edge.refused", "reason", "proxy-untrusted");
        Assert.Equal("", await WhatComesAsync(edge));
        Assert.Equal((1, 0), (refused.Sum, edge.Hits.Waiting));
    }

    [Fact]
    public async Task A_header_that_does_not_come_in_time_ends_the_connection()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var edge = await StartAsync(time: time);
        using var refused = edge.Count("weir.edge.refused", "reason", "proxy-header-slow");
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("PROXY TCP4 203.0.113");
        var end = raw.ReadToEndAsync();
        while (!end.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(11));
            await Task.Yield();
        }

        Assert.Equal("", await end);
        Assert.Equal(1, refused.Sum);
    }

    // The edge may be quicker with its reset than the client's system is with telling that it is connected.
    private static async Task<string> WhatComesAsync(Edge edge)
    {
        try
        {
            using var raw = await edge.ConnectAsync();
            return await raw.ReadToEndAsync();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }
    }

    [Fact]
    public async Task A_header_in_single_bytes_and_a_request_in_the_same_packet_are_read()
    {
        await using var edge = await StartAsync();
        using var raw = await edge.ConnectAsync();

        foreach (char c in "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n")
            await raw.SendAsync(c.ToString());
        await raw.SendAsync(Request);

        Assert.Contains("203.0.113.9 203.0.113.9 http", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private Task<Edge> StartAsync(string trusted = "127.0.0.0/8", PemFolder? folder = null, TimeProvider? time = null) => Edge.StartAsync(
        [Edge.SiteOf("www.example.com", _origin.Url)],
        o => o with
        {
            Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttps: folder is not null, HasProxyHeader: true)],
            TrustedProxies = [IPNetwork.Parse(trusted)],
            Certificates = new CertificateOptions { Folder = folder?.Path },
        },
        time: time);

    // Since curl 8.2.
    private static async Task<bool> HasClientAddressAsync() =>
        (await ClientProgram.RunAsync("curl", "--help", "all")).Output.Contains("--haproxy-clientip", StringComparison.Ordinal);

    /// <summary>HAProxy in TCP mode before a port.</summary>
    private sealed class Balancer : IDisposable
    {
        private readonly System.Diagnostics.Process _process;
        private readonly TemporaryFolder _folder;

        private Balancer(System.Diagnostics.Process process, TemporaryFolder folder, int port)
        {
            _process = process;
            _folder = folder;
            Port = port;
        }

        public int Port { get; }

        public static async Task<Balancer> StartAsync(int server, string how, string? certificate = null)
        {
            var folder = new TemporaryFolder();
            int port = FreePort();
            string file = Path.Combine(folder.Path, "haproxy.cfg");
            // The key stands beside the certificate here; HAProxy wants both in one file.
            if (certificate is not null)
                certificate = await JoinAsync(certificate, Path.Combine(folder.Path, "both.pem"));
            await File.WriteAllTextAsync(file, $"""
                defaults
                  mode tcp
                  timeout connect 20s
                  timeout client 60s
                  timeout server 60s
                frontend in
                  bind 127.0.0.1:{port}{(certificate is null ? "" : $" ssl crt {certificate}")}
                  default_backend edge
                backend edge
                  server edge 127.0.0.1:{server} {how}

                """);
            var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/sbin/haproxy", ["-db", "-f", file]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            while (!process.HasExited && !await IsOpenAsync(port))
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.False(process.HasExited, "haproxy ended");
            return new Balancer(process, folder, port);
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _folder.Dispose();
        }

        private static async Task<string> JoinAsync(string certificate, string both)
        {
            string text = await File.ReadAllTextAsync(certificate);
            string key = Path.ChangeExtension(certificate, ".key");
            await File.WriteAllTextAsync(both, File.Exists(key) ? text + await File.ReadAllTextAsync(key) : text);
            return both;
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        private static async Task<bool> IsOpenAsync(int port)
        {
            using var tcp = new TcpClient();
            try
            {
                await tcp.ConnectAsync(IPAddress.Loopback, port);
                // Where nobody listens yet, a connection may be given that very port, and then it is connected to itself.
                return !Equals(tcp.Client.LocalEndPoint, tcp.Client.RemoteEndPoint);
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
