namespace Weir.Proxy.Beacon;

/// <summary>A page as it is read, with the tag in its place. Holds back sixteen bytes at most, and reads on plainly behind the place. For one
/// reader.</summary>
/// <param name="page">The page, unpacked.</param>
/// <param name="ended">Told once, when the place was found or given up.</param>
internal sealed class TaggedStream(Stream page, Action<HtmlHeadScanner, bool> ended) : ReadingStream
{
    private const int PieceBytes = 8 * 1024;

    private readonly HtmlHeadScanner _scanner = new();
    private readonly byte[] _piece = new byte[PieceBytes];
    private readonly byte[] _ready = new byte[PieceBytes + 64];
    private int _held;
    private int _readyFrom;
    private int _readyTo;
    private bool _isOver;
    private bool _isTold;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return await page.ReadAsync(buffer, cancellationToken);
        while (_readyFrom == _readyTo)
        {
            if (_isTold)
                return _isOver ? 0 : await page.ReadAsync(buffer, cancellationToken);
            int read = await page.ReadAsync(_piece.AsMemory(_held), cancellationToken);
            Take(read);
        }
        int taken = Math.Min(buffer.Length, _readyTo - _readyFrom);
        _ready.AsMemory(_readyFrom, taken).CopyTo(buffer);
        _readyFrom += taken;
        return taken;
    }

    private void Take(int read)
    {
        (_readyFrom, _readyTo) = (0, 0);
        int length = _held + read;
        _held = 0;
        if (read == 0)
        {
            _isOver = true;
            Ready(_piece.AsSpan(0, length));
            Tell(false);
            return;
        }
        int place = _scanner.Scan(_piece.AsSpan(0, length), out int taken);
        if (place >= 0)
        {
            Ready(_piece.AsSpan(0, place));
            Ready(BeaconScript.Tag);
            Ready(_piece.AsSpan(place, length - place));
            Tell(true);
            return;
        }
        Ready(_piece.AsSpan(0, taken));
        _held = length - taken;
        _piece.AsSpan(taken, _held).CopyTo(_piece);
        if (_scanner.IsDone)
            Tell(false);
    }

    private void Ready(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_ready.AsSpan(_readyTo));
        _readyTo += bytes.Length;
    }

    private void Tell(bool isTagged)
    {
        _isTold = true;
        ended(_scanner, isTagged);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            page.Dispose();
        base.Dispose(disposing);
    }
}
