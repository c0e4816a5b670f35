using System.Threading.Channels;

namespace Weir.Ingest.Buffering;

/// <summary>The bounded waiting room between the request path and the writer. Safe from any thread.</summary>
/// <remarks>A full room loses the hit that comes, with its reason counted: a request never waits for the store, and memory has a bound.
/// Allocates nothing once it has been as full as it gets.</remarks>
public sealed class HitChannel : IHitSink
{
    private readonly Channel<Hit> _channel;
    private readonly LossCounters _losses;
    private volatile bool _isClosed;

    /// <summary>Makes an empty channel.</summary>
    /// <param name="capacity">The most hits that wait; a hit takes about 300 bytes and what its texts hold.</param>
    /// <param name="losses">Where losses are counted.</param>
    public HitChannel(int capacity, LossCounters losses)
    {
        _losses = losses;
        _channel = Channel.CreateBounded<Hit>(new BoundedChannelOptions(capacity) { SingleReader = true });
    }

    /// <summary>Hits that wait now.</summary>
    public int Waiting => _channel.Reader.Count;

    /// <inheritdoc/>
    public bool TryWrite(in Hit hit) => _channel.Writer.TryWrite(hit)
        || _losses.Count(_isClosed ? LossReason.ShutdownTimeout : LossReason.ChannelFull, hit.Site);

    internal ChannelReader<Hit> Reader => _channel.Reader;

    /// <summary>Takes no more hits; those that wait can still be read.</summary>
    internal void Close()
    {
        _isClosed = true;
        _channel.Writer.TryComplete();
    }
}
