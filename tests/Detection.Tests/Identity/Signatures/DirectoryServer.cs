using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

/// <summary>A web server with TLS on a loopback port, that <see cref="Network"/> puts in the place of the internet.</summary>
internal sealed class DirectoryServer : IAsyncDisposable
{
    public const string MediaType = "application/http-message-signatures-directory+json";

    /// <summary>What a name resolves to here unless a test says otherwise: an address like any site's.</summary>
    public static readonly IPAddress Public = IPAddress.Parse("104.16.132.229");

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private DirectoryServer(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        _certificate = certificate;
    }

    /// <summary>Answers the next requests.</summary>
    public RequestDelegate Answer { get; set; } = _ => Task.CompletedTask;

    /// <summary>Requests that came, by host and path.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Addresses that were connected to.</summary>
    public ConcurrentQueue<IPEndPoint> Connected { get; } = new();

    /// <summary>What names resolve to.</summary>
    public Func<string, IPAddress[]> Resolve { get; set; } = _ => [Public];

    public static async Task<DirectoryServer> StartAsync(string host = "chatgpt.com")
    {
        var certificate = CertificateOf(host);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        var app = builder.Build();
        var server = new DirectoryServer(app, certificate);
        app.Run(c =>
        {
            server.Asked.Enqueue($"{c.Request.Host}{c.Request.Path}");
            return server.Answer(c);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>Answers with a directory.</summary>
    public void Publish(string json, string? cacheControl = null, string mediaType = MediaType) => Answer = async c =>
    {
        c.Response.ContentType = mediaType;
        if (cacheControl is not null)
            c.Response.Headers.CacheControl = cacheControl;
        await c.Response.WriteAsync(json);
    };

    public DirectoryNetwork Network() => new()
    {
        Resolve = (host, _) => Task.FromResult(Resolve(host)),
        Connect = async (address, stop) =>
        {
            Connected.Enqueue(address);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            string url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            await socket.ConnectAsync(IPAddress.Loopback, new Uri(url).Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
        // Trusts this server's certificate, for its own name; the name is still compared.
        IsCertificateTrusted = (_, certificate, _, errors) => certificate?.GetCertHashString() == _certificate.GetCertHashString()
            && !errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch),
    };

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 CertificateOf(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
