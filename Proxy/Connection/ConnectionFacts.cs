using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>What is true of a connection as long as it lives. Immutable; kept on the connection and shared by its requests.</summary>
/// <param name="PeerAddress">The other end of the TCP connection, or whom a PROXY header names in its place.</param>
/// <param name="IsPeerTrusted">Whether the peer is a configured proxy, whose forwarded headers are believed.</param>
/// <param name="PeerText">The peer address as text, written into forwarded headers of every request.</param>
/// <param name="TlsVersion">TLS version negotiated, here or where a PROXY header says so; <see cref="SslProtocols.None"/> without TLS.</param>
/// <param name="IsHttp2Negotiated">Whether ALPN chose HTTP/2.</param>
/// <param name="Tls">The client's TLS greeting; null without TLS, or when it could not be read.</param>
internal sealed record ConnectionFacts(
    ClientAddress PeerAddress, bool IsPeerTrusted, string PeerText, SslProtocols TlsVersion, bool IsHttp2Negotiated, TlsFacts? Tls = null)
{
    private static ReadOnlySpan<byte> Http2Alpn => "h2"u8;

    /// <summary>Reads the facts of a connection, after TLS where there is any.</summary>
    public static ConnectionFacts Read(ConnectionContext connection, TrustedProxies trusted)
    {
        var features = connection.Features;
        var tls = features.Get<ITlsHandshakeFeature>()?.Protocol ?? (features.Get<ITlsConnectionFeature>() as RelayedTls)?.Version ?? SslProtocols.None;
        var alpn = features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default;
        var facts = Of((connection.RemoteEndPoint as IPEndPoint)?.Address, trusted, tls, alpn.Span.SequenceEqual(Http2Alpn), features.Get<TlsFacts>());
        return features.Get<UnknownClient>() is null ? facts : facts with { IsPeerTrusted = false };
    }

    /// <summary>The facts of a peer whose connection was not seen being made.</summary>
    public static ConnectionFacts Of(IPAddress? peer, TrustedProxies trusted, SslProtocols tls = SslProtocols.None, bool isHttp2 = false, TlsFacts? greeting = null)
    {
        var address = ClientAddress.From(peer);
        return new ConnectionFacts(address, trusted.Contains(address), address.ToString(), tls, isHttp2, greeting);
    }
}
