namespace Weir.Detection.Identification;

/// <summary>How range lists are fetched and kept.</summary>
public sealed record RangeRefreshOptions
{
    /// <summary>Time from one fetch of a list to the next, give or take a tenth.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long after a failure a list is tried again; doubled with each, up to <see cref="Interval"/>.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long one fetch may take, redirects included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest list, unpacked. The largest published one is under 1 MB.</summary>
    public int BytesMax { get; init; } = 8 << 20;

    /// <summary>How many redirects are followed.</summary>
    public int RedirectsMax { get; init; } = 4;

    /// <summary>How many fetches run at once.</summary>
    public int ConcurrencyMax { get; init; } = 2;

    /// <summary>How many versions of a list are kept.</summary>
    public int VersionsMax { get; init; } = 16;

    /// <summary>How long a version is kept after it was replaced.</summary>
    public TimeSpan VersionAgeMax { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Whether http and addresses of this machine may be fetched from. For tests; no setting leads here.</summary>
    internal bool AllowsLoopback { get; init; }
}
