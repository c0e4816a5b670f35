using Weir.Detection.Claims;

namespace Weir.Detection.Signals;

/// <summary>The forms of Accept and Accept-Encoding that the engines write.</summary>
internal static class AcceptForms
{
    public static ReasonSet Read(in RequestFacts facts, Browser browser)
    {
        var headers = facts.Headers;
        // A page's script and an app's window may set these as they like, and so may who builds on an engine.
        bool isJudged = !browser.IsEmbedded && browser.Family != BrowserFamily.Other && !headers.HasRequestedWith && !headers.IsWebSocket;
        bool isOdd = isJudged && (AcceptIsOdd(facts, browser) || EncodingIsOdd(facts, browser));
        return isOdd ? default(ReasonSet).With(Reason.AcceptContradicts) : default;
    }

    private static bool AcceptIsOdd(in RequestFacts facts, Browser browser)
    {
        var headers = facts.Headers;
        var accept = headers.Accept;
        if (accept.IsEmpty)
            return false;
        if (!IsNavigation(headers))
            return accept is "*/*" && headers.SecFetchMode.IsEmpty && MustBeAPage(facts) && FetchMetadata.IsSentBy(browser);
        if (!accept.StartsWith("text/html", StringComparison.OrdinalIgnoreCase))
            return true;
        bool hasChromiumForm = accept.Contains("image/apng", StringComparison.Ordinal) || accept.Contains("signed-exchange", StringComparison.Ordinal);
        return browser.Family switch
        {
            BrowserFamily.Chromium => browser.Major >= 80 && !accept.Contains("image/webp", StringComparison.Ordinal),
            _ => hasChromiumForm,
        };
    }

    // Every engine sends Upgrade-Insecure-Requests for pages alone.
    private static bool IsNavigation(in HeaderFacts headers) => headers.SecFetchMode is "navigate"
        ? headers.SecFetchDest is "document" or "iframe" or "frame" : headers.SecFetchMode.IsEmpty && headers.HasUpgradeInsecure;

    // The first page of a site, and nothing referred to it: a script's own requests name the page that they come from.
    private static bool MustBeAPage(in RequestFacts facts) => facts.Referrer.IsEmpty && facts.Method is "" or "GET" && facts.Path is "/";

    private static bool EncodingIsOdd(in RequestFacts facts, Browser browser)
    {
        var headers = facts.Headers;
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
