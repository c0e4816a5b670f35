using System.Collections.Frozen;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Connection;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Origins;

/// <summary>Tells the origin who asked, by which host, scheme and port: what is believed, and nothing that a client wrote. Safe from any thread.</summary>
internal sealed class ForwardedHeaders(EdgeOptions options, SecureTransport secure, ClientAddressResolver resolver)
{
    private static readonly FrozenSet<string> ClientNames = FrozenSet.ToFrozenSet(
    [
        "Forwarded", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP",
        "X-Original-Forwarded-For", "Fly-Client-IP", "X-Azure-ClientIP", "X-Envoy-External-Address", "Proxy-Client-IP", "WL-Proxy-Client-IP",
        "Front-End-Https", "X-Url-Scheme",
    ], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Written = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded", "X-Real-IP"];

    /// <summary>Whether a header tells who asked, or how: from anyone but a configured proxy an invention that an origin might believe.</summary>
    public static bool TellsOfClient(string name) => IsXForwarded(name) || ClientNames.Contains(name);

    /// <summary>Writes them in place of what was sent under their names.</summary>
    /// <param name="r">The request.</param>
    /// <param name="headers">Headers that the origin gets; those of untrusted peers were stripped.</param>
    /// <param name="sentHost">The Host header as sent; empty for none.</param>
    public void Write(RequestContext r, HttpRequestHeaders headers, string sentHost)
    {
        if (r.Connection.IsPeerTrusted)
            Forget(r, headers);
        string peer = r.Connection.PeerText;
        string scheme = secure.SchemeOf(r);
        string host = HostOf(r, sentHost);
        var style = r.Site.Settings.Forwarded;
        headers.TryAddWithoutValidation("X-Real-IP", r.ClientAddress == r.Connection.PeerAddress ? peer : r.ClientAddress.ToString());
        if (style != ForwardedStyle.Forwarded)
        {
            headers.TryAddWithoutValidation("X-Forwarded-For", r.Connection.IsPeerTrusted ? Chain(r, peer) : peer);
            headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
            if (host.Length > 0)
                headers.TryAddWithoutValidation("X-Forwarded-Host", host);
            if (PortOf(r, host, scheme) is { } port)
                headers.TryAddWithoutValidation("X-Forwarded-Port", port);
        }
        if (style != ForwardedStyle.XForwarded)
            headers.TryAddWithoutValidation("Forwarded", Elements(r, sentHost, host, scheme));
    }

    /// <summary>Says by which host and scheme a site is asked, in a request of the edge's own: nobody stands behind it.</summary>
    public static void WriteOwn(ForwardedStyle style, HttpRequestHeaders headers, string host, string scheme)
    {
        if (style != ForwardedStyle.Forwarded)
        {
            headers.TryAddWithoutValidation("X-Forwarded-Host", host);
            headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
        }
        if (style != ForwardedStyle.XForwarded)
        {
            var text = new StringBuilder();
            Append(text, host, scheme);
            headers.TryAddWithoutValidation("Forwarded", text.ToString());
        }
    }

    private static void Append(StringBuilder text, string host, string scheme)
    {
        if (host.Length > 0)
        {
            text.Append("host=");
            AppendValue(text, host);
            text.Append(';');
        }
        text.Append("proto=").Append(scheme);
    }

    // What a trusted peer sent under the names that are written here, and all X-Forwarded-* where such peers write Forwarded alone:
    // these a client's own may have come through.
    private void Forget(RequestContext r, HttpRequestHeaders headers)
    {
        foreach (string name in Written)
            headers.Remove(name);
        if (options.ForwardedHeader != ForwardedHeader.Forwarded)
            return;
        foreach (var (name, _) in r.Http.Request.Headers)
        {
            if (IsXForwarded(name))
                headers.Remove(name);
        }
    }

    private string Chain(RequestContext r, string peer)
    {
        var hops = new ForwardedHops(stackalloc ClientAddress[ClientAddressResolver.MaxHops], r.Connection.PeerAddress);
        Follow(r, ref hops);
        if (hops.Count == 0)
            return peer;
        if (hops.Count == 1)
            return $"{hops.Addresses[0]}, {peer}";
        var text = new StringBuilder();
        for (int i = hops.Addresses.Length - 1; i >= 0; i--)
            text.Append(CultureInfo.InvariantCulture, $"{hops.Addresses[i]}, ");
        return text.Append(peer).ToString();
    }

    // The client's own element says what the client asked, the last what this edge was asked.
    private string Elements(RequestContext r, string sentHost, string host, string scheme)
    {
        var hops = new ForwardedHops(stackalloc ClientAddress[ClientAddressResolver.MaxHops], r.Connection.PeerAddress);
        Follow(r, ref hops);
        var text = new StringBuilder();
        bool isFirst = true;
        if (!hops.Hidden.IsEmpty)
            AppendHop(text.Append("for=").Append(hops.Hidden), host, scheme, ref isFirst);
        for (int i = hops.Addresses.Length - 1; i >= 0; i--)
            AppendHop(AppendNode(text, hops.Addresses[i], hops.Addresses[i].ToString()), host, scheme, ref isFirst);
        AppendNode(text, r.Connection.PeerAddress, r.Connection.PeerText).Append(';');
        if (isFirst)
            Append(text, host, scheme);
        else
            Append(text, sentHost, r.Http.Request.IsHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);
        return text.ToString();
    }

    private void Follow(RequestContext r, scoped ref ForwardedHops hops)
    {
        var sent = r.Http.Request.Headers;
        // A balancer that does not say whose its connection is vouches for nobody.
        if (r.Connection.IsPeerTrusted)
            resolver.Follow(r.Connection.PeerAddress, sent["X-Forwarded-For"], sent["Forwarded"], ref hops);
    }

    private static void AppendHop(StringBuilder text, string host, string scheme, ref bool isFirst)
    {
        if (isFirst)
            Append(text.Append(';'), host, scheme);
        isFirst = false;
        text.Append(", ");
    }

    // An address that is not known is "unknown" in RFC 7239, section 6.2; IPv6 has brackets, and so quotes.
    private static StringBuilder AppendNode(StringBuilder text, ClientAddress address, string written) => !address.IsKnown ? text.Append("for=unknown")
        : address.IsIPv4 ? text.Append("for=").Append(written)
        : text.Append("for=\"[").Append(written).Append("]\"");

    private static void AppendValue(StringBuilder text, string value)
    {
        if (OriginRequest.IsToken(value))
        {
            text.Append(value);
            return;
        }
        text.Append('"');
        foreach (char c in value)
            text.Append(c is '"' or '\\' ? "\\" : "").Append(c);
        text.Append('"');
    }

    // As the client asked it, where a trusted proxy says so, else as it came.
    private string HostOf(RequestContext r, string sentHost)
    {
        if (!r.Connection.IsPeerTrusted)
            return sentHost;
        var headers = r.Http.Request.Headers;
        if (options.ForwardedHeader == ForwardedHeader.XForwardedFor && headers["X-Forwarded-Host"] is { Count: > 0 } said)
            return SecureTransport.Last(said.ToString()) is { Length: > 0 } last && IsHost(last) ? last : sentHost;
        return resolver.ReadsForwarded(headers["X-Forwarded-For"])
            && ForwardedElement.TryFind(ForwardedElement.Last(headers["Forwarded"].ToString()), "host", out var host) && IsHost(host) ? host.ToString() : sentHost;
    }

    private string? PortOf(RequestContext r, string host, string scheme)
    {
        if (r.Connection.IsPeerTrusted && options.ForwardedHeader == ForwardedHeader.XForwardedFor
            && SecureTransport.Last(r.Http.Request.Headers["X-Forwarded-Port"].ToString()) is { Length: > 0 } said && IsPort(said))
            return said;
        // A request without Host (HTTP/1.0) names no port, and only the listener's is known.
        if (host.Length == 0)
            return r.Http.Connection.LocalPort is > 0 and var own ? own.ToString(CultureInfo.InvariantCulture) : null;
        int colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') && IsPort(host.AsSpan(colon + 1)) ? host[(colon + 1)..] : scheme == Uri.UriSchemeHttps ? "443" : "80";
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length <= 5 && text.IndexOfAnyExceptInRange('0', '9') < 0 && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;

    // The characters of names, of addresses and of a port.
    private static bool IsHost(ReadOnlySpan<char> host)
    {
        foreach (char c in host)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_' or ':' or '[' or ']'))
                return false;
        }
        return HostName.Normalize(host).Length is > 0 and <= HostName.MaxLength;
    }

    private static bool IsXForwarded(string name) => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);
}
