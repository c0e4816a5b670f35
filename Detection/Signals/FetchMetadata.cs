using Weir.Detection.Claims;

namespace Weir.Detection.Signals;

/// <summary>Sec-Fetch-*: which browsers send it, and which values go together.</summary>
internal static class FetchMetadata
{
    public static ReasonSet Read(in HeaderFacts headers, Browser browser)
    {
        var reasons = default(ReasonSet);
        // Whoever sends one sends Sec-Fetch-Site too; a library of Node's sends the mode alone.
        if ((headers.SecFetchMode.IsEmpty || headers.SecFetchSite.IsEmpty) && IsExpected(headers, browser))
            reasons = reasons.With(Reason.FetchMetadataMissing);
        if (headers.SecFetchMode.IsEmpty)
            return reasons;
        return reasons.With(IsPossible(headers) ? Reason.FetchMetadataSent : Reason.AcceptContradicts);
    }

    /// <summary>Whether the browser named sends fetch metadata with such a request.</summary>
    public static bool IsExpected(in HeaderFacts headers, Browser browser) =>
        headers.Transport == Transport.Tls && !headers.IsWebSocket && !headers.HasRequestedWith && IsSentBy(browser);

    /// <summary>Whether the browser named sends fetch metadata over TLS: Chromium 76, Firefox 90, Safari 16.4; a version that all have.</summary>
    public static bool IsSentBy(Browser browser) => browser.IsPlain(BrowserFamily.Chromium, 80)
        || browser.IsPlain(BrowserFamily.Firefox, 90) || browser.IsPlain(BrowserFamily.Safari, 17);

    // "navigate" with an empty destination is possible: a service worker that hands a page's request on, and a download.
    private static bool IsPossible(in HeaderFacts headers)
    {
        bool isNavigation = headers.SecFetchMode is "navigate";
        bool isMode = isNavigation || headers.SecFetchMode is "cors" or "no-cors" or "same-origin" or "websocket";
        bool isSite = headers.SecFetchSite is "none" or "same-origin" or "same-site" or "cross-site";
        bool isUser = headers.SecFetchUser.IsEmpty || (headers.SecFetchUser is "?1" && isNavigation);
        bool isDest = headers.SecFetchDest switch
        {
            "document" or "iframe" or "frame" or "fencedframe" => isNavigation,
            "image" or "script" or "style" or "font" or "audio" or "video" or "track" or "manifest" or "worker" or "sharedworker"
                or "serviceworker" or "audioworklet" or "paintworklet" or "xslt" or "report" or "json" => !isNavigation,
            _ => true,
        };
        return isMode && isSite && isUser && isDest;
    }
}
