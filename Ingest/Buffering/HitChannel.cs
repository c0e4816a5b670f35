namespace Weir.Ingest.Buffering;

/// <summary>The bounded waiting room between the request path and the writer. Safe from any thread.</summary>
/// <remarks>A full room loses the hit that comes, with its reason counted: a request never waits for the store, and memory has a bound.
/// Allocates nothing.</remarks>
public sealed class HitChannel : IHitSink
{
    private readonly LossCounters _losses;
    private volatile bool _isClosed;

    /// <summary>Makes an empty channel.</summary>
    /// <param name="capacity">The most hits that wait, rounded up to a power of two; a hit takes about 300 bytes and what its texts hold.</param>
    /// <param name="losses">Where losses are counted.</param>
    public HitChannel(int capacity, LossCounters losses)
    {
        _losses = losses;
        Reader = new HitRing(capacity);
    }

    /// <summary>Hits that wait now.</summary>
    public int Waiting => Reader.Count;

    /// <inheritdoc/>
    public bool TryWrite(in Hit hit) => Reader.TryWrite(in hit)
        || _losses.Count(_isClosed ? LossReason.ShutdownTimeout : LossReason.ChannelFull, hit.Site);

    /// <summary>Where they are read, by one reader.</summary>
    internal HitRing Reader { get; }

    /// <summary>Takes no more hits; those that wait can still be read.</summary>
    internal void Close()
    {
        _isClosed = true;
        Reader.Close();
    }
}
