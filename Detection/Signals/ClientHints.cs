using System.Globalization;
using Weir.Detection.Claims;

namespace Weir.Detection.Signals;

/// <summary>Sec-CH-UA, -Mobile and -Platform against the user agent. Chromium alone sends them, from version 89 and over TLS.</summary>
internal static class ClientHints
{
    private const int SentSince = 89;

    public static ReasonSet Read(in HeaderFacts headers, Browser browser, ReadOnlySpan<char> method)
    {
        // A user agent that somebody set by hand sends the header without any brand.
        if (headers.SecChUa.Trim() is "" or "\"\"")
            return AreExpected(headers, browser, method) ? default(ReasonSet).With(Reason.ClientHintsMissing) : default;
        var reasons = default(ReasonSet);
        bool isHeadless = headers.SecChUa.Contains("Headless", StringComparison.Ordinal);
        if (isHeadless)
            reasons = reasons.With(Reason.HeadlessBrowser);
        if (Contradict(headers, browser, isHeadless))
            reasons = reasons.With(Reason.ClientHintsContradict);
        // A made-up brand stands in every list, so that nobody relies on fixed ones: "Not=A?Brand", " Not A;Brand".
        else if (browser.IsPlain(BrowserFamily.Chromium, SentSince) && !HasMadeUpBrand(headers.SecChUa))
            reasons = reasons.With(Reason.AcceptContradicts);
        return reasons;
    }

    // The question that comes before a cross-site request (OPTIONS), and a WebSocket's opening, carry none.
    private static bool AreExpected(in HeaderFacts headers, Browser browser, ReadOnlySpan<char> method) =>
        headers.Transport == Transport.Tls && browser.IsPlain(BrowserFamily.Chromium, SentSince) && !headers.IsWebSocket
        && !headers.HasRequestedWith && method is not "OPTIONS";

    private static bool Contradict(in HeaderFacts headers, Browser browser, bool isHeadless) => browser.Family switch
    {
        BrowserFamily.Firefox or BrowserFamily.Safari => true,
        BrowserFamily.Chromium => isHeadless
            || (!browser.IsEmbedded && (VersionContradicts(headers.SecChUa, browser.Major) || MobileContradicts(headers.SecChUaMobile, browser)))
            || PlatformContradicts(headers.SecChUaPlatform, browser.System),
        _ => false,
    };

    private static bool VersionContradicts(ReadOnlySpan<char> brands, int major)
    {
        const string Chromium = "\"Chromium\"";
        int at = brands.IndexOf(Chromium, StringComparison.Ordinal);
        if (at < 0)
            return true; // every browser of the engine names the engine
        var rest = brands[(at + Chromium.Length)..];
        int open = rest.IndexOf('"'), length = open < 0 ? -1 : rest[(open + 1)..].IndexOfAny('"', '.');
        return length <= 0 || !int.TryParse(rest.Slice(open + 1, length), NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            || Math.Min(version, byte.MaxValue) != major;
    }

    // A phone that asks for the desktop's page says so in both places, or in the user agent alone; then it names Linux.
    private static bool MobileContradicts(ReadOnlySpan<char> mobile, Browser browser) =>
        (mobile is "?0" && browser.IsMobile)
        || (mobile is "?1" && browser.System is BrowserSystem.Windows or BrowserSystem.MacOs or BrowserSystem.ChromeOs);

    private static bool PlatformContradicts(ReadOnlySpan<char> hint, BrowserSystem system)
    {
        var hinted = hint.Trim(" \"") switch
        {
            "Windows" => BrowserSystem.Windows,
            "macOS" or "Mac OS X" => BrowserSystem.MacOs,
            "Linux" => BrowserSystem.Linux,
            "Android" => BrowserSystem.Android,
            "iOS" => BrowserSystem.Ios,
            "Chrome OS" or "Chromium OS" => BrowserSystem.ChromeOs,
            _ => BrowserSystem.Unknown, // systems that nobody has heard of yet are no lie
        };
        bool isDesktopPageOnPhone = system == BrowserSystem.Linux && hinted is BrowserSystem.Android or BrowserSystem.ChromeOs;
        return hinted != BrowserSystem.Unknown && system != BrowserSystem.Unknown && hinted != system && !isDesktopPageOnPhone;
    }

    private static bool HasMadeUpBrand(ReadOnlySpan<char> brands) =>
        brands.Contains("Not", StringComparison.Ordinal) && brands.Contains("Brand", StringComparison.Ordinal);
}
