using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Weir.Detection.Identification;

namespace Weir.Proxy.Origins;

/// <summary>The HTTP clients that speak to origins. Safe from any thread.</summary>
/// <remarks>One client serves all origins without TLS that may be private, another those that may not: they pool connections by authority,
/// and a connection that one site may use must not serve another that may not. Each https origin has its own, because with the client's Host
/// header passed on, .NET asks for a certificate of that name; a certificate of the origin's own name is as good.</remarks>
internal sealed class OriginClients : IDisposable
{
    private readonly EdgeOptions _options;
    private readonly GuardedConnect _publicConnect;
    private readonly HttpMessageInvoker _plain;
    private readonly HttpMessageInvoker _plainPublic;
    private readonly Func<Origin, HttpMessageInvoker> _make;

    // Forgets a client together with its origin; idle connections close by themselves.
    private readonly ConditionalWeakTable<Origin, HttpMessageInvoker> _secure = [];

    public OriginClients(EdgeOptions options, HostResolver resolve)
    {
        _options = options;
        _publicConnect = new GuardedConnect(resolve) { PassesOverOthers = true };
        _plain = new HttpMessageInvoker(NewHandler(allowsPrivate: true));
        _plainPublic = new HttpMessageInvoker(NewHandler(allowsPrivate: false));
        _make = origin => origin.Url.Scheme == Uri.UriSchemeHttps ? _secure.GetValue(origin, NewSecure)
            : origin.Trust.AllowsPrivate ? _plain : _plainPublic;
    }

    /// <summary>The client for an origin.</summary>
    public HttpMessageInvoker For(Origin origin) => origin.ClientOr(_make);

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        _plainPublic.Dispose();
        foreach (var (_, client) in _secure)
            client.Dispose();
    }

    private HttpMessageInvoker NewSecure(Origin origin)
    {
        var handler = NewHandler(origin.Trust.AllowsPrivate);
        handler.SslOptions = origin.Trust.TlsTo(origin.Url.Host);
        return new HttpMessageInvoker(handler);
    }

    private SocketsHttpHandler NewHandler(bool allowsPrivate) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = _options.Limits.OriginConnectTimeout,
        ConnectCallback = allowsPrivate ? null : _publicConnect.ConnectAsync,
        // Long enough to be reused by the next visitor, short of the 60–75 s after which common origins close idle connections.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(55),
        // A changed DNS entry is seen within this time.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = _options.Limits.HeaderBytesMax / 1024,
        // Header bytes pass unchanged; see HitRecorder for what people are shown.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };
}
