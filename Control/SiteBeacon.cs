namespace Weir.Control;

/// <summary>How a site's pages come by the script that says that a browser ran it.</summary>
public enum BeaconMode
{
    /// <summary>Not at all.</summary>
    Off,

    /// <summary>Its owner writes the tag.</summary>
    Tag,

    /// <summary>The edge puts the tag into pages as they pass.</summary>
    Inject,
}

/// <summary>A site's beacon.</summary>
public sealed record SiteBeacon
{
    /// <summary>How pages come by the script.</summary>
    public BeaconMode Mode { get; init; }

    /// <summary>Whether a session cookie keeps the proof.</summary>
    public bool UsesCookies { get; init; }
}

