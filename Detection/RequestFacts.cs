using Weir.Detection.Identification;

namespace Weir.Detection;

/// <summary>What is known of one request before it is classified. Borrows its texts; lives on the stack.</summary>
/// <remarks>All texts are hostile. <c>default</c> of any of them means "not sent" or "not known".</remarks>
public readonly ref struct RequestFacts
{
    /// <summary>When the request arrived, milliseconds since 1970-01-01 UTC. Decides which range list may judge it.</summary>
    public required long TimeMs { get; init; }

    /// <summary>Who asks, trusted proxies peeled off.</summary>
    public ClientAddress ClientAddress { get; init; }

    /// <summary>Whether the site lets no whole address be stored: what is found out about this one late is then told nobody.</summary>
    public bool IsAddressHidden { get; init; }

    /// <summary>Request method, as sent.</summary>
    public ReadOnlySpan<char> Method { get; init; }

    /// <summary>Path with its leading slash, without the query.</summary>
    public ReadOnlySpan<char> Path { get; init; }

    /// <summary>Query without its leading question mark.</summary>
    public ReadOnlySpan<char> Query { get; init; }

    /// <summary>The User-Agent header as sent.</summary>
    public ReadOnlySpan<char> UserAgent { get; init; }

    /// <summary>The Referer header as sent.</summary>
    public ReadOnlySpan<char> Referrer { get; init; }

    /// <summary>The host that was asked, without port; empty when not known. A referrer on it is the site's own.</summary>
    public ReadOnlySpan<char> Host { get; init; }

    /// <summary>What the site's settings say of the path.</summary>
    public PathMark PathMark { get; init; }

    /// <summary>Header facts; <see cref="HeaderFacts.AreKnown"/> is false for a request read from an access log.</summary>
    public HeaderFacts Headers { get; init; }

    /// <summary>The greeting of the client's TLS; null without TLS, or where somebody else ended it.</summary>
    public TlsFacts? Tls { get; init; }

    /// <summary>The request for whoever checks its signature; null when it carries none.</summary>
    public ISignedRequest? Signed { get; init; }
}

/// <summary>The request headers that detection looks at besides user agent and referrer, and how they came.</summary>
public readonly ref struct HeaderFacts
{
    /// <summary>Whether headers were seen at all. When false, an empty header proves nothing.</summary>
    public bool AreKnown { get; init; }

    /// <summary>Accept.</summary>
    public ReadOnlySpan<char> Accept { get; init; }

    /// <summary>Accept-Language.</summary>
    public ReadOnlySpan<char> AcceptLanguage { get; init; }

    /// <summary>Accept-Encoding.</summary>
    public ReadOnlySpan<char> AcceptEncoding { get; init; }

    /// <summary>Sec-CH-UA.</summary>
    public ReadOnlySpan<char> SecChUa { get; init; }

    /// <summary>Sec-CH-UA-Mobile.</summary>
    public ReadOnlySpan<char> SecChUaMobile { get; init; }

    /// <summary>Sec-CH-UA-Platform.</summary>
    public ReadOnlySpan<char> SecChUaPlatform { get; init; }

    /// <summary>Sec-Fetch-Site.</summary>
    public ReadOnlySpan<char> SecFetchSite { get; init; }

    /// <summary>Sec-Fetch-Mode.</summary>
    public ReadOnlySpan<char> SecFetchMode { get; init; }

    /// <summary>Sec-Fetch-Dest.</summary>
    public ReadOnlySpan<char> SecFetchDest { get; init; }

    /// <summary>Sec-Fetch-User.</summary>
    public ReadOnlySpan<char> SecFetchUser { get; init; }

    /// <summary>Whether a Cookie header was sent.</summary>
    public bool HasCookie { get; init; }

    /// <summary>Whether Upgrade-Insecure-Requests was sent, as browsers do for pages.</summary>
    public bool HasUpgradeInsecure { get; init; }

    /// <summary>Whether X-Requested-With was sent: an app's window or a page's script speaks.</summary>
    public bool HasRequestedWith { get; init; }

    /// <summary>Whether the request opens a WebSocket, for which browsers send few headers and speak HTTP/1.1.</summary>
    public bool IsWebSocket { get; init; }

    /// <summary>Whether a proxy that the site does not know left marks: Via, X-Forwarded-For and the like.</summary>
    public bool HasProxyMarks { get; init; }

    /// <summary>Whether a proxy of the site's own handed the request on: then Accept-Encoding is the proxy's and not the client's.</summary>
    public bool IsRelayed { get; init; }

    /// <summary>HTTP version that the client spoke, times ten: 10, 11, 20, 30; 0 when unknown.</summary>
    public byte HttpVersion { get; init; }

    /// <summary>What carried the client's request.</summary>
    public Transport Transport { get; init; }

    /// <summary>In which order some headers came; <c>default</c> when it is not known.</summary>
    public HeaderOrder Order { get; init; }
}

/// <summary>What carries a request.</summary>
public enum Transport : byte
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>No TLS.</summary>
    Plain = 1,

    /// <summary>TLS.</summary>
    Tls = 2,
}
