using System.IO.Compression;

namespace Weir.Proxy.Beacon;

/// <summary>Packs what it reads, piece by piece, so that what an origin sends early arrives early. For one reader.</summary>
/// <param name="plain">What is packed.</param>
/// <param name="isBrotli">Whether in br; else in gzip.</param>
/// <param name="closed">Told when it is disposed.</param>
internal sealed class PackedStream(Stream plain, bool isBrotli, Action closed) : ReadingStream
{
    private const int PieceBytes = 16 * 1024;

    private readonly MemoryStream _packed = new();
    private readonly byte[] _piece = new byte[PieceBytes];
    private Stream? _packer;
    private int _read;
    private bool _isOver;
    private bool _isClosed;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return await plain.ReadAsync(buffer, cancellationToken);
        while (_read == _packed.Length)
        {
            if (_isOver)
                return 0;
            _packed.SetLength(0);
            _read = 0;
            int read = await plain.ReadAsync(_piece, cancellationToken);
            Pack(read);
        }
        int taken = (int)Math.Min(buffer.Length, _packed.Length - _read);
        _packed.GetBuffer().AsMemory(_read, taken).CopyTo(buffer);
        _read += taken;
        return taken;
    }

    private void Pack(int read)
    {
        // Fast, because every page of a site passes here; the origin's own level is its own.
        _packer ??= isBrotli ? new BrotliStream(_packed, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(_packed, CompressionLevel.Fastest, leaveOpen: true);
        if (read == 0)
        {
            _packer.Dispose();
            _isOver = true;
            return;
        }
        _packer.Write(_piece.AsSpan(0, read));
        _packer.Flush();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            _isClosed = true;
            if (!_isOver)
                _packer?.Dispose();
            plain.Dispose();
            closed();
        }
        base.Dispose(disposing);
    }
}
