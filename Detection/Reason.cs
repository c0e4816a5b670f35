using System.Numerics;

namespace Weir.Detection;

/// <summary>Why a verdict came out as it did. The number is a bit in the stored <c>reasons</c> column: it may be added, never changed.</summary>
/// <remarks>0–19 come from the user agent alone and are cached with it; keep new ones of that sort below 20.</remarks>
public enum Reason : byte
{
    /// <summary>The user agent names a crawler of the catalog.</summary>
    CrawlerToken = 0,

    /// <summary>No user agent was sent.</summary>
    UserAgentMissing = 1,

    /// <summary>The user agent names a library or tool that anybody can run.</summary>
    LibraryToken = 2,

    /// <summary>The user agent carries a name that exists for robots.txt alone.</summary>
    RobotsOnlyToken = 3,

    /// <summary>The user agent names crawlers of several operators.</summary>
    SeveralCrawlersNamed = 4,

    /// <summary>The user agent or the client hints say that the browser runs without a screen or under a script.</summary>
    HeadlessBrowser = 5,

    /// <summary>A word such as bot, crawler or checker is in the user agent.</summary>
    AutomationWord = 6,

    /// <summary>The user agent holds a web or mail address, as programs leave for site owners.</summary>
    ContactInUserAgent = 7,

    /// <summary>The user agent has no form that a browser or a person's app sends.</summary>
    NotABrowserForm = 8,

    /// <summary>The user agent looks like a browser's, but no browser writes it so.</summary>
    ImpossibleBrowser = 9,

    /// <summary>The user agent is written as a browser's or a person's app's.</summary>
    BrowserForm = 10,

    /// <summary>The user agent is longer than what is judged.</summary>
    UserAgentTooLong = 11,

    /// <summary>The user agent holds control characters, a template that was not filled in, or an attack on a parser.</summary>
    UserAgentMalformed = 12,

    /// <summary>The user agent is a desktop browser's with a name in it that is no browser's, system's or app's.</summary>
    StrangerInBrowser = 13,

    /// <summary>The user agent names a version of a browser, engine or system that was never made.</summary>
    ImpossibleVersion = 14,

    /// <summary>The user agent begins as a browser's, and pieces that every browser writes are missing.</summary>
    BrowserCutShort = 15,

    /// <summary>The user agent names a programming language, an HTTP library or a tool of developers.</summary>
    ToolNamed = 16,

    /// <summary>A Web Bot Auth signature was checked and is true.</summary>
    SignatureValid = 20,

    /// <summary>A Web Bot Auth signature was checked and is false, expired, replayed or made for another site.</summary>
    SignatureInvalid = 21,

    /// <summary>Reverse DNS is being asked.</summary>
    ReverseDnsUnderWay = 22,

    /// <summary>The key of a signature is being fetched.</summary>
    SignatureKeyUnderWay = 23,

    /// <summary>The address is in a list of the operator's crawlers.</summary>
    InRangeList = 24,

    /// <summary>The address is outside the list that the operator documents as complete.</summary>
    OutsideRangeList = 25,

    /// <summary>The list that holds the address was gathered by others.</summary>
    RangeListReported = 26,

    /// <summary>The address is in the operator's network, where others than the crawler are too.</summary>
    InOperatorNetwork = 27,

    /// <summary>The address is outside the known ranges, but they are not known to be complete.</summary>
    OutsideIncompleteList = 28,

    /// <summary>The range list is newer than the hit, so being outside proves nothing.</summary>
    RangeListNewerThanHit = 29,

    /// <summary>The range list is over a year older than the hit, so being outside proves nothing.</summary>
    RangeListTooOld = 30,

    /// <summary>The address is in another list of the same operator's crawlers.</summary>
    InKinRangeList = 31,

    /// <summary>The operator documents no way to check the claim.</summary>
    NoDocumentedMethod = 32,

    /// <summary>The operator documents reverse DNS, which was not asked.</summary>
    ReverseDnsNotChecked = 33,

    /// <summary>The client's address is not known.</summary>
    ClientAddressUnknown = 34,

    /// <summary>Anybody can run this program.</summary>
    AnyoneCanRunIt = 35,

    /// <summary>Only a signature could prove the claim, and it was not checked.</summary>
    SignatureNotChecked = 36,

