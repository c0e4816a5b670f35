using Weir.Detection.Claims;

namespace Weir.Detection.Signals;

/// <summary>The TLS greeting against the browser that the user agent names, by structure and not by a list of fingerprints, which age.</summary>
internal static class TlsSignals
{
    public static ReasonSet Read(TlsFacts? tls, in HeaderFacts headers, Browser browser) =>
        tls is not null && Contradicts(tls, headers, browser) ? default(ReasonSet).With(Reason.TlsContradicts) : default;

    // The bands are wide: policies take ciphers away, resumed sessions and new versions add extensions. OpenSSL offers 30 ciphers and more;
    // Go, Rustls and apps' libraries 9 to 13, and fewer extensions than a browser; none of them greases.
    private static bool Contradicts(TlsFacts tls, in HeaderFacts headers, Browser browser)
    {
        // A browser opens WebSockets by HTTP/1.1, in a connection of their own.
        bool hasProtocol = tls.OffersHttp2 || headers.IsWebSocket;
        bool isModern = tls.Version >= 13 && tls.Extensions is >= 11 and <= 24 && hasProtocol;
        bool mayGrease = tls.HasGrease || !tls.IsGreetingKnown;
        if (browser.IsPlain(BrowserFamily.Chromium, 80))
            return !(isModern && mayGrease && tls.Ciphers is >= 14 and <= 18 && (tls.HasCertificateCompression || !tls.IsGreetingKnown));
        if (browser.IsPlain(BrowserFamily.Firefox, 90))
            return !(isModern && tls.Ciphers is >= 14 and <= 21 && (tls.HasFirefoxMarks || !tls.IsGreetingKnown));
        if (browser.IsPlain(BrowserFamily.Safari, 15))
            return !(isModern && mayGrease && tls.Ciphers is >= 14 and <= 28);
        return false;
    }
}
