namespace Weir.Control;

/// <summary>How a site finds out which of its origins are well.</summary>
public sealed record OriginHealth
{
    /// <summary>What each origin is asked beside the requests; null when only requests tell.</summary>
    public OriginCheck? Check { get; init; }

    /// <summary>Whether answers 502, 503 and 504 of an origin count against it.</summary>
    public bool CountsGatewayErrors { get; init; }

    /// <summary>Whether answers that do not come in time count against it. Failed connections always do, each at once.</summary>
    public bool CountsTimeouts { get; init; } = true;

    /// <summary>So many of these in a row, with no good answer between, and the origin is left out for a while; at least 1.</summary>
    public int FailuresMax { get; init; } = 3;
}

/// <summary>A question that an origin is asked again and again. Equal checks of one origin are one, whichever sites ask.</summary>
public sealed record OriginCheck
{
    /// <summary>Path and query, with a leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>The Host header; null for the origin's own name.</summary>
    public string? Host { get; init; }

    /// <summary>Time from one check to the next, give or take a tenth.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Lowest status of a good answer.</summary>
    public int StatusMin { get; init; } = 200;

    /// <summary>Highest status of a good answer.</summary>
    public int StatusMax { get; init; } = 399;

    /// <summary>Good answers in a row that make an origin healthy; at least 1.</summary>
    public int HealthyAfter { get; init; } = 2;

    /// <summary>Bad answers in a row that make it unhealthy; at least 1.</summary>
    public int UnhealthyAfter { get; init; } = 3;
}
