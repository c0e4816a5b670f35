using Weir.Control;
using Weir.Detection;

namespace Weir.Settings;

/// <summary>Checks a definition as the edge will read it, and that no file has its hosts.</summary>
/// <param name="around">What is known of the edge that will serve it.</param>
/// <param name="files">Sites of files, as they are at each check.</param>
internal sealed class SiteDefinitionCheck(SiteSurroundings around, ISiteFiles files) : ISiteDefinitionCheck
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Check(SiteId id, string json)
    {
        var errors = new SettingErrors();
        var read = SiteDefinitions.ReadStored(id, json, around, errors);
        for (int i = 0; i < read?.Site.Hosts.Count; i++)
        {
            if (files.FindHost(read.Site.Hosts[i]) is { } owner && owner.Site.Id != id)
            {
                errors.Add(read.HostsAt[i], "hosts", $"The host '{read.Site.Hosts[i]}' belongs to site {owner.Site.Id} of {owner.Place}.",
                    "A host belongs to one site: remove it there first, or leave it out here.");
            }
        }
        return [.. errors.All.Select(e => e.ToString())];
    }

    /// <inheritdoc/>
    public Site? Read(SiteId id, string json)
    {
        var errors = new SettingErrors();
        var read = SiteDefinitions.ReadStored(id, json, around, errors);
        return errors.All.Count == 0 ? read?.Site : null;
    }
}
