using Weir.Detection.Signals.Clients;

namespace Weir.Detection.Signals;

/// <summary>Weir's own rule: which reasons a client's behaviour gives.</summary>
/// <remarks>
/// The sequential test says when, the reasons say why. A client that it has called a program needs few instances of a reason, one that it has
/// not called needs many, and one called a person is held none of the weak ones. How fast the origin answers is no sign of anybody.
/// </remarks>
internal static class WeirRule
{
    /// <summary>Requests a minute that one person hardly makes, assets included.</summary>
    public const int HighRate = 600;

    /// <summary>Requests a minute that no person makes.</summary>
    public const int ExtremeRate = 2400;

    // Beyond this many people the counters are full.
    private const int SharersMax = 8;
    private const int ExtremeSharersMax = 3;
    private const int DistinctMax = 200;

    // ± 19 % about the mean, and too slow for a browser's own burst: 8 is log₂ of 255 ms.
    private const float SteadySpread = 0.25f;
    private const float SteadyMean = 8f;

    /// <summary>The reasons that hold.</summary>
    /// <param name="behaviour">What the client did so far.</param>
    /// <param name="isSharedNetwork">Whether the address belongs to a network whose clients share addresses.</param>
    /// <param name="siteHasAssets">Whether the host serves the parts of its pages itself.</param>
    public static ReasonSet Reasons(in Behaviour behaviour, bool isSharedNetwork, bool siteHasAssets)
    {
        int sharers = isSharedNetwork ? SharersMax : Math.Clamp(behaviour.UserAgents, 1, SharersMax);
        var reasons = behaviour.RequestsAMinute >= ExtremeRate * Math.Min(sharers, ExtremeSharersMax) ? default(ReasonSet).With(Reason.RequestRateExtreme)
            : behaviour.RequestsAMinute >= HighRate * sharers ? default(ReasonSet).With(Reason.RequestRateHigh) : default;
        if (behaviour.TookHoneypot)
            reasons = reasons.With(Reason.HoneypotVisited);
        if (behaviour.RanBeacon)
            reasons = reasons.With(Reason.BeaconRan);
        if (behaviour.ReadRobotsTxt)
            reasons = reasons.With(Reason.RobotsTxtFetched);
        return behaviour.Called == Called.Person ? reasons : reasons.With(Weak(behaviour, sharers, siteHasAssets));
    }

    private static ReasonSet Weak(in Behaviour behaviour, int sharers, bool siteHasAssets)
    {
        bool isEarly = behaviour.Called == Called.Program;
        var reasons = default(ReasonSet);
        if (siteHasAssets && behaviour.Assets == 0 && behaviour.Pages >= (isEarly ? 3 : 10))
            reasons = reasons.With(Reason.PagesWithoutAssets);
        if (behaviour.Errors >= (isEarly ? 4 : 12) && behaviour.Errors * 2 > behaviour.Answers)
            reasons = reasons.With(Reason.ManyErrors);
        if (behaviour.Offers >= (isEarly ? 3 : 6) && (behaviour.Marks & (Marks.CookieSent | Marks.BeaconRan)) == Marks.None)
            reasons = reasons.With(Reason.OfferIgnored);
        if (behaviour.Gaps < (isEarly ? 8 : 16))
            return reasons;
        int distinct = behaviour.DistinctPages;
        if (distinct >= Math.Min((isEarly ? 50 : 80) * sharers, DistinctMax))
            reasons = reasons.With(Reason.BroadCrawl);
        // One page asked for again and again is a page that reloads itself.
        if (distinct >= 5 && behaviour.PaceMean >= SteadyMean && behaviour.PaceSpread <= SteadySpread)
            reasons = reasons.With(Reason.SteadyPace);
        return reasons;
    }
}
