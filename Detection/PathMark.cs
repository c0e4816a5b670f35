namespace Weir.Detection;

/// <summary>What a site's own settings say of a path.</summary>
public enum PathMark : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A path that robots.txt forbids and that no person can see a link to.</summary>
    Honeypot,

    /// <summary>What the site's script calls when it runs.</summary>
    Beacon,
}
