using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Detection;

/// <summary>One sentence for people per reason. The same words in the command line, the API and the dashboard.</summary>
public static class ReasonText
{
    /// <summary>Says a reason in one sentence. Names from the verdict are the catalog's, never the client's text.</summary>
    public static string For(Reason reason, in Verdict verdict) => reason switch
    {
        Reason.CrawlerToken => $"The user agent names {Name(verdict)}, a crawler of {Operator(verdict)}.",
        Reason.UserAgentMissing => "No user agent was sent; every browser sends one.",
        Reason.LibraryToken => $"The user agent names {Name(verdict)}, a library or tool that programs use.",
        Reason.RobotsOnlyToken => $"{Name(verdict)} is a name for robots.txt that no client sends, so this user agent is made up.",
        Reason.SeveralCrawlersNamed => "The user agent names crawlers of several operators, and one of them at most is true.",
        Reason.HeadlessBrowser => "The browser says, in its user agent or its client hints, that it has no screen or is driven by a script.",
        Reason.AutomationWord => "The user agent calls itself a bot, crawler, checker or the like.",
        Reason.ContactInUserAgent => "The user agent holds a web or mail address, as programs leave for site owners.",
        Reason.NotABrowserForm => "The user agent has no form that a browser or a person's app sends.",
        Reason.ImpossibleBrowser => "The user agent looks like a browser's, but no browser writes it so.",
        Reason.BrowserForm => "The user agent is written as a browser's or a person's app's.",
        Reason.UserAgentTooLong => "The user agent is longer than any browser's; its head was judged.",
        Reason.UserAgentMalformed => "The user agent holds control characters, an unfilled template or an attack on a parser.",
        Reason.StrangerInBrowser => "The user agent is a desktop browser's, but a name was added that is no browser's, system's or app's.",
        Reason.ImpossibleVersion => "The user agent names a version of a browser, engine or system that was never made.",
        Reason.BrowserCutShort => "The user agent begins as a browser's, but pieces that every browser writes are missing.",
        Reason.ToolNamed => "The user agent names a programming language, an HTTP library or a developers' tool.",
        _ => ForIdentity(reason, verdict),
    };

    private static string ForIdentity(Reason reason, in Verdict verdict) => reason switch
    {
        Reason.InRangeList => $"The address is in {List(verdict)}, where {Operator(verdict)} crawls from.",
        Reason.OutsideRangeList => $"The address is outside {List(verdict)}, which {Operator(verdict)} publishes as complete.",
        Reason.RangeListReported => "That list was gathered by others and not published by the operator.",
        Reason.InOperatorNetwork when verdict.IdentityMethod == IdentityMethod.ReverseDns =>
            $"The address has a host name that {Operator(verdict)} gives to its customers' programs too.",
        Reason.InOperatorNetwork => $"The address is in {List(verdict)}, a network where others than the crawler are too.",
        Reason.OutsideIncompleteList => $"The address is outside {List(verdict)}, but that list is not known to be complete.",
        Reason.RangeListNewerThanHit => $"{List(verdict)} is newer than the request, so being outside proves nothing.",
        Reason.RangeListTooOld => $"{List(verdict)} is over a year older than the request, so being outside proves nothing.",
        Reason.InKinRangeList => $"The address is in {List(verdict)}, another list of {Operator(verdict)}: not a stranger, but not proved.",
        Reason.NoDocumentedMethod => $"{Operator(verdict)} documents no way to check the claim.",
        Reason.ReverseDnsNotChecked => $"{Operator(verdict)} documents reverse DNS, which was not asked.",
        Reason.ClientAddressUnknown => "The client's address is not known, so the claim cannot be checked.",
        Reason.AnyoneCanRunIt => "Anybody can run this program, so no check can say who did.",
        Reason.SignatureNotChecked => "Only a signature could prove the claim, and none was checked.",
        Reason.ReverseDnsUnderWay => $"Reverse DNS is being asked whether the address is of {Operator(verdict)}; the answer comes later.",
        Reason.ReverseDnsConfirmed => $"The address has a host name of {Operator(verdict)}, and that name leads back to the address.",
        Reason.ReverseDnsRefuted => $"No host name of {Operator(verdict)} leads to the address, though it documents one for each of its crawlers.",
        Reason.ReverseDnsUnanswered => "DNS gave no answer in time, which proves nothing.",
        Reason.SignatureValid => verdict.Crawler is null ? "The request carries a true signature of a program that the catalog does not know."
            : $"The request carries a true signature of {Operator(verdict)}.",
        Reason.SignatureInvalid => "The request carries a signature that is false, expired, used before or made for another site.",
        Reason.SignatureKeyUnderWay => "The key of the request's signature is being fetched; the answer comes later.",
        _ => ForSignal(reason),
    };

