namespace Weir.Ingest.ClickHouse;

/// <summary>Pieces of memory as one stream of known length, so that they need not be copied into one.</summary>
internal sealed class SegmentStream(List<ReadOnlyMemory<byte>> segments) : Stream
{
    private readonly long _length = segments.Sum(s => (long)s.Length);
    private int _segment;
    private int _at;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = 0;
        while (read < buffer.Length && _segment < segments.Count)
        {
            var rest = segments[_segment].Span[_at..];
            int taken = Math.Min(rest.Length, buffer.Length - read);
            rest[..taken].CopyTo(buffer[read..]);
            read += taken;
            _at += taken;
            if (_at == segments[_segment].Length)
                (_segment, _at) = (_segment + 1, 0);
        }
        _position += read;
        return read;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <summary>Goes to the start, which is where a sender that tries again wants to be.</summary>
    public override long Seek(long offset, SeekOrigin origin)
    {
        if (offset != 0 || origin != SeekOrigin.Begin)
            throw new NotSupportedException();
        (_segment, _at, _position) = (0, 0, 0);
        return 0;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
