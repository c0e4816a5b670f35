using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Proxy.Caching;
using Weir.Proxy.Content;

namespace Weir.Proxy.Pipeline;

/// <summary>Stands before the response body and counts what passes. Reused from request to request; one writer at a time.</summary>
internal sealed class CountedBody : Stream, IHttpResponseBodyFeature
{
    private IHttpResponseBodyFeature _inner = null!;
    private Stream _stream = null!;
    private HttpResponse _response = null!;

    /// <summary>Body bytes handed to the server.</summary>
    public long Bytes { get; private set; }

    /// <summary>Copies what passes, when step 8 asked for it.</summary>
    public ContentTap Tap { get; } = new();

    /// <summary>Copies the head of what passes, when somebody asked for it.</summary>
    public BodyCopy? Copy { get; set; }

    /// <summary>The response cache's trip to the origin; null when there is none.</summary>
    public CacheFill? Fill { get; set; }

    /// <summary>Begins a new request.</summary>
    public void Attach(HttpContext http)
    {
        var features = http.Features;
        _response = http.Response;
        _inner = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _stream = _inner.Stream;
        Bytes = 0;
        features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>Ends the request: nothing of it is kept alive.</summary>
    public void Detach(IFeatureCollection features)
    {
        features.Set(_inner);
        _inner = null!;
        _stream = null!;
        _response = null!;
        Copy = null;
        Fill = null;
    }

    /// <summary>Counts bytes that went another way, such as through a WebSocket.</summary>
    public void Add(long bytes) => Bytes += bytes;

    /// <inheritdoc/>
    public Stream Stream => this;

    /// <inheritdoc/>
    public PipeWriter Writer => _inner.Writer;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public void DisableBuffering() => _inner.DisableBuffering();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The edge sends no files.");

    /// <inheritdoc/>
    public Task CompleteAsync() => _inner.CompleteAsync();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Bytes += buffer.Length;
        Tap.Add(buffer.Span, _response);
        Copy?.Add(buffer.Span);
        Fill?.Add(buffer.Span);
        return _stream.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Writes are asynchronous.");

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException("Writes are asynchronous.");

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
