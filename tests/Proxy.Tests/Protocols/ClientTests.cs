using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.Proxy.Tests.Certificates;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Protocols;

/// <summary>Clients and servers that are not ours on both sides of the edge.</summary>
public sealed class ClientTests : IDisposable
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Protocols", "clients");

    private readonly PemFolder _folder = new();

    public ClientTests() => _folder.Put("www", PemPair.For("www.example.com"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_kind_of_gRPC_call_works_over_h2c_and_over_TLS(bool isTls)
    {
        string packages = await NodePackages.InstallAsync(Scripts);
        using var server = await NodeServer.StartAsync("grpc.mjs", packages);
        await using var edge = await StartAsync(new Uri($"h2c://127.0.0.1:{server.Port}"), isTls, isHttp2Only: !isTls);

        var (code, output) = await NodePackages.RunAsync("node", ["grpc.mjs", packages, "ask", $"127.0.0.1:{edge.Port}", .. isTls ? new[] { _folder.At("www.pem") } : []], Scripts);

        Assert.True(code == 0, output);
        Assert.Equal(9, output.Split('\n').Count(l => l.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WebSockets_do_all_that_they_do_without_the_edge(bool isTls)
    {
        string packages = await NodePackages.InstallAsync(Scripts);
        using var server = await NodeServer.StartAsync("ws.mjs", packages);
        await using var edge = await StartAsync(new Uri($"http://127.0.0.1:{server.Port}"), isTls);

        var (code, output) = await NodePackages.RunAsync(
            "node", ["ws.mjs", packages, "ask", $"{(isTls ? "wss" : "ws")}://127.0.0.1:{edge.Port}/", .. isTls ? new[] { _folder.At("www.pem") } : []], Scripts);

        Assert.True(code == 0, output);
        Assert.Equal(9, output.Split('\n').Count(l => l.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Chromium_gets_server_sent_events_as_they_come_and_a_WebSocket_over_HTTP_2()
    {
        var got = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var origin = await TestOrigin.StartAsync(c => AnswerEventsAsync(c, next, got));
        await using var edge = await StartAsync(origin.Url, isTls: true);
        using var profile = new TemporaryFolder();

        await ClientProgram.RunAsync(Environment.GetEnvironmentVariable("WEIR_CHROMIUM") ?? "/usr/bin/chromium",
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--ignore-certificate-errors", "--host-resolver-rules=MAP www.example.com 127.0.0.1", $"--user-data-dir={profile.Path}",
            "--dump-dom", $"https://www.example.com:{edge.Port}/");

        Assert.True(got.Task.IsCompleted, "no event arrived");
        Assert.Equal("?h2,one,two,three", await got.Task);
        Hit hit;
        do
            hit = await edge.Hits.NextAsync();
        while (hit.Path != "/socket");
        // Over the connection that was there already (RFC 8441), not one of its own.
        Assert.Equal((20, 200), (hit.HttpVersion, hit.Status));
    }

    [Theory]
    [InlineData("--http1.1", false)]
    [InlineData("--http2", true)]
    public async Task Curl_sends_a_large_body_when_it_is_wanted_and_hears_a_refusal_before_it(string version, bool isTls)
    {
        using var body = new TemporaryFolder();
        await File.WriteAllBytesAsync(body["body"], new byte[3 * 1024 * 1024], TestContext.Current.CancellationToken);
        long received = 0;
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            if (c.Request.QueryString.HasValue)
            {
                c.Response.StatusCode = int.Parse(c.Request.QueryString.Value![1..], CultureInfo.InvariantCulture);
                return;
            }
            byte[] buffer = new byte[65536];
            for (int read; (read = await c.Request.Body.ReadAsync(buffer)) > 0;)
                received += read;
            await c.Response.WriteAsync("ok");
        });
        await using var edge = await StartAsync(origin.Url, isTls);
        Task<(int Code, string Output)> Send(string path) => ClientProgram.RunAsync("curl",
            "-sS", "-m", "60", "--noproxy", "*", version, "--expect100-timeout", "50", "-H", "Expect: 100-continue", "-T", body["body"], "-w", " %{http_code} %{size_upload}",
            "--cacert", _folder.At("www.pem"), "--resolve", $"www.example.com:{edge.Port}:127.0.0.1", $"{(isTls ? "https" : "http")}://www.example.com:{edge.Port}{path}");

        Assert.Equal((0, "ok 200 3145728"), await Send("/up"));
        Assert.Equal(3145728, received);
        if (isTls)
            return; // HTTP/2 has flow control for this, and curl sends what fits the window
        Assert.Equal((0, " 413 0"), await Send("/up?413"));
        // 417 has curl try once more without asking (RFC 9110 section 10.1.1).
        Assert.Contains(" 417 ", (await Send("/up?417")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interim_answers_of_an_origin_end_at_the_edge_and_the_answer_passes()
    {
        using var origin = new RawOrigin("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var edge = await StartAsync(origin.Url, isTls: false);

        var (_, output) = await ClientProgram.RunAsync("curl", "-sSi", "-m", "20", "--noproxy", "*", "-H", "Host: www.example.com", $"http://127.0.0.1:{edge.Port}/");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailers_of_an_origin_end_at_the_edge_for_an_HTTP_1_client_and_the_body_passes()
    {
        using var origin = new RawOrigin("HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Checksum: abc\r\n\r\n");
        await using var edge = await StartAsync(origin.Url, isTls: false);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nTE: trailers\r\nConnection: close\r\n\r\n");
        string answer = await raw.ReadToEndAsync();

        Assert.EndsWith("\r\n4\r\nbody\r\n0\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_edge_is_nobodys_forward_proxy()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("reached"));
        await using var edge = await StartAsync(origin.Url, isTls: false);
        string proxy = $"http://127.0.0.1:{edge.Port}";

        var (tunnel, said) = await ClientProgram.RunAsync("curl", "-sS", "-v", "-m", "20", "-x", proxy, "--proxytunnel", "http://other.example/");
        var (_, relay) = await ClientProgram.RunAsync("curl", "-sS", "-m", "20", "-x", proxy, "-w", " %{http_code}", "http://other.example/");

        Assert.NotEqual(0, tunnel);
        Assert.Matches("HTTP/1.1 4(05|21)", said);
        Assert.EndsWith(" 421", relay, StringComparison.Ordinal);
    }

    private static async Task AnswerEventsAsync(HttpContext c, TaskCompletionSource next, TaskCompletionSource<string> got)
    {
        switch (c.Request.Path)
        {
            case "/":
                c.Response.ContentType = "text/html";
                // The page is not loaded before the picture is, and that waits for the events.
                await c.Response.WriteAsync("""
                    <img src="/picture"><script>
                    let all = '?' + performance.getEntriesByType('navigation')[0].nextHopProtocol;
                    const events = new EventSource('/events');
                    events.onmessage = e => { all += ',' + e.data; if (e.data === 'one') fetch('/next'); else { events.close(); talk(); } };
                    function talk() {
                      const socket = new WebSocket('wss://' + location.host + '/socket');
                      socket.onopen = () => socket.send('three');
                      socket.onerror = () => fetch('/got' + all + ',broken');
                      socket.onmessage = e => { all += ',' + e.data; socket.close(); fetch('/got' + all); };
                    }
                    </script>
                    """);
                break;
            case "/events":
                c.Response.ContentType = "text/event-stream";
                await c.Response.WriteAsync("data: one\n\n");
                await c.Response.Body.FlushAsync();
                await next.Task;
                await c.Response.WriteAsync("data: two\n\n");
                await c.Response.Body.FlushAsync();
                await got.Task;
                break;
            case "/next":
                next.TrySetResult();
                break;
            case "/socket":
                using (var socket = await c.WebSockets.AcceptWebSocketAsync())
                {
                    byte[] word = new byte[100];
                    var read = await socket.ReceiveAsync(word, default);
                    await socket.SendAsync(word.AsMemory(0, read.Count), read.MessageType, true, default);
                    await socket.ReceiveAsync(word, default);
                }
                break;
            case "/got":
                got.TrySetResult(c.Request.QueryString.Value!);
                break;
            case "/picture":
                await got.Task.WaitAsync(c.RequestAborted);
                break;
        }
    }

    private Task<Edge> StartAsync(Uri origin, bool isTls, bool isHttp2Only = false) => Edge.StartAsync(
        [new Site { Id = SiteId.Parse("shop"), Hosts = ["www.example.com"], Origins = [origin] }],
        o => o with
        {
            Listen = [new ListenAddress(IPAddress.Loopback, 0, isHttp2Only, isTls)],
            Certificates = new CertificateOptions { Folder = _folder.Path, DefaultHost = "www.example.com" },
        });

    /// <summary>A script of <c>clients</c> that serves and prints its port.</summary>
    private sealed class NodeServer : IDisposable
    {
        private readonly Process _process;

        private NodeServer(Process process, int port)
        {
            _process = process;
            Port = port;
        }

        public int Port { get; }

        public static async Task<NodeServer> StartAsync(string script, string packages)
        {
            var process = Process.Start(new ProcessStartInfo("node", [script, packages, "serve"]) { WorkingDirectory = Scripts, UseShellExecute = false, RedirectStandardOutput = true })!;
            string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            return new NodeServer(process, int.Parse(line ?? "", CultureInfo.InvariantCulture));
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
