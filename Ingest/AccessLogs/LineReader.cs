using System.Buffers;

namespace Weir.Ingest.AccessLogs;

/// <summary>Cuts a stream into lines without copying them. For one thread at a time.</summary>
internal sealed class LineReader(Stream stream) : IDisposable
{
    /// <summary>The longest line: far more than any server lets a request have, little enough to hold.</summary>
    public const int LineBytesMax = 1024 * 1024;

    // Read so much at a time: large enough for the disk, small enough to stay in the second-level cache.
    private const int ReadBytes = 256 * 1024;

    // What is kept of a line that is too long, to be shown.
    private const int HeadBytes = 256;

    // So much without a line end is no line of any log: an archive that was made to fill disks, or no text at all.
    private const long PassedOverMax = 256L * 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(LineBytesMax + ReadBytes);
    private int _start;
    private int _end;
    private bool _isAtEnd;
    private bool _isStarted;

    /// <summary>Bytes taken from the stream so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Where the next line begins, in bytes of the unpacked log.</summary>
    public long Offset => BytesRead - (_end - _start);

    /// <summary>Whether the log may grow: what stands behind its last line end is then a line under way, and its end is none for good.</summary>
    public bool IsGrowing { get; set; }

    /// <summary>What is in memory of the lines to come; at least one line unless the stream ends before or the line is too long.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        _isAtEnd &= !IsGrowing;
        while (!_isAtEnd && _end - _start < LineBytesMax && (_end - _start < ReadBytes || Ahead.IndexOf((byte)'\n') < 0))
            Fill();
        return Ahead;
    }

    /// <summary>Goes on at a place further behind. What stands before it is unpacked, where it is packed, and passed over.</summary>
    /// <returns>False when the log ends before it.</returns>
    public bool SkipTo(long offset)
    {
        long missing = offset - Offset;
        if (missing < 0)
            return false;
        if (missing <= _end - _start)
        {
            _start += (int)missing;
            return true;
        }
        missing -= _end - _start;
        _start = _end = 0;
        if (stream.CanSeek)
        {
            BytesRead = Math.Min(offset, stream.Length);
            stream.Position = BytesRead;
            return BytesRead == offset;
        }
        while (missing > 0)
        {
            int read = stream.Read(_buffer, 0, (int)Math.Min(ReadBytes, missing));
            if (read == 0)
                return false;
            BytesRead += read;
            missing -= read;
        }
        return true;
    }

    /// <summary>Reads the next line; false at the end. The line is valid until the next call.</summary>
    /// <param name="line">The line without its line end; of a line that is too long, the head.</param>
    /// <param name="isTooLong">Whether it is longer than <see cref="LineBytesMax"/>; the rest of it was passed over.</param>
    public bool TryRead(out ReadOnlySpan<byte> line, out bool isTooLong)
    {
        isTooLong = false;
        int searched = 0;
        _isAtEnd &= !IsGrowing;
        PassNulls();
        while (true)
        {
            int newline = Ahead[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int length = searched + newline;
                isTooLong = length > LineBytesMax;
                line = isTooLong ? Ahead[..HeadBytes] : WithoutReturn(Ahead[..length]);
                _start += length + 1;
                return true;
            }
            searched = _end - _start;
            if (searched > LineBytesMax)
            {
                isTooLong = true;
                line = PassOver();
                return true;
            }
            if (_isAtEnd && IsGrowing)
            {
                line = default;
                return false;
            }
            if (_isAtEnd)
            {
                line = WithoutReturn(Ahead);
                _start = _end;
                return line.Length > 0;
            }
            Fill();
        }
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        stream.Dispose();
    }

    private ReadOnlySpan<byte> Ahead => _buffer.AsSpan(_start, _end - _start);

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line.Length > 0 && line[^1] == '\r' ? line[..^1] : line;

    /// <summary>Passes over NULs before the next line: a writer that keeps its place in a file which was truncated leaves them.</summary>
    public void PassNulls()
    {
        while (_start < _end && _buffer[_start] == 0)
        {
            int other = Ahead.IndexOfAnyExcept((byte)0);
            _start = other < 0 ? _end : _start + other;
            if (other < 0)
                Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            Ahead.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var room = _buffer.AsSpan(_end, Math.Min(ReadBytes, _buffer.Length - _end));
        // The first read takes all of a byte order mark.
        int read = _isStarted ? stream.Read(room) : stream.ReadAtLeast(room, 3, throwOnEndOfStream: false);
        _isAtEnd = read == 0;
        _end += read;
        BytesRead += read;
        if (!_isStarted && Ahead.StartsWith("\uFEFF"u8))
            _start += 3;
        _isStarted = true;
    }

    // Keeps the head at the buffer's start and reads the rest of the line over what follows it.
    private ReadOnlySpan<byte> PassOver()
    {
        long passedOver = _end - _start;
        _buffer.AsSpan(_start, HeadBytes).CopyTo(_buffer);
        while (true)
        {
            int read = stream.Read(_buffer, HeadBytes, ReadBytes);
            BytesRead += read;
            passedOver += read;
            if (passedOver > PassedOverMax)
                throw new InvalidDataException($"a line has more than {PassedOverMax / 1024 / 1024} MiB, which no log has");
            int newline = _buffer.AsSpan(HeadBytes, read).IndexOf((byte)'\n');
            if (read > 0 && newline < 0)
                continue;
            _isAtEnd = read == 0;
            _start = HeadBytes + (read == 0 ? 0 : newline + 1);
            _end = HeadBytes + read;
            return _buffer.AsSpan(0, HeadBytes);
        }
    }
}
