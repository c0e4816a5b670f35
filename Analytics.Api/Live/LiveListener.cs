using System.Threading.Channels;

namespace Weir.Analytics.Api.Live;

/// <summary>One client of a feed. Its queue is bounded: a client too slow for it misses the oldest hits and is told so.</summary>
internal sealed class LiveListener(Action<LiveListener> leave) : IDisposable
{
    private const int QueueMax = 1000;

    private readonly Channel<LiveHit> _queue = Channel.CreateBounded<LiveHit>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true, SingleWriter = true });

    private int _skipped;
    private int _hasLeft;

    /// <summary>Hits in order of storing; ends when the feed does.</summary>
    public ChannelReader<LiveHit> Hits => _queue.Reader;

    /// <summary>How often hits were passed over since the last call: the client should know that its list has gaps.</summary>
    public int TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) == 0)
            leave(this);
    }

    internal void Offer(LiveHit hit)
    {
        if (!_queue.Writer.TryWrite(hit))
            Skip();
    }

    internal void Skip() => Interlocked.Increment(ref _skipped);

    internal void End() => _queue.Writer.TryComplete();
}
