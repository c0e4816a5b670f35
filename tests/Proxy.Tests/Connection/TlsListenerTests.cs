using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Detection;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.Proxy.Tests.Certificates;

namespace Weir.Proxy.Tests.Connection;

/// <summary>Real clients against a real edge that ends TLS.</summary>
public sealed class TlsListenerTests : IAsyncLifetime
{
    private const string Chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    private readonly PemFolder _folder = new();
    private TestOrigin _origin = null!;
    private Edge _edge = null!;

    private string At => $"127.0.0.1:{_edge.Port}";

    public async ValueTask InitializeAsync()
    {
        _folder.Put("www", PemPair.For("www.example.com"));
        _folder.Put("shops", PemPair.For("*.shops.example"));
        _origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync($"proto={c.Request.Headers["X-Forwarded-Proto"]}"));
        _edge = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _origin.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("--http2", "2")]
    [InlineData("--http1.1", "1.1")]
    public async Task Curl_gets_the_site_with_the_certificate_of_its_name_in_either_version(string flag, string version)
    {
        var (code, output) = await CurlAsync("www.example.com", "www.pem", flag, "-w", " http=%{http_version}");

        Assert.Equal((0, $"proto=https http={version}"), (code, output));
    }

    [Fact]
    public async Task A_hit_over_TLS_is_judged_by_its_greeting()
    {
        await CurlAsync("www.example.com", "www.pem", "-A", Chrome);

        var verdict = (await _edge.Hits.NextAsync()).Verdict;
        Assert.True(verdict.Reasons.Has(Reason.TlsContradicts), verdict.Reasons.ToString());
    }

    [Fact]
    public async Task A_wildcard_certificate_serves_every_name_one_label_below()
    {
        var (code, output) = await CurlAsync("one.shops.example", "shops.pem");

        Assert.Equal((0, "proto=https"), (code, output));
    }

    [Theory]
    [InlineData("unknown.example")]
    [InlineData(null)]
    public async Task A_host_without_certificate_is_refused_with_the_alert_that_says_why_and_counted(string? name)
    {
        using var refused = _edge.Count("weir.edge.tls.refused");

        var (code, output) = await OpenSslAsync(name is null ? ["-noservername"] : ["-servername", name]);

        Assert.NotEqual(0, code);
        Assert.Contains("unrecognized name", output, StringComparison.Ordinal);
        Assert.Equal(1, refused.Sum);
    }

    [Fact]
    public async Task With_a_default_host_its_certificate_is_shown_to_who_names_none()
    {
        await using var edge = await StartAsync("www.example.com");

        var (code, output) = await ClientProgram.RunAsync("openssl", "s_client", "-connect", $"127.0.0.1:{edge.Port}", "-noservername");

        Assert.Equal(0, code);
        Assert.Equal(SerialIn(await File.ReadAllTextAsync(_folder.At("www.pem"), TestContext.Current.CancellationToken)), SerialIn(output));
    }

    [Theory]
    [InlineData("-tls1_1", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task TLS_is_spoken_from_version_1_2_on(string flag, bool isSpoken)
    {
        var (code, output) = await OpenSslAsync(["-servername", "www.example.com", flag, "-cipher", "DEFAULT:@SECLEVEL=0"]);

        Assert.True(isSpoken == (code == 0), output);
        Assert.Contains(isSpoken ? "Verify return code" : "protocol version", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_is_resumed(string flag)
    {
        string session = _folder.At("session");
        const string Ask = "printf 'GET / HTTP/1.1\\r\\nHost: www.example.com\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1";
        string client = $"openssl s_client -connect {At} -servername www.example.com {flag} -ign_eof";

        var (_, first) = await ClientProgram.RunAsync("sh", "-c", $"({Ask}) | {client} -sess_out {session}");
        var (_, second) = await ClientProgram.RunAsync("sh", "-c", $"({Ask}) | {client} -sess_in {session}");

        Assert.Contains("New, TLS", first, StringComparison.Ordinal);
        Assert.Contains("Reused, TLS", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_greeting_in_pieces_and_bytes_that_are_none_harm_nobody_else()
    {
        using (var garbage = await _edge.ConnectAsync())
        {
            await garbage.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
            Assert.Equal("", await garbage.ReadToEndAsync());
        }
        using var pieces = new TcpClient { NoDelay = true };
        await pieces.ConnectAsync(IPAddress.Loopback, _edge.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(new OneByteWrites(pieces.GetStream()));
        await tls.AuthenticateAsClientAsync(Accepting("www.example.com"), TestContext.Current.CancellationToken);

        Assert.True(tls.IsAuthenticated);
    }

    [Fact]
    public async Task Certificates_change_under_load_without_a_failed_handshake()
    {
        var store = _edge.App.Services.GetRequiredService<CertificateStore>();
        var serials = new ConcurrentDictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            int done = 0;
            while (!stop.IsCancellationRequested)
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(IPAddress.Loopback, _edge.Port, TestContext.Current.CancellationToken);
                await using var tls = new SslStream(tcp.GetStream());
                await tls.AuthenticateAsClientAsync(Accepting("www.example.com"), TestContext.Current.CancellationToken);
                serials[tls.RemoteCertificate!.GetSerialNumberString()] = 0;
                done++;
            }
            return done;
        })).ToList();

        string last = "";
        for (int change = 0; change < 20; change++)
        {
            last = _folder.Put("www", PemPair.For("www.example.com")).Serial;
            store.Look();
            store.Look();
            while (!serials.ContainsKey(last) && clients.TrueForAll(c => !c.IsCompleted))
                await Task.Yield();
        }
        await stop.CancelAsync();
        int[] handshakes = await Task.WhenAll(clients);

        Assert.Equal(last, store.Find("www.example.com")?.Leaf.SerialNumber);
        Assert.True(serials.Count >= 20, $"{serials.Count} certificates in {handshakes.Sum()} handshakes");
    }

    // A certificate of the right name that nobody vouches for.
    private static SslClientAuthenticationOptions Accepting(string host) =>
        new() { TargetHost = host, RemoteCertificateValidationCallback = static (_, _, _, errors) => errors == SslPolicyErrors.RemoteCertificateChainErrors };

    private Task<Edge> StartAsync(string? defaultHost = null) => Edge.StartAsync(
        [new() { Id = SiteId.Parse("shop"), Hosts = ["www.example.com", "*.shops.example"], Origins = [_origin.Url] }],
        o => o with
        {
            Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttps: true)],
            Certificates = new CertificateOptions { Folder = _folder.Path, DefaultHost = defaultHost },
        });

    private Task<(int Code, string Output)> CurlAsync(string host, string trusted, params string[] flags) => ClientProgram.RunAsync("curl",
        ["-sS", "-m", "20", "--noproxy", "*", "--resolve", $"{host}:{_edge.Port}:127.0.0.1", "--cacert", _folder.At(trusted), .. flags, $"https://{host}:{_edge.Port}/"]);

    private Task<(int Code, string Output)> OpenSslAsync(string[] flags) => ClientProgram.RunAsync("openssl", ["s_client", "-connect", At, .. flags]);

    private static string SerialIn(string text) => X509Certificate2.CreateFromPem(text).SerialNumber;

    // A network that carries one byte at a time.
    private sealed class OneByteWrites(NetworkStream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (int i = 0; i < buffer.Length; i++)
                await inner.WriteAsync(buffer.Slice(i, 1), cancellationToken);
        }
    }
}
