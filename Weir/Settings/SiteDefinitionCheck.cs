using Weir.Control;
using Weir.Detection;

namespace Weir.Settings;

/// <summary>Checks a definition as the edge will read it, and that no file has its hosts.</summary>
/// <param name="around">What is known of the edge that will serve it.</param>
/// <param name="fileSites">Sites of the settings.</param>
/// <param name="place">What people call their file.</param>
internal sealed class SiteDefinitionCheck(SiteSurroundings around, IReadOnlyList<Site> fileSites, string place) : ISiteDefinitionCheck
{
    private readonly Dictionary<string, SiteId> _fileHosts = HostsOf(fileSites);

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(SiteId id, string json)
    {
        var errors = new SettingErrors();
        var read = SiteDefinitions.ReadStored(id, json, around, errors);
        for (int i = 0; i < read?.Site.Hosts.Count; i++)
        {
            if (_fileHosts.TryGetValue(read.Site.Hosts[i], out var owner) && owner != id)
                errors.Add(read.HostsAt[i], "hosts", $"The host '{read.Site.Hosts[i]}' belongs to site {owner} of {place}.", "A host belongs to one site: remove it there first, or leave it out here.");
        }
        return [.. errors.All.Select(e => e.ToString())];
    }

    private static Dictionary<string, SiteId> HostsOf(IReadOnlyList<Site> sites)
    {
        var owners = new Dictionary<string, SiteId>(StringComparer.Ordinal);
        foreach (var site in sites)
        {
            foreach (string host in site.Hosts)
                owners.TryAdd(host, site.Id);
        }
        return owners;
    }
}
