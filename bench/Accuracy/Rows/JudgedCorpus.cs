using Weir.Detection;

namespace Weir.Accuracy.Rows;

/// <summary>A corpus with what every detector says of its rows.</summary>
/// <param name="Corpus">The rows.</param>
/// <param name="Verdicts">Weir's verdict of each row.</param>
/// <param name="Detectors">Weir first, then its peers, each with an answer a row.</param>
/// <param name="HasToken">For each row, whether a token of the catalog stands in it.</param>
internal sealed record JudgedCorpus(Corpus Corpus, Verdict[] Verdicts, IReadOnlyList<Answers> Detectors, bool[] HasToken)
{
    /// <summary>Rows that no list of names helps with: no token of the catalog, and no entry of crawler-user-agents.</summary>
    public bool IsUnlisted(int row) => !HasToken[row] && !Detectors.First(d => d.Name == "crawler-user-agents").IsProgram[row];

    /// <summary>Asks every detector about every row.</summary>
    public static JudgedCorpus Judge(Corpus corpus, Detector detector, NodePeers peers)
    {
        Verdict[] verdicts = [.. corpus.Rows.Select(row => Classify(detector, row.UserAgent))];
        var weir = new Answers("Weir", typeof(Detector).Assembly.GetName().Version!.ToString(3), [.. verdicts.Select(v => v.IsAutomated)]);
        var tokens = detector.Catalog.Crawlers.SelectMany(c => c.Tokens).ToArray();
        return new JudgedCorpus(corpus, verdicts, [weir, .. peers.Detect(corpus.Rows.Select(r => r.UserAgent))],
            [.. corpus.Rows.Select(row => tokens.Any(token => HoldsWord(row.UserAgent, token)))]);
    }

    // Nothing but the user agent: no header was seen and no address, as in a list of user agents.
    private static Verdict Classify(Detector detector, string userAgent) =>
        detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = userAgent });

    // Plain and slow on purpose: it must not be the code that is being measured.
    private static bool HoldsWord(string userAgent, string token)
    {
        for (int at = 0; (at = userAgent.IndexOf(token, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            if (IsEdge(userAgent, at - 1, token[0]) && IsEdge(userAgent, at + token.Length, token[^1]))
                return true;
        }
        return false;
    }

    private static bool IsEdge(string text, int outside, char inside) =>
        outside < 0 || outside >= text.Length || !char.IsLetterOrDigit(inside) || !char.IsLetterOrDigit(text[outside]);
}
