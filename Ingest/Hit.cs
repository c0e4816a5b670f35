using Weir.Detection;
using Weir.Detection.Places;

namespace Weir.Ingest;

/// <summary>One request as stored. The columns of table <c>hits</c>, in their order.</summary>
public readonly record struct Hit
{
    /// <summary>When the request arrived, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The site asked.</summary>
    public required SiteId Site { get; init; }

    /// <summary>Unique within its site and time; shown to people as 16 hex digits (the request id).</summary>
    public required ulong HitId { get; init; }

    /// <summary>How the hit came to be known.</summary>
    public HitSource Source { get; init; }

    /// <summary>Who asked, trusted proxies peeled off.</summary>
    public ClientAddress ClientAddress { get; init; }

    /// <summary>What of <see cref="ClientAddress"/> is stored. The hit itself has the whole address, and never leaves memory.</summary>
    public AddressForm AddressForm { get; init; }

    /// <summary>Request method.</summary>
    public string Method { get; init; }

    /// <summary>Host header without port, lower case.</summary>
    public string Host { get; init; }

    /// <summary>Path with its leading slash: a part of the target as it was received, so that recording a request makes no text.</summary>
    public ReadOnlyMemory<char> PathText { get; init; }

    /// <summary>Query without its leading question mark; a part of the target likewise.</summary>
    public ReadOnlyMemory<char> QueryText { get; init; }

    /// <summary><see cref="PathText"/> as a string; reading it may make one.</summary>
    public string Path { get => PathText.ToString(); init => PathText = value.AsMemory(); }

    /// <summary><see cref="QueryText"/> as a string; reading it may make one.</summary>
    public string Query { get => QueryText.ToString(); init => QueryText = value.AsMemory(); }

    /// <summary>HTTP version times ten; 0 when unknown.</summary>
    public byte HttpVersion { get; init; }

    /// <summary>Response status; 0 when the client went away before one.</summary>
    public ushort Status { get; init; }

    /// <summary>Response body bytes sent.</summary>
    public ulong BytesSent { get; init; }

    /// <summary>From the request's arrival to the response's end, microseconds; 0 when unknown.</summary>
    public uint DurationUs { get; init; }

    /// <summary>What of <see cref="DurationUs"/> the edge took for itself: without the wait for the origin and the passing of its body, microseconds; 0 when unknown.</summary>
    public uint EdgeUs { get; init; }

    /// <summary>Where the client is.</summary>
    public Country Country { get; init; }

    /// <summary>Number of the client's network; 0 when unknown.</summary>
    public uint Asn { get; init; }

    /// <summary>User-Agent header as sent, bounded.</summary>
    public string UserAgent { get; init; }

    /// <summary>Referer header as sent, bounded.</summary>
    public string Referrer { get; init; }

    /// <summary>What went wrong between edge and origin; empty when nothing did. A short fixed word such as <c>origin-refused</c>.</summary>
    public string Error { get; init; }

    /// <summary>Detection's answer.</summary>
    public Verdict Verdict { get; init; }

    /// <summary>The rule of the site's policy that decided; null when none did.</summary>
    public string? PolicyRule { get; init; }

    /// <summary>What it did.</summary>
    public PolicyAction PolicyAction { get; init; }

    /// <summary>The rule in dry run that would have decided, were it enforced; null when none would.</summary>
    public string? DryRunRule { get; init; }

    /// <summary>What that rule would have done.</summary>
    public PolicyAction DryRunAction { get; init; }

    /// <summary>What the edge's response cache did.</summary>
    public CacheResult Cache { get; init; }
}

/// <summary>How a hit came to be known. Stored numbers: may grow, never change.</summary>
public enum HitSource : byte
{
    /// <summary>Seen live at the edge.</summary>
    Edge = 1,

    /// <summary>Read from an access log.</summary>
    Import = 2,
}
