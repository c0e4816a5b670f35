using System.Threading.Channels;
using Weir.Detection.Identification;

namespace Weir.Ingest.Buffering;

/// <summary>The bounded waiting room of late identities on their way to the store. Safe from any thread.</summary>
/// <param name="capacity">The most that wait; 8192 is minutes of all that DNS is asked.</param>
public sealed class VerificationChannel(int capacity = 8192) : IVerificationSink
{
    private readonly Channel<Verification> _channel =
        Channel.CreateBounded<Verification>(new BoundedChannelOptions(capacity) { SingleReader = true });

    private long _lost;

    /// <summary>Late identities that will never be stored.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    internal ChannelReader<Verification> Reader => _channel.Reader;

    /// <inheritdoc/>
    public void Write(in Verification verification)
    {
        if (!_channel.Writer.TryWrite(verification))
            CountLost(1);
    }

    internal void CountLost(int count) => Interlocked.Add(ref _lost, count);

    internal void Close() => _channel.Writer.TryComplete();
}
