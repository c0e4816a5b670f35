using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Weir.Proxy.Connection;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Whether the client came over HTTPS, and what a site says when it did not.</summary>
internal sealed class SecureTransport(EdgeOptions options, IServer server)
{
    private const int HttpsDefault = 443;

    private int _port;

    /// <summary>The scheme that the client asked, "http" or "https": the connection's, or what a trusted proxy says of its own. Allocates nothing for one value.</summary>
    public string SchemeOf(RequestContext r) =>
        SaidOf(r) ?? (r.Http.Request.IsHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);

    /// <summary>The scheme that a trusted proxy says the client asked, "http" or "https"; null when none does.</summary>
    public string? SaidOf(RequestContext r)
    {
        if (!r.Connection.IsPeerTrusted)
            return null;
        var headers = r.Http.Request.Headers;
        // Where Forwarded alone is written, X-Forwarded-* may be the client's own.
        if (options.ForwardedHeader == ForwardedHeader.XForwardedFor && headers["X-Forwarded-Proto"] is { Count: > 0 } said)
            return Known(Last(said.ToString()));
        if (options.ForwardedHeader == ForwardedHeader.XForwardedFor && headers["X-Forwarded-For"].Count > 0)
            return null;
        return ForwardedElement.TryFind(ForwardedElement.Last(headers["Forwarded"].ToString()), "proto", out var proto) ? Known(proto) : null;
    }

    /// <summary>Sends a client of plain HTTP to the same address over HTTPS, where the site asks so: 308, which keeps method and body.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryRedirect(RequestContext r)
    {
        if (!r.Site.Settings.RedirectToHttps || !r.IsTargetValid || SchemeOf(r) == Uri.UriSchemeHttps)
            return false;
        string sent = r.Http.Request.Headers.Host.ToString();
        var host = HostName.Normalize(sent);
        // Who came by port 80 finds HTTPS on 443, wherever a container maps these to; who named a port talks to this program's own.
        int port = sent.AsSpan(host.Length).Contains(':') ? Port() : HttpsDefault;
        string authority = port == HttpsDefault ? host.ToString() : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        r.Http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        r.Http.Response.Headers.Location = $"https://{authority}{r.PathAndQuery}";
        r.Http.Response.ContentLength = 0;
        return true;
    }

    /// <summary>Writes the site's Strict-Transport-Security over the origin's, on HTTPS only (RFC 6797 section 7.2).</summary>
    public void Write(RequestContext r)
    {
        if (r.Host?.Site.StrictTransport is { Count: > 0 } value && SchemeOf(r) == Uri.UriSchemeHttps)
            r.Http.Response.Headers.StrictTransportSecurity = value;
    }

    /// <summary>The rightmost of a list: the nearest proxy writes there.</summary>
    public static string Last(string list) => list[(list.LastIndexOf(',') + 1)..].Trim();

    // Traefik writes ws and wss for WebSockets. Any other word is nobody's scheme, and not believed.
    private static string? Known(ReadOnlySpan<char> proto) =>
        proto.Equals("https", StringComparison.OrdinalIgnoreCase) || proto.Equals("wss", StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeHttps
        : proto.Equals("http", StringComparison.OrdinalIgnoreCase) || proto.Equals("ws", StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeHttp
        : null;

    // Known once the server has started; the first listener with TLS, else the default.
    private int Port()
    {
        if (_port == 0)
        {
            string? https = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("https:", StringComparison.Ordinal));
            _port = https is null ? HttpsDefault : new Uri(https).Port;
        }
        return _port;
    }
}
