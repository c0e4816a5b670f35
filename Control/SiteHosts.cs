using System.Collections.Frozen;
using Weir.Detection;

namespace Weir.Control;

/// <summary>Finds which of a tenant's sites an address is on. Immutable.</summary>
public sealed class SiteHosts
{
    private readonly FrozenSet<SiteId> _sites;
    private readonly FrozenDictionary<string, SiteId> _byHost;

    /// <summary>Takes the tenant's sites and who has which host; of two, the first counts.</summary>
    /// <param name="sites">All sites of the tenant.</param>
    /// <param name="hosts">Hosts, exact or <c>*.example.com</c>, lower case.</param>
    public SiteHosts(IEnumerable<SiteId> sites, IEnumerable<(string Host, SiteId Site)> hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        _sites = [.. sites];
        _byHost = hosts.DistinctBy(h => h.Host, StringComparer.Ordinal).ToFrozenDictionary(h => h.Host, h => h.Site, StringComparer.Ordinal);
    }

    /// <summary>All sites of the tenant.</summary>
    public IReadOnlySet<SiteId> Sites => _sites;

    /// <summary>The site of a host: the one that names it, else the one with the closest wildcard, else the one whose id it is; null when it is none of the tenant's.</summary>
    /// <param name="host">A host name in its ASCII form.</param>
    public SiteId? Find(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        string name = host.TrimEnd('.').ToLowerInvariant();
        if (_byHost.TryGetValue(name, out var site))
            return site;
        // As the edge reads a wildcard: one label more at least.
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_byHost.TryGetValue($"*{name[dot..]}", out site))
                return site;
        }
        return SiteId.TryParse(name, null, out site) && _sites.Contains(site) ? site : null;
    }
}
