using Microsoft.AspNetCore.Http;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>What an origin has to do and how fast it answers. Safe from any thread; no lock.</summary>
/// <remarks>Times are averaged by their logarithm, so that one slow report among fast pages moves little. The recent time follows some
/// sixteen answers. The usual time follows the recent one: slowly upwards, so that what lasts becomes usual after about ten minutes, and fast
/// downwards. Streams and open WebSockets wait for nobody; only the time to the answer's headers counts, of requests without a body.</remarks>
internal sealed class OriginLoad(TimeProvider time)
{
    private const int RecentAnswers = 16;

    // Before so many answers nothing is known to be usual.
    private const int WarmUpAnswers = 32;

    private static readonly TimeSpan UsualStep = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan UsualRise = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UsualFall = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TellStep = TimeSpan.FromMinutes(1);

    private int _underWay;
    private int _waiting;
    private int _answers;
    private long _recentBits;
    private long _usualBits;
    private long _usualAt;
    private long _quietSince;
    private long _toldAt;

    /// <summary>Requests sent there whose answer is not whole; a WebSocket counts until it is open.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>How it fares this moment.</summary>
    /// <param name="requestsMax">Most requests it may have under way.</param>
    public LoadFacts Facts(int requestsMax)
    {
        int waiting = Volatile.Read(ref _waiting);
        bool isWarm = Volatile.Read(ref _answers) >= WarmUpAnswers;
        double recent = isWarm ? Math.Exp(Double(ref _recentBits)) : 0;
        // Who hangs answers nobody, and so changes no average.
        double quiet = waiting > 0 ? time.GetElapsedTime(Volatile.Read(ref _quietSince)).TotalMilliseconds : 0;
        return new LoadFacts(UnderWay, waiting, requestsMax, Math.Max(recent, quiet), isWarm ? Math.Exp(Double(ref _usualBits)) : 0);
    }

    /// <summary>Counts a request that is about to be sent, unless too many are under way.</summary>
    /// <returns>Whether it may be sent; then <see cref="End"/> must follow.</returns>
    public bool TryBegin(RequestContext r, int requestsMax)
    {
        if (Interlocked.Increment(ref _underWay) > requestsMax)
        {
            Interlocked.Decrement(ref _underWay);
            return false;
        }
        r.SentAt = time.GetTimestamp();
        r.IsUnderWay = true;
        if (Interlocked.Increment(ref _waiting) == 1)
            Volatile.Write(ref _quietSince, r.SentAt);
        return true;
    }

    /// <summary>Notes that the answer's head is there.</summary>
    public void Answered(RequestContext r)
    {
        if (r.SentAt == 0)
            return;
        long now = time.GetTimestamp();
        StopWaiting(r, now, isLesson: !r.CanHaveBody);
        if (r.Http.Response.StatusCode == StatusCodes.Status101SwitchingProtocols || HttpMethods.IsConnect(r.Http.Request.Method))
            Leave(r);
    }

    /// <summary>Notes that a request is over.</summary>
    /// <param name="r">The request.</param>
    /// <param name="error">How it went; an answer that did not come in time is a lesson too.</param>
    public void End(RequestContext r, EdgeError error)
    {
        if (r.SentAt != 0)
            StopWaiting(r, time.GetTimestamp(), isLesson: error == EdgeError.OriginTimeout && !r.CanHaveBody);
        if (r.IsUnderWay)
            Leave(r);
    }

    /// <summary>Whether it is time to tell people again that it is slow.</summary>
    public bool TryTell()
    {
        long now = time.GetTimestamp(), last = Volatile.Read(ref _toldAt);
        // One of those who come at once tells.
        return (last == 0 || time.GetElapsedTime(last, now) >= TellStep) && Interlocked.CompareExchange(ref _toldAt, now, last) == last;
    }

    private void Leave(RequestContext r)
    {
        r.IsUnderWay = false;
        Interlocked.Decrement(ref _underWay);
    }

    private void StopWaiting(RequestContext r, long now, bool isLesson)
    {
        Interlocked.Decrement(ref _waiting);
        Volatile.Write(ref _quietSince, now);
        if (isLesson)
            Learn(time.GetElapsedTime(r.SentAt, now), now);
        r.SentAt = 0;
    }

    /// <summary>Takes one answer's time into the averages.</summary>
    internal void Learn(TimeSpan took, long now)
    {
        int answers = Volatile.Read(ref _answers);
        if (answers < WarmUpAnswers)
            answers = Interlocked.Increment(ref _answers);
        double logMs = Math.Log(Math.Max(took.TotalMilliseconds, 0.01));
        double share = 1.0 / Math.Clamp(answers, 1, RecentAnswers);
        long seen, next;
        do
        {
            seen = Volatile.Read(ref _recentBits);
            double recent = BitConverter.Int64BitsToDouble(seen);
            next = BitConverter.DoubleToInt64Bits(answers == 1 ? logMs : recent + share * (logMs - recent));
        }
        while (Interlocked.CompareExchange(ref _recentBits, next, seen) != seen);
        FollowUsual(BitConverter.Int64BitsToDouble(next), answers, now);
    }

    private void FollowUsual(double recent, int answers, long now)
    {
        long last = Volatile.Read(ref _usualAt);
        var elapsed = time.GetElapsedTime(last, now);
        bool isWarmingUp = answers < WarmUpAnswers;
        // Whoever moves the time forward writes the value; nobody else does until the next step.
        if ((!isWarmingUp && elapsed < UsualStep) || Interlocked.CompareExchange(ref _usualAt, now, last) != last)
            return;
        double usual = Double(ref _usualBits);
        double share = isWarmingUp ? 1 : 1 - Math.Exp(-elapsed / (recent > usual ? UsualRise : UsualFall));
        Volatile.Write(ref _usualBits, BitConverter.DoubleToInt64Bits(usual + share * (recent - usual)));
    }

    private static double Double(ref long bits) => BitConverter.Int64BitsToDouble(Volatile.Read(ref bits));
}
