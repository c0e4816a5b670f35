namespace Weir.Proxy.Origins;

/// <summary>What an origin has to do and how fast it answers.</summary>
/// <param name="UnderWay">Requests whose answer is not whole.</param>
/// <param name="Waiting">Of these, the ones whose answer has not begun.</param>
/// <param name="RequestsMax">Most that may be under way.</param>
/// <param name="RecentMs">Milliseconds to an answer, of late; or since anybody got one, when that is longer.</param>
/// <param name="UsualMs">Milliseconds to an answer, as usual; 0 while unknown.</param>
internal readonly record struct LoadFacts(int UnderWay, int Waiting, int RequestsMax, double RecentMs, double UsualMs);

/// <summary>How hard pressed an origin is. The numbers are those of <c>weir.edge.origin.pressure</c>.</summary>
internal enum Pressure : byte
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>Programs and crawlers that nobody vouches for are sent away.</summary>
    High = 1,

    /// <summary>Verified crawlers too.</summary>
    Severe = 2,

    /// <summary>Everybody.</summary>
    Full = 3,
}

/// <summary>Who asks, as far as it matters under pressure.</summary>
internal enum Caller : byte
{
    /// <summary>Likely a person, or nobody knows.</summary>
    Person = 0,

    /// <summary>A crawler that is who it says.</summary>
    VerifiedCrawler = 1,

    /// <summary>Another program.</summary>
    Program = 2,
}
