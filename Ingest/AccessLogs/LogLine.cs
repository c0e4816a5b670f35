using Weir.Detection;

namespace Weir.Ingest.AccessLogs;

/// <summary>What a line of an access log says. Borrows its texts from the line and the reader's scratch, until the next line.</summary>
/// <remarks>Texts are as the client sent them, escapes undone; they need not be UTF-8.</remarks>
internal ref struct LogLine
{
    public long TimeMs;
    public ClientAddress ClientAddress;
    public ReadOnlySpan<byte> Method;
    public ReadOnlySpan<byte> Host;
    public ReadOnlySpan<byte> Path;
    public ReadOnlySpan<byte> Query;
    public byte HttpVersion;
    public ushort Status;
    public ulong BytesSent;
    public uint DurationUs;
    public ReadOnlySpan<byte> UserAgent;
    public ReadOnlySpan<byte> Referrer;
}

/// <summary>What reading a line came to.</summary>
internal enum LineResult
{
    /// <summary>It is no line of this format.</summary>
    Rejected,

    /// <summary>It is a request.</summary>
    Read,

    /// <summary>It is the format's own comment and stands for no request.</summary>
    Comment,
}

/// <summary>One format of access logs. Keeps what a file's head says, so each file has its own; for one thread at a time.</summary>
internal abstract class LogFormat
{
    /// <summary>The name shown to people.</summary>
    public abstract string Name { get; }

    /// <summary>The line by which the log last named its columns; empty for a format whose lines need none.</summary>
    public virtual string Columns => "";

    /// <summary>The same format before its first line.</summary>
    public abstract LogFormat Fresh();

    /// <summary>Reads one line. Never throws, whatever the bytes.</summary>
    /// <param name="line">Without its line end.</param>
    /// <param name="scratch">Where texts go whose escapes must be undone.</param>
    /// <param name="read">What it says, when the result is <see cref="LineResult.Read"/>.</param>
    public abstract LineResult TryRead(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read);
}

/// <summary>Room for the unescaped texts of one line; undoing an escape never makes a text longer.</summary>
internal sealed class LineScratch
{
    private byte[] _bytes = new byte[4096];
    private int _used;

    /// <summary>Forgets the last line's texts and makes room for one of this length.</summary>
    public void Reset(int lineLength)
    {
        _used = 0;
        if (_bytes.Length < lineLength)
            _bytes = new byte[lineLength * 2];
    }

    /// <summary>Room for a text of at most this length; <see cref="Take"/> keeps what was written.</summary>
    public Span<byte> Room(int length) => _bytes.AsSpan(_used, length);

    /// <summary>Keeps the first bytes of the room.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        var taken = _bytes.AsSpan(_used, length);
        _used += length;
        return taken;
    }
}
