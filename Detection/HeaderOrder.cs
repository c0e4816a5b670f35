namespace Weir.Detection;

/// <summary>At which place four headers came, 1 for the first; 0 for one that did not come. Gathered header by header, without allocation.</summary>
/// <remarks>Kestrel sorts known headers into fields of their own and forgets in which order they came, in HTTP/1.1 and HTTP/2 alike, so the
/// edge knows no order. It is known where a request was written down: the members of a JSON line, the flags of a command.</remarks>
public struct HeaderOrder
{
    private byte _count;
    private bool _isUnsorted;
    private char _last;

    /// <summary>Place of User-Agent.</summary>
    public byte UserAgent { get; private set; }

    /// <summary>Place of Accept.</summary>
    public byte Accept { get; private set; }

    /// <summary>Place of Accept-Encoding.</summary>
    public byte AcceptEncoding { get; private set; }

    /// <summary>Place of Accept-Language.</summary>
    public byte AcceptLanguage { get; private set; }

    /// <summary>Whether the order says anything: headers from A to Z were sorted by whoever wrote them down.</summary>
    public readonly bool IsKnown => _isUnsorted;

    /// <summary>Takes the next header; the first of two by one name counts.</summary>
    public void Add(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || _count == byte.MaxValue)
            return;
        byte place = ++_count;
        char first = char.ToLowerInvariant(name[0]);
        _isUnsorted |= first < _last;
        _last = first;
        if (name.Equals("user-agent", StringComparison.OrdinalIgnoreCase))
            UserAgent = FirstOf(UserAgent, place);
        else if (name.Equals("accept", StringComparison.OrdinalIgnoreCase))
            Accept = FirstOf(Accept, place);
        else if (name.Equals("accept-encoding", StringComparison.OrdinalIgnoreCase))
            AcceptEncoding = FirstOf(AcceptEncoding, place);
        else if (name.Equals("accept-language", StringComparison.OrdinalIgnoreCase))
            AcceptLanguage = FirstOf(AcceptLanguage, place);
    }

    private static byte FirstOf(byte held, byte place) => held == 0 ? place : held;
}
