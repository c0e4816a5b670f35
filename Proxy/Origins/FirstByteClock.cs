using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Gives an origin its time from the whole request to the answer's headers, where a site sets one. One request's own.</summary>
internal sealed class FirstByteClock : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _time;

    private FirstByteClock(TimeSpan time, TimeProvider clock)
    {
        _time = time;
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    /// <summary>Ends when the time is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Begins to count: at once, or when the body has been read whole. An upload may take as long as its bytes flow.</summary>
    public static FirstByteClock Start(RequestContext r, TimeSpan time, TimeProvider clock)
    {
        var started = new FirstByteClock(time, clock);
        if (r.CanHaveBody)
            r.Http.Request.Body = new WatchedBody(r.Http.Request.Body, started);
        else
            started.Run();
        return started;
    }

    /// <summary>The answer has begun.</summary>
    public void Stop() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Run() => _source.CancelAfter(_time);

    private sealed class WatchedBody(Stream inner, FirstByteClock clock) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken);
            if (read == 0 && buffer.Length > 0)
                clock.Run();
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reads are asynchronous.");
        public override void Flush() => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
