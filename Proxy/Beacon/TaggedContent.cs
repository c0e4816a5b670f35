using System.Net;

namespace Weir.Proxy.Beacon;

/// <summary>An origin's page that is changed while it is read.</summary>
/// <param name="page">The origin's.</param>
/// <param name="change">Makes the stream to read of the origin's.</param>
/// <param name="closed">Told at the end; may be told twice.</param>
internal sealed class TaggedContent(HttpContent page, Func<Stream, Stream> change, Action? closed) : HttpContent
{
    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(default);

    /// <inheritdoc/>
    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        change(await page.ReadAsStreamAsync(cancellationToken));

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        throw new NotSupportedException("The page is read as a stream.");

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            closed?.Invoke();
            page.Dispose();
        }
        base.Dispose(disposing);
    }
}
