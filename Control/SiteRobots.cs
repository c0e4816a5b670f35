using Weir.Detection.Robots;

namespace Weir.Control;

/// <summary>Who writes a site's robots.txt. The words reach the store: they may grow, never change.</summary>
public enum RobotsMode : byte
{
    /// <summary>The origin.</summary>
    Pass = 0,

    /// <summary>The edge, by the settings.</summary>
    Managed = 1,

    /// <summary>Both: the settings win for the crawlers they name, and the rest of the origin's file stays.</summary>
    Merged = 2,
}

/// <summary>A site's robots.txt.</summary>
public sealed record SiteRobots
{
    /// <summary>Who writes it.</summary>
    public RobotsMode Mode { get; init; }

    /// <summary>What the settings say.</summary>
    public RobotsPlan Plan { get; init; } = new();

    /// <summary>Age at which the origin's file is asked for again, when it is merged.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromMinutes(15);
}
