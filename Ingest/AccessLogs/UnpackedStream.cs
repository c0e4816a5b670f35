namespace Weir.Ingest.AccessLogs;

/// <summary>What comes out of an archive, bounded against those that are made to fill disks and days.</summary>
/// <param name="unpacked">The unpacked bytes.</param>
/// <param name="packedBytes">How many packed bytes they were made of so far.</param>
internal sealed class UnpackedStream(Stream unpacked, Func<long> packedBytes) : Stream
{
    // Logs unpack to 10 to 40 times their size, since each line has a time of its own; gzip's limit is 1,032.
    private const int TimesMax = 400;
    private const long JudgedAfterBytes = 64L * 1024 * 1024;
    private long _bytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = unpacked.Read(buffer);
        _bytes += read;
        if (_bytes > JudgedAfterBytes && _bytes / TimesMax > packedBytes())
            throw new InvalidDataException($"it unpacks to more than {TimesMax} times its size, which no log does");
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacked.Dispose();
        base.Dispose(disposing);
    }
}
