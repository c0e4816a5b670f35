using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Weir.Proxy.Origins;

/// <summary>The HTTP clients that speak to origins. Safe from any thread.</summary>
/// <remarks>One client serves all origins without TLS: it pools connections by authority. Each https origin has its own, because with
/// the client's Host header passed on, .NET asks for a certificate of that name; a certificate of the origin's own name is as good.</remarks>
internal sealed class OriginClients(EdgeOptions options) : IDisposable
{
    private readonly HttpMessageInvoker _plain = new(NewHandler(options));
    private readonly ConcurrentDictionary<string, Lazy<HttpMessageInvoker>> _secure = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The client for an origin.</summary>
    public HttpMessageInvoker For(Origin origin) => origin.Url.Scheme == Uri.UriSchemeHttps
        ? _secure.GetOrAdd(origin.Prefix, static (_, a) => new(() => a.Self.NewSecure(a.Host)), (Self: this, origin.Url.Host)).Value
        : _plain;

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        foreach (var client in _secure.Values.Where(c => c.IsValueCreated))
            client.Value.Dispose();
    }

    private HttpMessageInvoker NewSecure(string host)
    {
        var handler = NewHandler(options);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            IsAcceptable(errors, certificate, host);
        return new HttpMessageInvoker(handler);
    }

    /// <summary>Whether a certificate will do: valid for the name asked for, or valid in every other way and made out to the origin.</summary>
    internal static bool IsAcceptable(SslPolicyErrors errors, X509Certificate? certificate, string host) =>
        errors == SslPolicyErrors.None
        || (errors == SslPolicyErrors.RemoteCertificateNameMismatch && certificate is X509Certificate2 given && given.MatchesHostname(host));

    private static SocketsHttpHandler NewHandler(EdgeOptions options) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = options.Limits.OriginConnectTimeout,
        // Long enough to be reused by the next visitor, short of the 60–75 s after which common origins close idle connections.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(55),
        // A changed DNS entry is seen within this time.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = options.Limits.HeaderBytesMax / 1024,
        // Header bytes pass unchanged; see HitRecorder for what people are shown.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };
}
