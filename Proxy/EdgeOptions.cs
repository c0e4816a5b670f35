using System.Net;
using System.Security.Cryptography;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;

namespace Weir.Proxy;

/// <summary>How the edge listens, whom it believes and what it bears.</summary>
public sealed record EdgeOptions
{
    /// <summary>Where it listens.</summary>
    public IReadOnlyList<ListenAddress> Listen { get; init; } = [new(null, 8080)];

    /// <summary>Whether the edge ends TLS anywhere.</summary>
    public bool IsTlsUsed => Listen.Any(l => l.IsHttps);

    /// <summary>Where certificates come from, when something listens with TLS.</summary>
    public CertificateOptions Certificates { get; init; } = new();

    /// <summary>Proxies in front of it, whose forwarded headers are believed; nobody by default.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The header those proxies write.</summary>
    public ForwardedHeader ForwardedHeader { get; init; }

    /// <summary>Share of crawlers' fetches of HTML that are read for what they show, 0 (none) to 1 (all).</summary>
    public double ContentSample { get; init; } = 1;

    /// <summary>Pages that may be copied or wait to be read at once; more are shed and counted. 512 KiB each at most: 32 MB.</summary>
    public int ContentQueueMax { get; init; } = 64;

    /// <summary>Which files say where clients are.</summary>
    public Places.PlaceOptions Places { get; init; } = new();

    /// <summary>The Redis through which limits are shared with other edges; null when they are this edge's alone.</summary>
    public SharedLimits.SharedLimitOptions? SharedLimits { get; init; }

    /// <summary>Makes what the edge gives visitors to keep unreadable and unguessable; random when nobody keeps one.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>Bounds of time and space.</summary>
    public EdgeLimits Limits { get; init; } = new();
}

/// <summary>What one client, one request and one origin may take.</summary>
public sealed record EdgeLimits
{
    /// <summary>Open connections; one more is closed at once and counted. At about 13 KB each, the default holds 130 MB.</summary>
    public int ConnectionsMax { get; init; } = 10_000;

    /// <summary>Bytes of all request headers together, and of an origin's response headers.</summary>
    public int HeaderBytesMax { get; init; } = 64 * 1024;

    /// <summary>Number of request headers.</summary>
    public int HeadersMax { get; init; } = 200;

    /// <summary>Bytes of the request line: method, target and version.</summary>
    public int RequestLineBytesMax { get; init; } = 16 * 1024;

    /// <summary>Request body bytes for sites that set none; null for no bound, because an edge must not know better than the origin.</summary>
    public long? BodyBytesMax { get; init; }

    /// <summary>How long a client may take to send its request headers.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may wait for its next request.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long connecting to an origin may take, TLS included.</summary>
    public TimeSpan OriginConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an origin, or an open WebSocket, may be silent.</summary>
    public TimeSpan OriginIdleTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Requests that one origin may have under way; one more is answered with 503. More than this it does not serve but queue.</summary>
    public int OriginRequestsMax { get; init; } = 4096;

    /// <summary>Whether programs are sent away (503) from an origin that is slower than usual or has half of its requests under way.</summary>
    public bool ShedCrawlers { get; init; } = true;

    /// <summary>How long requests under way may take to end when the edge stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that the kept answers of all sites may take; the least recently used give way.</summary>
    public long CacheBytesMax { get; init; } = 256L * 1024 * 1024;
}
