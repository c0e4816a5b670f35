using Weir.Detection.Claims;

namespace Weir.Detection.Signals;

/// <summary>The forms of Accept and Accept-Encoding that the engines write.</summary>
internal static class AcceptForms
{
    /// <param name="headers">The headers.</param>
    /// <param name="browser">The browser named.</param>
    /// <param name="isFirstPage">Whether the first page of a site is asked for, and nothing referred to it.</param>
    public static ReasonSet Read(in HeaderFacts headers, Browser browser, bool isFirstPage)
    {
        // A page's script and an app's window may set these as they like, and so may who builds on an engine.
        bool isJudged = !browser.IsEmbedded && browser.Family != BrowserFamily.Other && !headers.HasRequestedWith && !headers.IsWebSocket;
        bool isOdd = isJudged && (AcceptIsOdd(headers, browser, isFirstPage) || EncodingIsOdd(headers, browser));
        return isOdd ? default(ReasonSet).With(Reason.AcceptContradicts) : default;
    }

    private static bool AcceptIsOdd(in HeaderFacts headers, Browser browser, bool isFirstPage)
    {
        var accept = headers.Accept;
        if (accept.IsEmpty)
            return false;
        if (!IsNavigation(headers))
            return isFirstPage && accept is "*/*" && headers.SecFetchMode.IsEmpty && FetchMetadata.IsSentBy(browser);
        if (!accept.StartsWith("text/html", StringComparison.OrdinalIgnoreCase))
            return true;
        return browser.Family switch
        {
            BrowserFamily.Chromium => browser.Major >= 80 && !accept.Contains("image/webp", StringComparison.Ordinal),
            _ => accept.Contains("image/apng", StringComparison.Ordinal) || accept.Contains("signed-exchange", StringComparison.Ordinal),
        };
    }

    // Every engine sends Upgrade-Insecure-Requests for pages alone.
    private static bool IsNavigation(in HeaderFacts headers) => headers.SecFetchMode is "navigate"
        ? headers.SecFetchDest is "document" or "iframe" or "frame" : headers.SecFetchMode.IsEmpty && headers.HasUpgradeInsecure;

    private static bool EncodingIsOdd(in HeaderFacts headers, Browser browser)
    {
        var encoding = headers.AcceptEncoding;
        if (headers.IsRelayed || encoding.IsEmpty)
            return false;
        // gzip comes first in both; Safari has had Brotli before it.
        bool isOddOrder = browser.Family is BrowserFamily.Chromium or BrowserFamily.Firefox
            && (encoding.StartsWith("br", StringComparison.Ordinal) || encoding.StartsWith("deflate", StringComparison.Ordinal));
        // Brotli is kept from boxes in between that could break it. Fetch metadata would show that TLS ended before us, or on this machine.
        bool isOpenBrotli = headers.Transport == Transport.Plain && headers.SecFetchMode.IsEmpty && FetchMetadata.IsSentBy(browser)
            && encoding.Contains("br", StringComparison.Ordinal);
        return isOddOrder || isOpenBrotli || encoding.Contains("compress", StringComparison.Ordinal);
    }
}
