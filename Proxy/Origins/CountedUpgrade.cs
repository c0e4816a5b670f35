using Microsoft.AspNetCore.Http.Features;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Counts what goes to the client after a connection became a WebSocket.</summary>
internal sealed class CountedUpgrade(IHttpUpgradeFeature inner, CountedBody body) : IHttpUpgradeFeature
{
    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <summary>Puts itself before the server's upgrade when the request asks for one.</summary>
    public static void Attach(RequestContext r)
    {
        if (r.Http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade and not CountedUpgrade)
            r.Http.Features.Set<IHttpUpgradeFeature>(new CountedUpgrade(upgrade, r.Body));
    }

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => new CountedStream(await inner.UpgradeAsync(), body);

    private sealed class CountedStream(Stream inner, CountedBody body) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.ReadAsync(buffer, offset, count, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            body.Add(buffer.Length);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
        public override void Flush() => throw new NotSupportedException("Writes are asynchronous.");
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reads are asynchronous.");
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Writes are asynchronous.");
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
