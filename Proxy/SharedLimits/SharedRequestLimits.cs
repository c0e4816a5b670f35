using System.Threading.Channels;
using Weir.Proxy.Policies;

namespace Weir.Proxy.SharedLimits;

/// <summary>Limits that several edges share. Decides by what this edge knows and never waits: what it lets pass is told to the others, and
/// what they let pass is learned, beside the requests.</summary>
/// <remarks>
/// What may pass beyond a limit: what one edge lets pass, another knows after <see cref="SharedLimitOptions.Interval"/> and a round trip
/// (when over 256 counts are busy at once: when it lets one of its own pass, or when it is the count's turn). So every edge but one may
/// let pass what comes to it in that time, and never more than the limit. While Redis is away each edge keeps the limit by itself.
/// </remarks>
internal sealed class SharedRequestLimits(LocalRequestLimits local, SharedLimitOptions options, SharedLimitMetrics metrics) : IRequestLimits
{
    private readonly Channel<LimitTake> _taken = Channel.CreateBounded<LimitTake>(new BoundedChannelOptions(options.QueueMax) { SingleReader = true });

    /// <summary>What was let pass, for the reconciler.</summary>
    public ChannelReader<LimitTake> Taken => _taken.Reader;

    /// <inheritdoc/>
    public bool TryTake(LimitKey key, int requests, int seconds, long timeMs, out int retryAfterSeconds)
    {
        if (!local.TryTake(key, requests, seconds, timeMs, out retryAfterSeconds))
            return false;
        uint now = (uint)(timeMs / 1000);
        if (!_taken.Writer.TryWrite(new LimitTake(key, now - (now % (uint)seconds), (uint)seconds)))
            metrics.Shed(LimitShed.QueueFull);
        return true;
    }
}

/// <summary>One request that a limit let pass.</summary>
/// <param name="Key">Whose count.</param>
/// <param name="Start">Begin of its window, seconds since 1970-01-01 UTC.</param>
/// <param name="Seconds">Length of the window.</param>
internal readonly record struct LimitTake(LimitKey Key, uint Start, uint Seconds);
