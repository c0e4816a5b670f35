namespace Weir.Detection.Lines;

/// <summary>Headers that somebody wrote down, in the order in which they were. Gathered one by one; used again for the next request.</summary>
/// <remarks>Not safe from several threads. Of two headers by one name the first counts.</remarks>
public sealed class WrittenHeaders
{
    private static readonly string[] Names =
    [
        "User-Agent", "Referer", "Host", "Accept", "Accept-Language", "Accept-Encoding", "Sec-CH-UA", "Sec-CH-UA-Mobile", "Sec-CH-UA-Platform",
        "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User", "Cookie", "Upgrade-Insecure-Requests", "X-Requested-With",
        "Upgrade", "Via", "Forwarded", "X-Forwarded-For",
    ];

    private readonly Range?[] _values = new Range?[Names.Length];
    private char[] _text = new char[1024];
    private int _used;
    private bool _hasAny;
    private HeaderOrder _order;

    /// <summary>User-Agent; empty when it was not written.</summary>
    public ReadOnlySpan<char> UserAgent => Value("User-Agent");

    /// <summary>Referer; empty when it was not written.</summary>
    public ReadOnlySpan<char> Referrer => Value("Referer");

    /// <summary>Host; empty when it was not written.</summary>
    public ReadOnlySpan<char> Host => Value("Host");

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_values);
        _used = 0;
        _hasAny = false;
        _order = default;
    }

    /// <summary>Takes the next header.</summary>
    public void Add(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        _hasAny = true;
        _order.Add(name);
        int at = IndexOf(name);
        if (at < 0 || _values[at] is not null)
            return;
        if (_text.Length - _used < value.Length)
            Array.Resize(ref _text, (_used + value.Length) * 2);
        value.CopyTo(_text.AsSpan(_used));
        _values[at] = _used..(_used + value.Length);
        _used += value.Length;
    }

    /// <summary>The facts, borrowing this object's texts.</summary>
    /// <param name="httpVersion">See <see cref="HeaderFacts.HttpVersion"/>.</param>
    /// <param name="transport">What carried the request.</param>
    public HeaderFacts Facts(byte httpVersion = 0, Transport transport = Transport.Unknown) => new()
    {
        AreKnown = _hasAny,
        Accept = Value("Accept"),
        AcceptLanguage = Value("Accept-Language"),
        AcceptEncoding = Value("Accept-Encoding"),
        SecChUa = Value("Sec-CH-UA"),
        SecChUaMobile = Value("Sec-CH-UA-Mobile"),
        SecChUaPlatform = Value("Sec-CH-UA-Platform"),
        SecFetchSite = Value("Sec-Fetch-Site"),
        SecFetchMode = Value("Sec-Fetch-Mode"),
        SecFetchDest = Value("Sec-Fetch-Dest"),
        SecFetchUser = Value("Sec-Fetch-User"),
        HasCookie = Has("Cookie"),
        HasUpgradeInsecure = Has("Upgrade-Insecure-Requests"),
        HasRequestedWith = Has("X-Requested-With"),
        IsWebSocket = Value("Upgrade").Equals("websocket", StringComparison.OrdinalIgnoreCase),
        HasProxyMarks = Has("Via") || Has("Forwarded") || Has("X-Forwarded-For"),
        HttpVersion = httpVersion,
        Transport = transport,
        Order = _order,
    };

    private bool Has(string name) => _values[IndexOf(name)] is not null;

    private ReadOnlySpan<char> Value(string name) => _values[IndexOf(name)] is { } range ? _text.AsSpan(range) : default;

    private static int IndexOf(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (name.Equals(Names[i], StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }
}
