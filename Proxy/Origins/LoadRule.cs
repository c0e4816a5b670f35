using Weir.Detection;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Decides who is sent away from an origin that has too much to do: programs first, then verified crawlers, people last. Pure.</summary>
internal static class LoadRule
{
    /// <summary>Fewer requests waiting than this are no load, however slow their answers: a crawler that reads a slow page is alone with it.</summary>
    public const int WaitingMin = 8;

    /// <summary>Answers faster than this are nobody's trouble, whatever is usual.</summary>
    public const double SlowMsMin = 500;

    /// <summary>So many times the usual time is high pressure: a server that queues doubles first and climbs from there.</summary>
    public const double HighFactor = 3;

    /// <summary>So many times the usual time is severe pressure.</summary>
    public const double SevereFactor = 6;

    /// <summary>How hard pressed an origin is by the speed of its answers.</summary>
    public static Pressure BySpeed(in LoadFacts f)
    {
        if (f.UsualMs <= 0 || f.Waiting < WaitingMin || f.RecentMs < SlowMsMin || f.RecentMs < HighFactor * f.UsualMs)
            return Pressure.None;
        return f.RecentMs < SevereFactor * f.UsualMs ? Pressure.High : Pressure.Severe;
    }

    /// <summary>How hard pressed it is by the number of requests under way: half and three quarters of what it may have.</summary>
    public static Pressure ByNumber(in LoadFacts f)
    {
        if (f.UnderWay >= f.RequestsMax)
            return Pressure.Full;
        // Small bounds are queues of their own making; half of four is no pressure.
        if (f.UnderWay < WaitingMin || f.UnderWay * 2L < f.RequestsMax)
            return Pressure.None;
        return f.UnderWay * 4L < f.RequestsMax * 3L ? Pressure.High : Pressure.Severe;
    }

    /// <summary>How hard pressed it is, by whichever is worse.</summary>
    public static Pressure Of(in LoadFacts f) => (Pressure)Math.Max((byte)BySpeed(f), (byte)ByNumber(f));

    /// <summary>Why a caller is sent away; <see cref="EdgeError.None"/> when it is not.</summary>
    public static EdgeError Refuses(in LoadFacts f, Caller caller)
    {
        if (ByNumber(f) is var byNumber && IsSentAway(byNumber, caller))
            return byNumber == Pressure.Full ? EdgeError.OriginFull : EdgeError.OriginBusy;
        return IsSentAway(BySpeed(f), caller) ? EdgeError.OriginSlow : EdgeError.None;
    }

    /// <summary>What a verdict means under pressure. In doubt a person.</summary>
    public static Caller CallerOf(in Verdict verdict) => verdict.Kind switch
    {
        VerdictKind.Crawler => verdict.Identity == Identity.Verified ? Caller.VerifiedCrawler : Caller.Program,
        VerdictKind.Automation => Caller.Program,
        _ => Caller.Person,
    };

    private static bool IsSentAway(Pressure pressure, Caller caller) => caller switch
    {
        Caller.Person => pressure == Pressure.Full,
        Caller.VerifiedCrawler => pressure >= Pressure.Severe,
        _ => pressure >= Pressure.High,
    };
}
