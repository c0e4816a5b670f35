using Weir.Hosting;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>Reads the sites of the settings as a first start would, for <c>weir check</c>.</summary>
internal static class SiteCheck
{
    /// <summary>Reads the settings' own sites and the folder's.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="wrong">Every error and every conflict.</param>
    public static SiteSet Read(WeirSettings settings, out IReadOnlyList<SettingError> wrong)
    {
        var set = new SiteSet();
        var readings = new List<PlaceReading> { PlaceReading.Good(new SitePlace(SiteSource.Settings, ""), settings.PlacedSites) };
        var errors = new List<SettingError>();
        if (settings.SitesFolder is { } path)
        {
            var folder = new SiteFolder(path, settings.Surroundings);
            readings.AddRange(folder.Look(isFirst: true));
            if (folder.Trouble is { } why)
                errors.Add(new SettingError(path, "sitesFolder", $"The folder cannot be read: {why}.", "Make it, or name another."));
        }
        set.Apply(readings);
        wrong = [.. errors, .. set.Refusals.Select(r => r.Error)];
        return set;
    }

    /// <summary>How many sites come from where; empty when there is but one source.</summary>
    public static string Sources(WeirSettings settings, SiteSet set)
    {
        if (settings.SitesFolder is null)
            return "";
        int files = set.InForce.Values.Count(s => s.Place.Source == SiteSource.Folder);
        return $": {Banner.Count(set.InForce.Count - files, "site")} of the settings, {Banner.Count(files, "site")} of {settings.SitesFolder}";
    }
}
