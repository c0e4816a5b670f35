using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Hosting;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>What a command that stores or deletes must know of sites, wherever they are defined.</summary>
internal static class SiteLookup
{
    /// <summary>What is kept of a site's visitors: by the sites in force of files and of a running weir, else by the control store, else all.</summary>
    /// <exception cref="CommandException">A source of sites cannot be read, or the site's definition is wrong.</exception>
    public static async Task<SitePrivacy> PrivacyOfAsync(SiteId site, WeirSettings settings, SettingsSource source, CancellationToken stop)
    {
        using (var sites = SiteSources.Open(settings, source, settings.Data, hasControl: true, NullLoggerFactory.Instance))
        {
            if (sites.InForce.Sites.FirstOrDefault(s => s.Id == site) is { } found)
                return found.Privacy;
        }
        if (settings.SharedControl is null && !File.Exists(Path.Combine(settings.Data, ControlDatabase.FileName)))
            return new SitePrivacy();
        SitePrivacy? stored = null;
        await ControlStores.UseAsync(settings.SharedControl, settings.Data, async store =>
        {
            if (await new SqlSiteDefinitions(store, TimeProvider.System).FindAsync(site, stop) is { Json: { } json })
                stored = Read(site, json, settings);
        }, stop);
        return stored ?? new SitePrivacy();
    }

    private static SitePrivacy? Read(SiteId site, string json, WeirSettings settings)
    {
        var errors = new SettingErrors();
        var read = SiteDefinitions.ReadStored(site, json, settings.Surroundings, errors);
        return errors.All.Count == 0 ? read?.Site.Privacy : throw new CommandException(string.Join("\nweir: ", errors.All));
    }
}
