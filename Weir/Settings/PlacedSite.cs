using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Connection;

namespace Weir.Settings;

/// <summary>A site and where it was written, so that a conflict can name both sides.</summary>
/// <param name="Site">The site.</param>
/// <param name="At">Where its id stands.</param>
/// <param name="HostsAt">Where each of its hosts stands, in the order of <see cref="Site.Hosts"/>.</param>
/// <param name="Json">Its definition, by which a change is told from a mere new look. Empty when it was not written anywhere.</param>
internal sealed record PlacedSite(Site Site, string At, IReadOnlyList<string> HostsAt, string Json)
{
    /// <summary>A site that a flag or the program itself defines.</summary>
    public static PlacedSite Of(Site site, string at) => new(site, at, [.. site.Hosts.Select(_ => at)], "");
}

/// <summary>Ids and hosts that a source has taken so far, with where they stand.</summary>
internal sealed class SiteNames
{
    /// <summary>Place of each id.</summary>
    public Dictionary<SiteId, string> Ids { get; } = [];

    /// <summary>Place of each host, as <see cref="Site.Hosts"/> writes it.</summary>
    public Dictionary<string, string> Hosts { get; } = new(StringComparer.Ordinal);
}

/// <summary>What a site's settings are judged by beside themselves.</summary>
/// <param name="Listen">Where the edge listens, so that no origin leads back to it.</param>
/// <param name="IsBehindProxies">Whether proxies in front are believed, which may end TLS.</param>
internal sealed record SiteSurroundings(IReadOnlyList<ListenAddress> Listen, bool IsBehindProxies)
{
    /// <summary>For whoever reads a site without being its edge: nothing is known, so nothing is held against it.</summary>
    public static readonly SiteSurroundings Unknown = new([], IsBehindProxies: true);

    /// <summary>Folder that relative paths written in a file are relative to.</summary>
    public string Folder { get; init; } = ".";

    /// <summary>Whether clients can come by HTTPS.</summary>
    public bool IsHttpsPossible => IsBehindProxies || Listen.Any(l => l.IsHttps);
}
