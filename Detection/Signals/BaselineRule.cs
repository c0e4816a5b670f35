using Weir.Detection.Signals.Clients;

namespace Weir.Detection.Signals;

/// <summary>The plain rule that Weir is measured against: five thresholds, each with its share of a sum.</summary>
/// <remarks>
/// More than 100 requests 0.3; more than 50 different pages 0.2; no script run 0.2; no cookie sent 0.1; answers faster than half a second
/// 0.2. It counts absences although nothing was offered, and calls the origin's speed a sign of the client: both are why it is no
/// default. As it was written it counts for ever; here it counts what the windows keep. It names no bound; 0.7 is the lowest confidence
/// at which its companions call a visit automated, and below 0.5 it would call everybody.
/// </remarks>
internal static class BaselineRule
{
    /// <summary>From this sum on a client is a program.</summary>
    public const float Bound = 0.7f;

    /// <summary>The sum, 0 to 1.</summary>
    public static float Score(int requests, int distinctPages, bool ranScript, bool sentCookie, int responseMs)
    {
        float score = 0;
        if (requests > 100)
            score += 0.3f;
        if (distinctPages > 50)
            score += 0.2f;
        if (!ranScript)
            score += 0.2f;
        if (!sentCookie)
            score += 0.1f;
        if (responseMs < 500)
            score += 0.2f;
        return Math.Min(score, 1);
    }

    /// <summary>The sum for a client.</summary>
    public static float Score(in Behaviour behaviour) => Score(behaviour.Answers, behaviour.DistinctPages,
        (behaviour.Marks & Marks.BeaconRan) != Marks.None, (behaviour.Marks & Marks.CookieSent) != Marks.None, behaviour.ResponseMs);

    /// <summary>Those of its thresholds that are passed and that a sentence can truly say, once the sum passes the bound.</summary>
    public static ReasonSet Reasons(in Behaviour behaviour)
    {
        var reasons = default(ReasonSet);
        // Sums of tenths are not exact.
        if (Score(behaviour) < Bound - 0.001f)
            return reasons;
        if (behaviour.Answers > 100)
            reasons = reasons.With(Reason.RequestRateHigh);
        if (behaviour.DistinctPages > 50)
            reasons = reasons.With(Reason.BroadCrawl);
        if (behaviour.Offers > 0 && (behaviour.Marks & (Marks.CookieSent | Marks.BeaconRan)) == Marks.None)
            reasons = reasons.With(Reason.OfferIgnored);
        return reasons;
    }
}
