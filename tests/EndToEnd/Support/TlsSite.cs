using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.EndToEnd.Support;

/// <summary>A host with a certificate of its own, and clients that trust it and find it at a port of this machine.</summary>
internal sealed class TlsSite : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly string _folder;

    public TlsSite(string host, int port, string folder)
    {
        (Host, Port, _folder) = (host, port, folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(5));
        Directory.CreateDirectory(folder);
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "site.key"), key.ExportPkcs8PrivateKeyPem());
        Handler = NewHandler();
        Client = new HttpClient(Handler) { BaseAddress = new Uri($"https://{host}/"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    public string Host { get; }

    public int Port { get; }

    /// <summary>PEM file of the certificate, in the folder that the edge watches.</summary>
    public string CertificateFile => Path.Combine(_folder, "site.pem");

    /// <summary>Connects to the site, whatever name is asked.</summary>
    public SocketsHttpHandler Handler { get; }

    /// <summary>Speaks HTTP/2 and nothing else.</summary>
    public HttpClient Client { get; }

    /// <summary>Sends one request.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, string userAgent, string from, params (string Name, string Value)[] more)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", from);
        foreach (var (name, value) in more)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Asks by curl, as a person would.</summary>
    public Task<(int Code, string Output)> CurlAsync(params string[] arguments) => TlsEdge.RunAsync("curl",
        ["-sS", "-m", "60", "--noproxy", "*", "--resolve", $"*:{Port}:127.0.0.1", "--cacert", CertificateFile, .. arguments]);

    /// <summary>One handshake for another name.</summary>
    /// <returns>What ended it; null when a certificate was shown.</returns>
    public async Task<Exception?> HandshakeAsync(string name) => await Record.ExceptionAsync(async () =>
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Port);
#pragma warning disable CA5359 // Whichever certificate is shown counts as shown: the test asks whether there is any.
        await using var tls = new SslStream(tcp.GetStream(), false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(name);
    });

    public void Dispose()
    {
        Client.Dispose();
        _certificate.Dispose();
    }

    private SocketsHttpHandler NewHandler() => new()
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _certificate }, RevocationMode = X509RevocationMode.NoCheck },
        },
    };
}
