using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Detection;
using Weir.Proxy.Connection;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Connection;

/// <summary>Real programs against a real TLS listener: what each shows of itself, and whether that fits the name that it gives.</summary>
public sealed class TlsGreetingTests : IAsyncLifetime
{
    private const string Chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

    private static readonly Detector Detector = Edge.Detector();

    private readonly ConcurrentQueue<(TlsFacts? Tls, string UserAgent)> _seen = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly X509Certificate2 _certificate = SelfSigned();
    private WebApplication _app = null!;
    private EdgeMetrics _metrics = null!;

    private Uri Url => new UriBuilder(_app.BoundUrls()[0]) { Scheme = "https", Host = "localhost" }.Uri;

    public async ValueTask InitializeAsync()
    {
        _metrics = new EdgeMetrics(_services.GetRequiredService<IMeterFactory>());
        var gate = new ConnectionGate(new TrustedProxies([]), new EdgeOptions(), _metrics);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(new TlsGreeting(TimeProvider.System).Read);
            listen.UseHttps(_certificate);
            listen.Use(gate.ReadFacts);
        }));
        _app = builder.Build();
        _app.Run(http =>
        {
            _seen.Enqueue((http.Features.Get<ConnectionFacts>()!.Tls, http.Request.Headers.UserAgent.ToString()));
            return http.Response.WriteAsync("ok");
        });
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _metrics.Dispose();
        await _services.DisposeAsync();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData("curl", "-sk", "-m", "20", "URL")]
    [InlineData("sh", "-c", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -servername localhost -connect localhost:PORT")]
    [InlineData("node", "-e", "fetch('URL').then(r => r.text())")]
    [InlineData("node", "-e", "require('https').get('URL', r => r.resume())")]
    [InlineData("python3", "-c", "import ssl, urllib.request as r; r.urlopen('URL', context=ssl._create_unverified_context()).read()")]
    public async Task A_program_is_no_browser_and_does_not_contradict_its_own_name(string program, params string[] arguments)
    {
        await RunAsync(program, arguments);
        var (tls, own) = NextSeen();

        Assert.True(Contradicts(tls, Chrome) && Contradicts(tls, Firefox), tls.Ja4);
        Assert.False(Contradicts(tls, own), tls.Ja4);
    }

    [Fact]
    public async Task Chromium_is_Chromium_and_no_Firefox()
    {
        using var profile = new TemporaryFolder();
        string program = Environment.GetEnvironmentVariable("WEIR_CHROMIUM") ?? "/usr/bin/chromium";
        await RunAsync(program,
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", $"--user-data-dir={profile.Path}", "--dump-dom", "URL");
        var (tls, own) = NextSeen();

        Assert.True(tls.HasGrease && tls.HasCertificateCompression, tls.Ja4);
        Assert.False(Contradicts(tls, Chrome), tls.Ja4);
        Assert.False(Contradicts(tls, own), tls.Ja4);
        Assert.True(Contradicts(tls, Firefox), tls.Ja4);
    }

    [Fact]
    public async Task DotNet_is_no_browser_and_its_greeting_is_read_once_for_a_connection()
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_certificate);
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } });
        await client.GetStringAsync(Url);
        await client.GetStringAsync(Url);
        var (first, _) = NextSeen();
        var (second, _) = NextSeen();

        Assert.Same(first, second);
        Assert.True(Contradicts(first, Chrome), first.Ja4);
        Assert.False(Contradicts(first, ""), first.Ja4);
    }

    private (TlsFacts Tls, string UserAgent) NextSeen()
    {
        Assert.True(_seen.TryDequeue(out var seen), "no request arrived");
        Assert.NotNull(seen.Tls);
        return (seen.Tls, seen.UserAgent);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments.Select(Fill))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(!_seen.IsEmpty, $"{program} ended with {process.ExitCode} and asked nothing: {await output} {error}");
    }

    private string Fill(string argument) => argument.Replace("URL", Url.AbsoluteUri, StringComparison.Ordinal)
        .Replace("PORT", $"{Url.Port}", StringComparison.Ordinal);

    private static bool Contradicts(TlsFacts tls, string userAgent) =>
        Detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = userAgent, Tls = tls }).Reasons.Has(Reason.TlsContradicts);

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
