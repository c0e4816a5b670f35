using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Weir.Proxy.Caching;

/// <summary>The directives of a Cache-Control header (RFC 9111 §5.2, RFC 5861), of a request or an answer. Hostile until read.</summary>
/// <remarks>Of a directive given twice the first counts. A number that is none reads as 0 where that means stale (§4.2.1), and large ones
/// as 2^31 − 1 (§1.2.2). The forms <c>private="…"</c> and <c>no-cache="…"</c> are read as those without fields, which is safer (§5.2.2.4).</remarks>
internal readonly record struct CacheControl
{
    private int? GivenStaleWhileRevalidate { get; init; }
    private int? GivenMinFresh { get; init; }

    /// <summary>Nothing may be kept.</summary>
    public bool NoStore { get; private init; }

    /// <summary>Nothing may be given without the origin's word.</summary>
    public bool NoCache { get; private init; }

    /// <summary>For one visitor only.</summary>
    public bool Private { get; private init; }

    /// <summary>For everybody, even if the request carried credentials.</summary>
    public bool Public { get; private init; }

    /// <summary>Never to be given past its time: must-revalidate or proxy-revalidate.</summary>
    public bool MustRevalidate { get; private init; }

    /// <summary>The client wants a kept answer or none.</summary>
    public bool OnlyIfCached { get; private init; }

    /// <summary>Seconds of freshness, or the greatest age that a client takes.</summary>
    public int? MaxAge { get; private init; }

    /// <summary>Seconds of freshness in a cache for many.</summary>
    public int? SharedMaxAge { get; private init; }

    /// <summary>Seconds past its time in which an answer is given while a new one is fetched.</summary>
    public int StaleWhileRevalidate => GivenStaleWhileRevalidate ?? 0;

    /// <summary>Seconds past its time in which an answer is given while the origin fails; null when not said.</summary>
    public int? StaleIfError { get; private init; }

    /// <summary>Seconds that an answer must stay fresh from now on.</summary>
    public int MinFresh => GivenMinFresh ?? 0;

    /// <summary>Seconds past its time in which a client takes an answer; null for none.</summary>
    public int? MaxStale { get; private init; }

    /// <summary>Reads all lines of the header.</summary>
    public static CacheControl Read(in StringValues lines)
    {
        var read = default(CacheControl);
        foreach (string? line in lines)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                int end = EndOfDirective(rest);
                read = read.With(rest[..end].Trim(" \t"));
                rest = end < rest.Length ? rest[(end + 1)..] : default;
            }
        }
        return read;
    }

    // A comma inside a quoted text ends nothing.
    private static int EndOfDirective(ReadOnlySpan<char> text)
    {
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (isQuoted && c == '\\')
                i++;
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (c == ',' && !isQuoted)
                return i;
        }
        return text.Length;
    }

    private CacheControl With(ReadOnlySpan<char> directive)
    {
        int sign = directive.IndexOf('=');
        var name = sign < 0 ? directive : directive[..sign];
        var value = sign < 0 ? default : directive[(sign + 1)..];
        if (Is(name, "no-store")) return this with { NoStore = true };
        if (Is(name, "no-cache")) return this with { NoCache = true };
        if (Is(name, "private")) return this with { Private = true };
        if (Is(name, "public")) return this with { Public = true };
        if (Is(name, "must-revalidate") || Is(name, "proxy-revalidate")) return this with { MustRevalidate = true };
        if (Is(name, "only-if-cached")) return this with { OnlyIfCached = true };
        if (Is(name, "max-age")) return this with { MaxAge = MaxAge ?? Seconds(value) };
        if (Is(name, "s-maxage")) return this with { SharedMaxAge = SharedMaxAge ?? Seconds(value) };
        if (Is(name, "stale-while-revalidate")) return this with { GivenStaleWhileRevalidate = GivenStaleWhileRevalidate ?? Seconds(value) };
        if (Is(name, "stale-if-error")) return this with { StaleIfError = StaleIfError ?? Seconds(value) };
        if (Is(name, "min-fresh")) return this with { GivenMinFresh = GivenMinFresh ?? Seconds(value) };
        if (Is(name, "max-stale")) return this with { MaxStale = MaxStale ?? (sign < 0 ? int.MaxValue : Seconds(value)) };
        return this;
    }

    private static bool Is(ReadOnlySpan<char> name, string known) => name.Equals(known, StringComparison.OrdinalIgnoreCase);

    private static int Seconds(ReadOnlySpan<char> value)
    {
        if (value is ['"', .. var inner, '"'])
            value = inner;
        return TryReadSeconds(value, out int seconds) ? seconds : 0;
    }

    /// <summary>Reads delta-seconds (§1.2.2).</summary>
    public static bool TryReadSeconds(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
            return false;
        seconds = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : int.MaxValue;
        return true;
    }
}
