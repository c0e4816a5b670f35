namespace Weir.Detection.Identification.Signatures;

/// <summary>How often something may be done: so many a second, with a burst. Lock-free; safe from any thread.</summary>
internal sealed class RateBudget
{
    private readonly TimeProvider _time;
    private readonly long _cost;
    private readonly long _burst;

    // The time at which everything taken so far is paid for; behind the clock when nothing is owed.
    private long _paidAt;

    /// <param name="time">The clock.</param>
    /// <param name="perSecond">How many a second on average.</param>
    /// <param name="burst">How many at once after a pause.</param>
    public RateBudget(TimeProvider time, int perSecond, int burst)
    {
        _time = time;
        _cost = Math.Max(1, time.TimestampFrequency / perSecond);
        _burst = _cost * burst;
        _paidAt = time.GetTimestamp();
    }

    /// <summary>Takes one; false when too many were taken.</summary>
    public bool TryTake()
    {
        long now = _time.GetTimestamp();
        while (true)
        {
            long paidAt = Volatile.Read(ref _paidAt);
            long next = Math.Max(paidAt, now) + _cost;
            if (next - now > _burst)
                return false;
            // Only this one word is shared, so a plain compare and swap is all the order that is needed.
            if (Interlocked.CompareExchange(ref _paidAt, next, paidAt) == paidAt)
                return true;
        }
    }
}
