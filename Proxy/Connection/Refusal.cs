namespace Weir.Proxy.Connection;

/// <summary>Why a connection or request ended before it reached a site, and so is no hit. The words are a metric's: they may grow, never change.</summary>
internal enum Refusal : byte
{
    /// <summary>On a listener with PROXY protocol, from a peer that is no trusted proxy.</summary>
    ProxyUntrusted = 1,

    /// <summary>The connection did not begin with a PROXY header.</summary>
    ProxyHeaderMissing = 2,

    /// <summary>The PROXY header breaks its format or is too long.</summary>
    ProxyHeaderMalformed = 3,

    /// <summary>The PROXY header did not come in time.</summary>
    ProxyHeaderSlow = 4,

    /// <summary>No TLS handshake: other bytes, no common version or cipher, no certificate for the name, or TLS where none is spoken.</summary>
    TlsHandshake = 5,

    /// <summary>The request line is no HTTP, or too long.</summary>
    RequestLine = 6,

    /// <summary>A version of HTTP that is not spoken on this listener.</summary>
    HttpVersion = 7,

    /// <summary>Headers break HTTP's rules: names, values, framing, Host.</summary>
    Headers = 8,

    /// <summary>More headers, or larger ones, than the limits allow.</summary>
    HeadersLarge = 9,

    /// <summary>The headers did not come in time.</summary>
    HeadersSlow = 10,

    /// <summary>Frames or compressed headers break HTTP/2's rules.</summary>
    Http2Frames = 11,

    /// <summary>HTTP/2 frames that make more work than an honest client would.</summary>
    Http2Flood = 12,
}

/// <summary>Words of <see cref="Refusal"/>.</summary>
internal static class Refusals
{
    /// <summary>The word that <c>weir.edge.refused</c> counts under.</summary>
    public static string Word(this Refusal refusal) => refusal switch
    {
        Refusal.ProxyUntrusted => "proxy-untrusted",
        Refusal.ProxyHeaderMissing => "proxy-header-missing",
        Refusal.ProxyHeaderMalformed => "proxy-header-malformed",
        Refusal.ProxyHeaderSlow => "proxy-header-slow",
        Refusal.TlsHandshake => "tls-handshake",
        Refusal.RequestLine => "request-line",
        Refusal.HttpVersion => "http-version",
        Refusal.Headers => "headers",
        Refusal.HeadersLarge => "headers-large",
        Refusal.HeadersSlow => "headers-slow",
        Refusal.Http2Frames => "http2-frames",
        Refusal.Http2Flood => "http2-flood",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };
}
