using Weir.Control;

namespace Weir.Settings;

/// <summary>Reads a site's beacon.</summary>
internal static class BeaconBinder
{
    /// <summary>Reads the section; a wrong value is noted.</summary>
    public static SiteBeacon Bind(Section beacon)
    {
        var mode = BeaconMode.Off;
        switch (beacon.Text("mode"))
        {
            case null or { Value: "off" }:
                break;
            case { Value: "tag" }:
                mode = BeaconMode.Tag;
                break;
            case { Value: "inject" }:
                mode = BeaconMode.Inject;
                break;
            case { } given:
                given.Refuse($"'{given.Value}' is no mode of the beacon.", "Write off, tag (you write the script tag into your pages) or inject (the edge does).");
                break;
        }
        return new SiteBeacon { Mode = mode, UsesCookies = beacon.Boolean("cookies", false) };
    }
}
