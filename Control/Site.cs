using Weir.Detection;

namespace Weir.Control;

/// <summary>One website with its settings.</summary>
public sealed record Site
{
    /// <summary>The site's id.</summary>
    public required SiteId Id { get; init; }

    /// <summary>Host names it answers for: exact (<c>www.example.com</c>), wildcard (<c>*.example.com</c>) or <c>*</c> for any.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Origins that requests are forwarded to; absolute http or https URLs.</summary>
    public required IReadOnlyList<Uri> Origins { get; init; }
}
