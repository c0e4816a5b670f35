namespace Weir.Detection.Robots;

/// <summary>What a line of a robots.txt file is about.</summary>
internal enum RobotsKey
{
    /// <summary>Nothing to read: empty, or a comment.</summary>
    None,
    UserAgent,
    Allow,
    Disallow,

    /// <summary>A name with a value that RFC 9309 does not define.</summary>
    Other,

    /// <summary>Neither a name with a value nor empty.</summary>
    Unreadable,
}

/// <summary>Cuts a robots.txt file into lines and a line into name and value. Never throws, whatever the bytes.</summary>
internal ref struct RobotsReader
{
    /// <summary>RFC 9309 §2.5 asks for at least so much; whoever writes more cannot count on being read.</summary>
    public const int BytesMax = 500 * 1024;

    // Google's parser cuts lines here (8 × 2083 with a terminator), and it bounds what matching one pattern costs.
    private const int LineBytesMax = (8 * 2083) - 1;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private ReadOnlySpan<byte> _rest;
    private bool _isAtEnd;

    public RobotsReader(ReadOnlySpan<byte> content)
    {
        _rest = content.Length <= BytesMax ? content : WholeLines(content[..BytesMax]);
        BytesCut = content.Length - _rest.Length;
        // Half a mark is found too, and is no part of the first name.
        _rest = _rest[_rest.CommonPrefixLength(ByteOrderMark)..];
    }

    /// <summary>Bytes behind the limit, which no rule was read from.</summary>
    public int BytesCut { get; }

    /// <summary>Number of the current line, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The current line, whole, without its end.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>The current line's name, as written.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The current line's value, as written; of an unreadable line, all of it.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next line; false behind the last one.</summary>
    public bool TryRead(out RobotsKey key)
    {
        key = RobotsKey.None;
        if (_isAtEnd)
            return false;
        Number++;
        int end = _rest.IndexOfAny((byte)'\n', (byte)'\r');
        var line = end < 0 ? _rest : _rest[..end];
        Line = line;
        _isAtEnd = end < 0;
        if (end >= 0)
            _rest = _rest[(end + (_rest[end] == '\r' && end + 1 < _rest.Length && _rest[end + 1] == '\n' ? 2 : 1))..];
        key = Split(line.Length > LineBytesMax ? line[..LineBytesMax] : line);
        return true;
    }

    // A rule that the limit cuts in two would say more than its author did.
    private static ReadOnlySpan<byte> WholeLines(ReadOnlySpan<byte> content) => content[..(content.LastIndexOfAny((byte)'\n', (byte)'\r') + 1)];

    private RobotsKey Split(ReadOnlySpan<byte> line)
    {
        int comment = line.IndexOf((byte)'#');
        line = Trim(comment < 0 ? line : line[..comment]);
        Name = default;
        Value = line;
        if (line.Length == 0)
            return RobotsKey.None;
        int separator = line.IndexOf((byte)':');
        if (separator < 0)
            separator = BetweenTwoWords(line);
        if (separator <= 0 || Trim(line[..separator]) is { Length: 0 })
            return RobotsKey.Unreadable;
        Name = Trim(line[..separator]);
        Value = Trim(line[(separator + 1)..]);
        return KeyOf(Name);
    }

    // "Disallow /x" is clear enough to forgive the colon; more than two words are a sentence.
    private static int BetweenTwoWords(ReadOnlySpan<byte> line)
    {
        int space = line.IndexOfAny((byte)' ', (byte)'\t');
        return space > 0 && line[space..].TrimStart(" \t"u8).IndexOfAny((byte)' ', (byte)'\t') < 0 ? space : -1;
    }

    // Beginnings, because "Allowed:" and "User-agents:" are written too; and the misspellings that Google's parser has met often.
    private static RobotsKey KeyOf(ReadOnlySpan<byte> name)
    {
        if (Begins(name, "user-agent"u8) || Begins(name, "useragent"u8) || Begins(name, "user agent"u8))
            return RobotsKey.UserAgent;
        if (Begins(name, "allow"u8))
            return RobotsKey.Allow;
        return Begins(name, "disallow"u8) || Begins(name, "dissallow"u8) || Begins(name, "dissalow"u8) || Begins(name, "disalow"u8)
            || Begins(name, "diasllow"u8) || Begins(name, "disallaw"u8) ? RobotsKey.Disallow : RobotsKey.Other;
    }

    private static bool Begins(ReadOnlySpan<byte> name, ReadOnlySpan<byte> with) =>
        name.Length >= with.Length && System.Text.Ascii.EqualsIgnoreCase(name[..with.Length], with);

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\v\f"u8);
}
