using Microsoft.Extensions.Logging;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Policies;

namespace Weir.Proxy.Origins;

/// <summary>Lets a request through to an origin, or sends it away because the origin has too much to do. Safe from any thread; no lock.</summary>
internal sealed class Overload(EdgeOptions options, OriginMetrics metrics, ILogger<Overload> log)
{
    private readonly int _requestsMax = options.Limits.OriginRequestsMax;

    /// <summary>Counts the request as under way, or says why it is sent away.</summary>
    public EdgeError Admit(RequestContext r, Origin origin)
    {
        var load = origin.Load;
        // Nearly always: nobody is sent away from an origin with hardly anything to do.
        if (options.Limits.ShedCrawlers && load.UnderWay >= LoadRule.WaitingMin && TrySendAway(r, origin) is not EdgeError.None and var why)
            return why;
        if (load.TryBegin(r, _requestsMax))
            return EdgeError.None;
        metrics.Shed(EdgeError.OriginFull, LoadRule.CallerOf(r.Verdict));
        return EdgeError.OriginFull;
    }

    /// <summary>Seconds after which to come again.</summary>
    public static int RetryAfterSeconds(EdgeError why) => why switch
    {
        // A person tries again by hand; a program has time.
        EdgeError.OriginFull => 5,
        _ => 60,
    };

    private EdgeError TrySendAway(RequestContext r, Origin origin)
    {
        var facts = origin.Load.Facts(_requestsMax);
        var caller = LoadRule.CallerOf(r.Verdict);
        var why = caller == Caller.Person ? EdgeError.None : LoadRule.Refuses(facts, caller);
        // Who cannot read robots.txt may not crawl at all; these are small, and free of every rule.
        if (why is not (EdgeError.OriginSlow or EdgeError.OriginBusy) || FreePaths.IsFree(r.Path))
            return EdgeError.None;
        metrics.Shed(why, caller);
        if (origin.Load.TryTell())
            log.OriginPressed(origin.Url, (int)facts.RecentMs, (int)facts.UsualMs, facts.UnderWay);
        return why;
    }
}
