namespace Weir.Worker.Citations;

/// <summary>Finds a brand in an answer. Pure; safe from any thread; takes any text.</summary>
/// <remarks>
/// A brand is cited when the answer names a page of it (a URL, a source beside the text, or its host in the words) or calls it by name. A name that
/// the question holds already proves nothing: engines repeat the question. Names count as whole words alone, hosts to their dots: neither
/// <c>pineapple</c> nor <c>acme.com.evil.test</c> nor <c>https://acme.com@evil.test/</c> is a citation.
/// </remarks>
public static class CitationFinder
{
    /// <summary>Most URLs that are kept as proof.</summary>
    public const int UrlsMax = 10;

    private const int UrlCharsMax = 500, HostsInWordsMax = 500;

    // Longest name of a host (RFC 1035 §2.3.4); without a bound, words without a space would cost their square.
    private const int HostCharsMax = 255;

    /// <summary>Judges an answer.</summary>
    /// <param name="text">The engine's words.</param>
    /// <param name="links">The sources that it names beside them.</param>
    /// <param name="question">What it was asked.</param>
    /// <param name="marks">What the brand is known by.</param>
    /// <param name="lastResult">What the target's last scan found; null for the first.</param>
    public static Citation Find(string text, IReadOnlyList<string> links, string question, BrandMarks marks, string? lastResult)
    {
        string clean = AnswerText.Clean(text);
        var named = NamedUrls.Find(clean, links);
        List<NamedUrl> all = [.. named.Concat(HostsInWords(clean, marks, named).Take(HostsInWordsMax)).OrderBy(u => u.At)];
        List<string> hosts = [.. all.Select(u => u.Host).Distinct(StringComparer.Ordinal)];
        var evidence = new CitationEvidence { Sources = hosts.Count, AnswerChars = text.Length, Snippet = AnswerText.Snippet(clean, 0, 0, around: 240) };
        List<NamedUrl> own = [.. all.Where(u => marks.Owns(u.Host))];
        if (own is [var first, ..])
            return new Citation("cited", WithUrl(evidence, clean, own, 1 + hosts.IndexOf(first.Host)));
        string asked = AnswerText.Clean(question);
        foreach (string name in marks.Names.Where(n => !AnswerText.Places(asked, n).Any()))
        {
            foreach (int at in AnswerText.Places(clean, name))
                return new Citation("cited", evidence with { By = "name", Name = name, At = at, Snippet = AnswerText.Snippet(clean, at, name.Length) });
        }
        return new Citation(lastResult == "cited" ? "lost_citation" : "gap", evidence);
    }

    private static CitationEvidence WithUrl(CitationEvidence evidence, string clean, List<NamedUrl> own, int position)
    {
        bool isInText = own[0].Length > 0;
        return evidence with
        {
            By = "url",
            Urls = [.. own.Select(u => u.Url.Length > UrlCharsMax ? u.Url[..UrlCharsMax] + "…" : u.Url).Distinct(StringComparer.Ordinal).Take(UrlsMax)],
            Position = position,
            At = isInText ? own[0].At : null,
            Snippet = isInText ? AnswerText.Snippet(clean, own[0].At, own[0].Length) : evidence.Snippet,
        };
    }

    // "See acme.com/pricing": a page without its scheme. What stands inside a URL was judged with it, behind an @ it is a mail address, and behind
    // a single slash another's path.
    private static IEnumerable<NamedUrl> HostsInWords(string text, BrandMarks marks, IReadOnlyList<NamedUrl> named)
    {
        foreach (string host in marks.Hosts)
        {
            for (int at = 0; (at = text.IndexOf(host, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += host.Length)
            {
                int from = at;
                while (from > 0 && at - from < HostCharsMax && IsHostChar(text[from - 1]))
                    from--;
                int to = at + host.Length;
                bool isBegun = from == at || text[at - 1] == '.';
                bool isOthers = from > 0 && (text[from - 1] == '@' || text[from - 1] == '/' && !(from > 1 && text[from - 2] == '/'));
                if (isBegun && IsEnd(text, to) && !isOthers && !named.Any(u => at >= u.At && at < u.At + u.Length))
                    yield return new NamedUrl(from, to - from, text[from..to], BrandMarks.HostOf(text[from..to]));
            }
        }
    }

    // The dot of a sentence ends a host, one before a letter goes on with it.
    private static bool IsEnd(string text, int to)
    {
        int next = to < text.Length && text[to] == '.' ? to + 1 : to;
        return next >= text.Length || text[next] == '.' || !IsHostChar(text[next]);
    }

    private static bool IsHostChar(char c) => char.IsLetterOrDigit(c) || c is '-' or '.';
}
