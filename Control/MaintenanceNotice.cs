using System.Net;

namespace Weir.Control;

/// <summary>What visitors get while a site is being worked on.</summary>
public sealed record MaintenanceNotice
{
    /// <summary>What they are told; plain text.</summary>
    public string Message { get; init; } = "This website is being worked on and will be back soon.";

    /// <summary>Seconds after which they may come again.</summary>
    public int RetryAfterSeconds { get; init; } = 600;

    /// <summary>Client addresses that reach the site all the same.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];
}
