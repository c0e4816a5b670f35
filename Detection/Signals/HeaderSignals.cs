using Weir.Detection.Claims;

namespace Weir.Detection.Signals;

/// <summary>What the headers besides the user agent say. Absences are weak: proxies and privacy tools remove headers too.</summary>
internal static class HeaderSignals
{
    public static ReasonSet Read(in RequestFacts facts, Browser browser)
    {
        var headers = facts.Headers;
        var reasons = TlsSignals.Read(facts.Tls, headers, browser);
        if (!headers.AreKnown)
            return reasons;
        reasons = reasons.With(ReadPresence(headers))
            .With(ClientHints.Read(headers, browser, facts.Method))
            .With(FetchMetadata.Read(headers, browser))
            .With(ReadHttpVersion(headers, browser));
        // Another browser under the user agent has forms of its own: that is one contradiction, and it counts once.
        return reasons.Has(Reason.ClientHintsContradict) ? reasons
            : reasons.With(AcceptForms.Read(headers, browser, IsFirstPage(facts))).With(ReadOrder(headers, browser, facts.Method));
    }

    // A script's own requests name the page that they come from.
    private static bool IsFirstPage(in RequestFacts facts) => facts.Referrer.IsEmpty && facts.Path is "/" && facts.Method is "" or "GET";

    /// <summary>Whether the request came by an unknown proxy, so that what is missing may be the proxy's doing.</summary>
    public static bool IsProxied(in HeaderFacts headers) => headers.HasProxyMarks;

    private static ReasonSet ReadPresence(in HeaderFacts headers)
    {
        var reasons = default(ReasonSet);
        // People choose languages; "*" is what a program's library fills in.
        if (headers.AcceptLanguage.Trim() is "" or "*")
            reasons = reasons.With(Reason.AcceptLanguageMissing);
        if (headers.AcceptEncoding.IsEmpty && !headers.IsRelayed)
            reasons = reasons.With(Reason.AcceptEncodingMissing);
        if (headers.Accept.IsEmpty && !headers.IsWebSocket)
            reasons = reasons.With(Reason.AcceptMissing);
        if (headers.HasCookie)
            reasons = reasons.With(Reason.CookieSent);
        return reasons;
    }

    // For a page both write User-Agent, Accept, then the other two, Firefox the language first. What a page loads, films above all, has
    // other orders.
    private static ReasonSet ReadOrder(in HeaderFacts headers, Browser browser, ReadOnlySpan<char> method)
    {
        var order = headers.Order;
        bool isPage = headers.SecFetchMode is "" or "navigate" && method is "" or "GET" && !headers.HasRequestedWith && !headers.IsWebSocket
            && !headers.AcceptEncoding.StartsWith("identity", StringComparison.Ordinal);
        if (!order.IsKnown || !isPage || browser.IsEmbedded)
            return default;
        bool isOdd = browser.Family switch
        {
            BrowserFamily.Chromium => IsBefore(order.AcceptEncoding, order.Accept) || IsBefore(order.Accept, order.UserAgent),
            BrowserFamily.Firefox => IsBefore(order.AcceptEncoding, order.AcceptLanguage) || IsBefore(order.AcceptLanguage, order.Accept)
                || IsBefore(order.Accept, order.UserAgent),
            _ => false,
        };
        return isOdd ? default(ReasonSet).With(Reason.HeaderOrderOdd) : default;
    }

    private static bool IsBefore(byte one, byte other) => one != 0 && other != 0 && one < other;

    private static ReasonSet ReadHttpVersion(in HeaderFacts headers, Browser browser)
    {
        if (headers.HttpVersion == 10)
            return default(ReasonSet).With(Reason.OldHttpVersion);
        // Every browser since 2015 takes HTTP/2 where TLS offers it; company proxies and virus scanners often do not.
        bool wouldChooseHttp2 = browser.IsPlain(BrowserFamily.Chromium, 50) || browser.IsPlain(BrowserFamily.Firefox, 45)
            || browser.IsPlain(BrowserFamily.Safari, 10);
        return headers.HttpVersion == 11 && headers.Transport == Transport.Tls && !headers.IsWebSocket && wouldChooseHttp2
            ? default(ReasonSet).With(Reason.HttpVersionContradicts) : default;
    }
}