    /// <summary>The address has a name of the operator's, and that name leads back to the address.</summary>
    ReverseDnsConfirmed = 37,

    /// <summary>DNS answered, and no name of the operator's leads to the address.</summary>
    ReverseDnsRefuted = 38,

    /// <summary>DNS gave no answer in time, which proves nothing.</summary>
    ReverseDnsUnanswered = 39,

    /// <summary>No Accept-Language was sent, or one without a language; every browser names one.</summary>
    AcceptLanguageMissing = 40,

    /// <summary>No Accept-Encoding was sent, as every browser does.</summary>
    AcceptEncodingMissing = 41,

    /// <summary>No Accept was sent, as every browser does.</summary>
    AcceptMissing = 42,

    /// <summary>The client hints name another browser, version or system than the user agent.</summary>
    ClientHintsContradict = 43,

    /// <summary>The request came by HTTP/1.0, which no browser of today speaks.</summary>
    OldHttpVersion = 44,

    /// <summary>Fetch metadata was sent, as browsers do.</summary>
    FetchMetadataSent = 45,

    /// <summary>A cookie was sent back.</summary>
    CookieSent = 46,

    /// <summary>A page of an engine or network sent the visitor here.</summary>
    CameByReferral = 47,

    /// <summary>No client hints were sent over TLS, as the browser named does.</summary>
    ClientHintsMissing = 48,

    /// <summary>No fetch metadata was sent over TLS, as the browser named does.</summary>
    FetchMetadataMissing = 49,

    /// <summary>The headers came in an order that the browser named does not use.</summary>
    HeaderOrderOdd = 50,

    /// <summary>The TLS greeting is not of the browser named.</summary>
    TlsContradicts = 51,

    /// <summary>This address asked more often than one person does.</summary>
    RequestRateHigh = 52,

    /// <summary>This address asked far more often than one person can.</summary>
    RequestRateExtreme = 53,

    /// <summary>Accept headers or fetch metadata have a form that the browser named does not write.</summary>
    AcceptContradicts = 54,

    /// <summary>The HTTP version is not one that the browser named would choose here.</summary>
    HttpVersionContradicts = 55,

    /// <summary>This client followed a link that no person can see.</summary>
    HoneypotVisited = 56,

    /// <summary>This client ran the site's script.</summary>
    BeaconRan = 57,

    /// <summary>This client took pages and none of what a browser loads with them.</summary>
    PagesWithoutAssets = 58,

    /// <summary>This client asks in a beat that no person keeps.</summary>
    SteadyPace = 59,

    /// <summary>Most of what this client asked for does not exist.</summary>
    ManyErrors = 60,

    /// <summary>This client went through more different pages than one person reads.</summary>
    BroadCrawl = 61,

    /// <summary>This client read robots.txt, as crawlers do.</summary>
    RobotsTxtFetched = 62,

    /// <summary>A script or cookie was offered, and the client took neither up.</summary>
    OfferIgnored = 63,
}

/// <summary>A set of <see cref="Reason"/>s as stored: one bit each.</summary>
/// <param name="Bits">Bit n is set when reason number n holds.</param>
public readonly record struct ReasonSet(ulong Bits)
{
    /// <summary>How many hold.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Whether a reason holds.</summary>
    public bool Has(Reason reason) => (Bits >> (int)reason & 1) != 0;

    /// <summary>This set with one reason more.</summary>
    public ReasonSet With(Reason reason) => new(Bits | 1UL << (int)reason);

    /// <summary>The reasons of both sets.</summary>
    public ReasonSet With(ReasonSet others) => new(Bits | others.Bits);

    /// <summary>Walks the reasons that hold, by number; bits that this build does not know are left out. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(Bits);

    /// <summary>Walks a <see cref="ReasonSet"/>.</summary>
    public struct Enumerator(ulong bits)
    {
        private static readonly ulong Known = Enum.GetValues<Reason>().Aggregate(0UL, (all, r) => all | 1UL << (int)r);

        private ulong _rest = bits & Known;

        /// <summary>The reason reached.</summary>
        public Reason Current { get; private set; }

        /// <summary>Goes to the next one.</summary>
        public bool MoveNext()
        {
            if (_rest == 0)
                return false;
            Current = (Reason)BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
