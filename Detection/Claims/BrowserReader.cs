using System.Globalization;

namespace Weir.Detection.Claims;

/// <summary>Reads which browser a user agent names. Run once for each new user agent; allocates nothing, never throws.</summary>
internal static class BrowserReader
{
    /// <summary>Reads one user agent. What has no form of the three engines is <c>default</c>.</summary>
    public static Browser Read(ReadOnlySpan<char> text)
    {
        // Others of the past borrowed the engines' words; nothing is expected of them.
        if (!text.StartsWith("Mozilla/5.0 (", StringComparison.Ordinal) || Has(text, "Trident/") || Has(text, "MSIE ") || Has(text, "Edge/")
            || Has(text, "Presto/") || Has(text, "Opera Mini/") || Has(text, "UCWEB/") || Has(text, "Windows Phone"))
            return default;
        var system = SystemOf(text);
        if (system == BrowserSystem.Ios)
            return ReadIos(text);
        if (TryVersion(text, "Chrome/", out int major, out int start, out int end))
            return ReadChromium(text, system, major, start, end);
        if (Has(text, "Gecko/") && TryVersion(text, "Firefox/", out major, out _, out end))
            return new Browser(BrowserFamily.Firefox, major, system, IsMobile(text, system), isEmbedded: end < text.Length);
        if (system == BrowserSystem.MacOs && Has(text, "AppleWebKit/") && TryVersion(text, "Version/", out major, out _, out end))
            return new Browser(BrowserFamily.Safari, major, system, isMobile: false, isEmbedded: !IsSafariEnd(text[end..]));
        return default;
    }

    // "… (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", and Edge's name behind it; anything more is somebody's own browser.
    private static Browser ReadChromium(ReadOnlySpan<char> text, BrowserSystem system, int major, int start, int end)
    {
        var rest = text[end..];
        if (rest.StartsWith(" Mobile", StringComparison.Ordinal))
            rest = rest[" Mobile".Length..];
        bool isPlain = text[..start].EndsWith("like Gecko) ", StringComparison.Ordinal) && !Has(text, "; wv)") && !Has(text, "TV;")
            && rest.StartsWith(" Safari/537.36", StringComparison.Ordinal) && IsEdgeOrNothing(rest[" Safari/537.36".Length..]);
        return new Browser(BrowserFamily.Chromium, major, system, IsMobile(text, system), isEmbedded: !isPlain);
    }

    private static bool IsEdgeOrNothing(ReadOnlySpan<char> rest) => rest.IsEmpty || rest.StartsWith(" Edg/", StringComparison.Ordinal)
        || rest.StartsWith(" EdgA/", StringComparison.Ordinal);

    // Every browser there is the system's WebKit, whatever its name; "CPU iPhone OS 17_4 like Mac OS X", "CPU OS 17_4 like Mac OS X".
    private static Browser ReadIos(ReadOnlySpan<char> text)
    {
        TryVersion(text, " OS ", out int major, out _, out _);
        bool isPlain = TryVersion(text, "Version/", out int named, out _, out int end) && IsSafariEnd(text[end..]);
        return new Browser(BrowserFamily.Safari, Math.Max(major, named), BrowserSystem.Ios, isMobile: Has(text, "iPhone"), isEmbedded: !isPlain);
    }

    // " Safari/605.1.15", " Mobile/15E148 Safari/604.1".
    private static bool IsSafariEnd(ReadOnlySpan<char> rest)
    {
        int at = rest.IndexOf(" Safari/", StringComparison.Ordinal);
        return at >= 0 && !rest[..at].TrimStart(' ').Contains(' ') && rest[(at + " Safari/".Length)..].IndexOf(' ') < 0;
    }

    private static BrowserSystem SystemOf(ReadOnlySpan<char> text)
    {
        int close = text.IndexOf(')');
        var bracket = close < 0 ? text : text[..close];
        return Has(bracket, "iPhone") || Has(bracket, "iPad") || Has(bracket, "iPod") ? BrowserSystem.Ios
            : Has(bracket, "Windows NT") ? BrowserSystem.Windows
            : Has(bracket, "Android") ? BrowserSystem.Android
            : Has(bracket, "CrOS") ? BrowserSystem.ChromeOs
            : Has(bracket, "Macintosh") ? BrowserSystem.MacOs
            : Has(bracket, "Linux") ? BrowserSystem.Linux : BrowserSystem.Unknown;
    }

    private static bool IsMobile(ReadOnlySpan<char> text, BrowserSystem system) => system == BrowserSystem.Android && Has(text, "Mobile");

    private static bool Has(ReadOnlySpan<char> text, string word) => text.Contains(word, StringComparison.Ordinal);

    // Where a name stands, where its version ends, and the number before the first dot; 0 when it has none.
    private static bool TryVersion(ReadOnlySpan<char> text, string name, out int major, out int start, out int end)
    {
        major = 0;
        end = 0;
        start = text.IndexOf(name, StringComparison.Ordinal);
        if (start < 0)
            return false;
        int from = end = start + name.Length;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '_'))
            end++;
        int digits = text[from..end].IndexOfAny('.', '_');
        var number = digits < 0 ? text[from..end] : text.Slice(from, digits);
        // A hostile number of many digits is no version.
        return number.Length <= 6 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out major);
    }
}
