using Weir.Detection.Catalog;

namespace Weir.Detection.Claims;

/// <summary>Says what a user agent claims and looks like. Compiled from a catalog; immutable; safe from any thread; allocates nothing.</summary>
internal sealed class UserAgentReader
{
    /// <summary>Characters that are judged, all of them. Browsers stay under 500; a longer text is judged by its head and counts as odd.</summary>
    public const int MaxLength = 8192;

    private readonly TokenAutomaton _automaton;
    private readonly ClaimRank[] _ranks;
    private readonly bool[] _isLibrary;
    private readonly bool[] _isRobotsOnly;
    private readonly bool[] _isAlsoApp;

    public UserAgentReader(IReadOnlyList<Crawler> crawlers)
    {
        List<Pattern> patterns = [];
        List<ClaimRank> ranks = [];
        Dictionary<string, int> operators = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < crawlers.Count; i++)
        {
            if (!operators.TryGetValue(crawlers[i].Operator, out int number))
                operators.Add(crawlers[i].Operator, number = operators.Count + 1);
            foreach (string token in crawlers[i].Tokens)
            {
                patterns.Add(new Pattern(token, (ushort)i, IsToken: true, Edge.Whole, Edge.Whole));
                ranks.Add(ClaimRank.Of(crawlers[i], token, number));
            }
        }
        patterns.AddRange(UserAgentWords.Patterns);
        _automaton = new TokenAutomaton(patterns);
        _ranks = ranks.ToArray();
        _isLibrary = crawlers.Select(c => c.Purpose == Purpose.ScraperLibrary).ToArray();
        _isRobotsOnly = crawlers.Select(c => c.IsRobotsTokenOnly).ToArray();
        _isAlsoApp = crawlers.Select(c => c.IsAlsoApp).ToArray();
    }

    /// <summary>The part of a user agent that <see cref="Read"/> may look at: blanks cut off, one character over the bound kept to show it.</summary>
    public static ReadOnlySpan<char> Bound(ReadOnlySpan<char> userAgent)
    {
        // Trimmed inside a bound, so that a long run of blanks costs no more than any other text.
        var text = userAgent[..Math.Min(userAgent.Length, 2 * MaxLength)].Trim();
        return text.Length > MaxLength ? text[..(MaxLength + 1)] : text;
    }

    /// <summary>Reads one bounded user agent. Never throws.</summary>
    public UserAgentReading Read(ReadOnlySpan<char> text)
    {
        // Access logs write "-" for a header that was not sent.
        if (text.IsEmpty || text is "-")
            return new UserAgentReading(-1, default(ReasonSet).With(Reason.UserAgentMissing), browser: default);
        bool isTooLong = text.Length > MaxLength;
        if (isTooLong)
            text = text[..MaxLength];
        var scan = new UserAgentScan(text, _automaton, _ranks);
        scan.Run();
        var reasons = UserAgentForm.Read(text, scan);
        if (isTooLong)
            reasons = reasons.With(Reason.UserAgentTooLong);
        int crawler = scan.Crawler >= 0 && IsPersonsApp(scan.Crawler, scan.Words, reasons) ? -1 : scan.Crawler;
        if (crawler >= 0)
            reasons = reasons.With(ReasonOf(crawler));
        if (crawler >= 0 && scan.HasSeveralOperators)
            reasons = reasons.With(Reason.SeveralCrawlersNamed);
        return new UserAgentReading(crawler, reasons, BrowserReader.Read(text));
    }

    // A name that crawler and app share is the app's in a browser's text.
    private bool IsPersonsApp(int crawler, Words words, ReasonSet reasons) => _isAlsoApp[crawler]
        && reasons.Has(Reason.BrowserForm) && !words.Has(Words.Compatible | Words.Automation | Words.Contact);

    private Reason ReasonOf(int crawler) => _isRobotsOnly[crawler] ? Reason.RobotsOnlyToken
        : _isLibrary[crawler] ? Reason.LibraryToken : Reason.CrawlerToken;
}
