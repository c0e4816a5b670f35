using Weir.Control;
using Weir.Proxy.Beacon;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>A page of a site that the edge answers itself, and that is a hit like every other.</summary>
internal enum OwnPage : byte
{
    /// <summary>None: the origin answers.</summary>
    None,

    /// <summary>/robots.txt, managed or merged.</summary>
    Robots,

    /// <summary>The trap.</summary>
    Trap,

    /// <summary>The beacon's script.</summary>
    BeaconScript,

    /// <summary>What the script calls.</summary>
    BeaconReport,
}

/// <summary>Which paths of a site the edge answers itself. Immutable.</summary>
internal sealed class SiteOwnPages
{
    private readonly bool _hasRobots;
    private readonly bool _hasBeacon;
    private readonly string? _trap;

    private SiteOwnPages(Site site) => (_hasRobots, _hasBeacon, _trap) =
        (site.Robots.Mode != RobotsMode.Pass, site.Beacon.Mode != BeaconMode.Off, site.TrapPath);

    /// <summary>A site's pages; null when there are none, as for most sites.</summary>
    public static SiteOwnPages? Of(Site site) =>
        new SiteOwnPages(site) is var pages && (pages._hasRobots || pages._hasBeacon || pages._trap is not null) ? pages : null;

    /// <summary>Which page a path is, as it was sent. Allocates nothing.</summary>
    public OwnPage Find(ReadOnlySpan<char> path)
    {
        if (_hasRobots && path is "/robots.txt")
            return OwnPage.Robots;
        bool isTrap = _trap is not null && path.StartsWith(_trap.AsSpan(0, _trap.Length - 1), StringComparison.Ordinal)
            && (path.Length == _trap.Length - 1 || path[_trap.Length - 1] == '/');
        if (isTrap)
            return OwnPage.Trap;
        return !_hasBeacon ? OwnPage.None : path switch
        {
            BeaconScript.Path => OwnPage.BeaconScript,
            BeaconScript.ReportPath => OwnPage.BeaconReport,
            _ => OwnPage.None,
        };
    }
}