    private static string ForSignal(Reason reason) => reason switch
    {
        Reason.AcceptLanguageMissing => "No Accept-Language was sent, or one that names no language; browsers send one (weak evidence).",
        Reason.AcceptEncodingMissing => "No Accept-Encoding was sent; browsers send one (weak evidence).",
        Reason.AcceptMissing => "No Accept was sent; browsers send one (weak evidence).",
        Reason.ClientHintsContradict => "The client hints name another browser, version or system than the user agent.",
        Reason.OldHttpVersion => "The request came by HTTP/1.0, which no browser of today speaks.",
        Reason.FetchMetadataSent => "Fetch metadata was sent, as browsers do.",
        Reason.CookieSent => "A cookie was sent back.",
        Reason.CameByReferral => "A page of an engine or network sent the visitor here.",
        Reason.RequestRateHigh => "This address asked more often than one person does.",
        Reason.RequestRateExtreme => "This address asked far more often in a minute than one person can.",
        Reason.ClientHintsMissing => "No client hints were sent, as this browser does over TLS (weak evidence).",
        Reason.FetchMetadataMissing => "No fetch metadata was sent, as this browser does over TLS (weak evidence).",
        Reason.HeaderOrderOdd => "The headers came in an order that this browser does not use (weak evidence).",
        Reason.TlsContradicts => "The TLS greeting is not the browser's that the user agent names; a company's proxy or a virus scanner greets so too.",
        Reason.AcceptContradicts => "Accept headers or fetch metadata have a form that this browser does not write (weak evidence).",
        Reason.HttpVersionContradicts => "The request came by HTTP/1.1 over TLS, where this browser takes HTTP/2 (weak evidence).",
        _ => ForBehaviour(reason),
    };

    private static string ForBehaviour(Reason reason) => reason switch
    {
        Reason.HoneypotVisited => "This address followed a link that no person can see and that robots.txt forbids.",
        Reason.BeaconRan => "This address ran the site's script, as browsers do.",
        Reason.PagesWithoutAssets => "This address took pages and nothing of what a browser loads with them (weak evidence).",
        Reason.SteadyPace => "This address asks in a beat that no person keeps.",
        Reason.ManyErrors => "Most of what this address asked for does not exist.",
        Reason.BroadCrawl => "This address went through more different pages than one person reads.",
        Reason.RobotsTxtFetched => "This address read robots.txt, as crawlers do.",
        Reason.OfferIgnored => "The site offered a script or a cookie, and this address took neither up (weak evidence).",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This reason has no sentence. Write one here."),
    };

    private static string Name(in Verdict verdict) => verdict.Crawler?.Name ?? "a crawler";

    private static string Operator(in Verdict verdict) => verdict.Crawler?.Operator switch
    {
        null or "unknown" => "its operator",
        "open source" => "whoever runs it",
        var name => name,
    };

    private static string List(in Verdict verdict)
    {
        if (verdict.RangeList is not { } label)
            return "the operator's list";
        int at = label.LastIndexOf('@');
        var list = Find(verdict.Crawler, label);
        return list is null ? label : $"{label[..at]} of {list.PublishedAt:yyyy-MM-dd}";
    }

    /// <summary>The list that judged a verdict, if its crawler still refers to that version; else null.</summary>
    public static RangeList? RangeListOf(in Verdict verdict) => verdict.RangeList is { } label ? Find(verdict.Crawler, label) : null;

    private static RangeList? Find(Crawler? crawler, string label)
    {
        if (crawler is null)
            return null;
        foreach (var list in crawler.RangeLists.Concat(crawler.KinRangeLists))
        {
            for (var version = list; version is not null; version = version.Earlier)
            {
                if (version.Label == label)
                    return version;
            }
        }
        return null;
    }
}
