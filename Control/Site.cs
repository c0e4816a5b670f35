using Weir.Detection;

namespace Weir.Control;

/// <summary>One website with its settings.</summary>
public sealed record Site
{
    /// <summary>The site's id.</summary>
    public required SiteId Id { get; init; }

    /// <summary>Host names it answers for: exact (<c>www.example.com</c>), wildcard (<c>*.example.com</c>) or <c>*</c> for any.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Origins that requests are forwarded to, 64 at most, at least one of them with a weight.</summary>
    public required IReadOnlyList<SiteOrigin> Origins { get; init; }

    /// <summary>How it is found out which origins are well.</summary>
    public OriginHealth Health { get; init; } = new();

    /// <summary>Whether a visitor stays with the origin that answered first, by a cookie of the edge's.</summary>
    public bool IsSticky { get; init; }

    /// <summary>How long the origins may take; null for the edge's own bounds.</summary>
    public OriginTimeouts? Timeouts { get; init; }

    /// <summary>Whether an origin's name may lead to an address of a private network. Addresses and localhost always may.</summary>
    public bool AllowsPrivateOrigins { get; init; }

    /// <summary>Certificates in PEM that alone vouch for the site's https origins; null for those that the system trusts.</summary>
    public string? OriginCa { get; init; }

    /// <summary>Host and path that the origin gets instead of the client's; null for the same.</summary>
    public SiteRewrite? Rewrite { get; init; }

    /// <summary>Set while visitors get a notice instead of the site.</summary>
    public MaintenanceNotice? Maintenance { get; init; }

    /// <summary>Whether the origin gets the Host header as the client sent it; otherwise the origin's own name.</summary>
    public bool PassHost { get; init; } = true;

    /// <summary>The headers by which the origin learns who asked, and how.</summary>
    public ForwardedStyle Forwarded { get; init; }

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

    /// <summary>What is kept of its visitors, and for how long.</summary>
    public SitePrivacy Privacy { get; init; } = new();

    /// <summary>How answers are kept at the edge; null keeps none.</summary>
    public SiteCache? Cache { get; init; }
}
