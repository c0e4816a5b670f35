namespace Weir.Control;

/// <summary>What differs between a request as the client sent it and as the origin gets it.</summary>
public sealed record SiteRewrite
{
    /// <summary>The Host header that the origin gets; null to leave it to <see cref="Site.PassHost"/>.</summary>
    public string? Host { get; init; }

    /// <summary>Taken off the front of paths that have it, such as <c>/shop</c>; empty for none. Other paths pass as they are.</summary>
    public string StripPrefix { get; init; } = "";

    /// <summary>Put before the rest, such as <c>/v2</c>; empty for none.</summary>
    public string AddPrefix { get; init; } = "";
}
