using Weir.Detection;

namespace Weir.Control;

/// <summary>One website with its settings.</summary>
public sealed record Site
{
    /// <summary>The site's id.</summary>
    public required SiteId Id { get; init; }

    /// <summary>Host names it answers for: exact (<c>www.example.com</c>), wildcard (<c>*.example.com</c>) or <c>*</c> for any.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Origins that requests are forwarded to; absolute http or https URLs, or h2c for HTTP/2 without TLS. No path, no query.</summary>
    public required IReadOnlyList<Uri> Origins { get; init; }

    /// <summary>Whether the origin gets the Host header as the client sent it; otherwise the origin's own name.</summary>
    public bool PassHost { get; init; } = true;

    /// <summary>Paths that robots.txt forbids and that no person can see a link to: who asks for one is a program. Exact, with their case.</summary>
    public IReadOnlyList<string> HoneypotPaths { get; init; } = [];

    /// <summary>What /robots.txt says.</summary>
    public SiteRobots Robots { get; init; } = new();

    /// <summary>Path below which only programs ask, answered by the edge; begins and ends with a slash. Null for none.</summary>
    public string? TrapPath { get; init; }

    /// <summary>How pages say that a browser ran their script.</summary>
    public SiteBeacon Beacon { get; init; } = new();

    /// <summary>Whether clients of plain HTTP are sent to HTTPS.</summary>
    public bool RedirectToHttps { get; init; }

    /// <summary>How long browsers may use HTTPS only; null leaves it to the origin.</summary>
    public StrictTransport? StrictTransport { get; init; }

    /// <summary>Whether the origin answers the challenges of certificate authorities itself.</summary>
    public bool AcmeToOrigin { get; init; }

    /// <summary>Largest request body in bytes; null for the edge's own limit.</summary>
    public long? BodyBytesMax { get; init; }

    /// <summary>How much one client may ask of the whole site, whatever its rules; null for any. Its action is <see cref="PolicyAction.Limit"/>.</summary>
    public PolicyRule? Limit { get; init; }

    /// <summary>What is done with whom, in order; the first rule that matches decides.</summary>
    public IReadOnlyList<PolicyRule> Policy { get; init; } = [];
}
