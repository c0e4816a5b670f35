using System.Buffers;
using Weir.Detection.Catalog;

namespace Weir.Detection.Claims;

/// <summary>One pass over one user agent: the best claim so far, whether others contradict it, and the words met.</summary>
internal ref struct UserAgentScan(ReadOnlySpan<char> text, TokenAutomaton automaton, ClaimRank[] ranks)
{
    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t;,()<>\"'[]{}");

    private readonly ReadOnlySpan<char> _text = text;

    private int _bestRank;
    private int _urlEnd;
    private int _modelEnd;
    private int _bestOperator;

    /// <summary>Index of the crawler claimed; -1 for none.</summary>
    public int Crawler { get; private set; } = -1;

    /// <summary>Whether crawlers of two operators are named.</summary>
    public bool HasSeveralOperators { get; private set; }

    /// <summary>The words met.</summary>
    public Words Words { get; private set; }

    /// <summary>Where "like Gecko" ends; -1 when it is not there.</summary>
    public int LikeGeckoEnd { get; private set; } = -1;

    /// <summary>Where "Chrome/" ends; -1 when it is not there.</summary>
    public int ChromeEnd { get; private set; } = -1;

    public void Run()
    {
        var steps = automaton.Begin();
        int state = TokenAutomaton.Root;
        for (int i = 0; i < _text.Length; i++)
        {
            state = steps.Next(state, _text[i]);
            if (steps.IsAccepting(state))
                Consider(state, i + 1);
        }
    }

    private void Consider(int state, int end)
    {
        foreach (ushort output in automaton.OutputsOf(state))
        {
            ref readonly var pattern = ref automaton.Patterns[output];
            // A word met again says nothing new, and a hostile text may be full of it.
            if (!pattern.IsToken && (Words & UserAgentWords.Meanings[pattern.Value]) == UserAgentWords.Meanings[pattern.Value])
                continue;
            int start = end - pattern.Text.Length;
            if (!EdgeHolds(pattern.Left, start - 1, start) || !EdgeHolds(pattern.Right, end, end - 1))
                continue;
            if (pattern.IsToken)
                ConsiderToken(pattern, output, start);
            else
                ConsiderWord(UserAgentWords.Meanings[pattern.Value], start, end);
        }
    }

    private void ConsiderToken(in Pattern pattern, int output, int start)
    {
        ref readonly var rank = ref ranks[output];
        bool mayContradict = Crawler >= 0 && rank.Operator != 0 && _bestOperator != 0 && rank.Operator != _bestOperator;
        if (rank.Value <= _bestRank && (HasSeveralOperators || !mayContradict))
            return;
        if (!rank.MayStandInUrl && (start < _urlEnd || IsInUrl(start)))
            return;
        if (IsLikened(start))
            return;
        HasSeveralOperators |= mayContradict;
        if (rank.Value <= _bestRank)
            return;
        _bestRank = rank.Value;
        _bestOperator = rank.Operator;
        Crawler = pattern.Value;
    }

    private void ConsiderWord(Words meaning, int start, int end)
    {
        if (meaning == Words.Automation && (PhoneNames.Holds(_text, start, end) || IsInModelName(start, end)))
            return;
        if (meaning == Words.Android)
        {
            int close = _text[end..].IndexOf(')');
            _modelEnd = close < 0 ? 0 : end + close;
        }
        Words |= meaning;
        if (meaning == Words.LikeGecko)
            LikeGeckoEnd = end;
        if (meaning.Has(Words.Chrome))
            ChromeEnd = end;
    }

    // Behind "Android" in the same bracket stands the phone's model, which may be called Robot or Tracer; "AcmeBot/1.0" is no model.
    private readonly bool IsInModelName(int start, int end) => start < _modelEnd && end <= _modelEnd && _text[end] != '/' && !Words.Has(Words.Compatible);

    private readonly bool EdgeHolds(Edge edge, int outside, int inside)
    {
        if (edge == Edge.Any || (uint)outside >= (uint)_text.Length)
            return true;
        char o = _text[outside], i = _text[inside];
        if (!char.IsLetterOrDigit(i))
            return true;
        if (edge == Edge.Whole)
            return !char.IsLetterOrDigit(o);
        // Camel: "GomezAgent", "BotCollector"; and digits belong to no word.
        if (!char.IsLetter(o))
            return true;
        return outside < inside ? char.IsUpper(i) && char.IsLower(o) : char.IsLower(i) && char.IsUpper(o);
    }

    // The word that holds a position, back to a blank or bracket, is a URL or a mail address.
    private bool IsInUrl(int start)
    {
        int from = _text[..start].LastIndexOfAny(WordEnds) + 1;
        var word = _text[from..start];
        bool isUrl = word.Length > 0 && (word.Contains("://", StringComparison.Ordinal) || word.Contains('@') || HasHostBeforePath(word)
            || word.TrimStart('+').StartsWith("www.", StringComparison.OrdinalIgnoreCase));
        if (!isUrl)
            return false;
        // Remembered, or a hostile text of one long word full of tokens would be walked back for each of them.
        int end = _text[start..].IndexOfAny(WordEnds);
        _urlEnd = end < 0 ? _text.Length : start + end;
        return true;
    }

    // "openai.com/gptbot" without a scheme: a letter on both sides of a dot, and a slash behind.
    private static bool HasHostBeforePath(ReadOnlySpan<char> word)
    {
        int slash = word.IndexOf('/');
        int dot = slash < 0 ? -1 : word[..slash].LastIndexOf('.');
        return dot > 0 && char.IsAsciiLetter(word[dot - 1]) && char.IsAsciiLetter(word[dot + 1]);
    }

    // "like FeedFetcher-Google": the sender says what it resembles, not what it is.
    private readonly bool IsLikened(int start) => start >= 5 && _text[..start].EndsWith("like ", StringComparison.OrdinalIgnoreCase);
}

/// <summary>How strong a token's claim is against another's in the same user agent.</summary>
/// <param name="Value">Higher wins; the first of equals.</param>
/// <param name="Operator">Number of a known operator; 0 when unknown or anyone.</param>
/// <param name="MayStandInUrl">Whether the token is itself a host or path.</param>
internal readonly record struct ClaimRank(int Value, int Operator, bool MayStandInUrl)
{
    // A name that must not be there outweighs all; a crawler's name outweighs its operator's page, which several crawlers may link to, and that
    // the library it is built with; then the longer one wins.
    public static ClaimRank Of(Crawler crawler, string token, int operatorNumber)
    {
        bool isPlace = IsPlace(token);
        bool isPage = isPlace && token.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && token.AsSpan(dot).Contains('/');
        int kind = crawler.IsRobotsTokenOnly ? 3000 : crawler.Purpose == Purpose.ScraperLibrary ? 0 : isPage ? 1000 : 2000;
        return new ClaimRank(kind + token.Length, crawler.IsForAnyone || crawler.Operator == "unknown" ? 0 : operatorNumber, isPlace);
    }

    private static bool IsPlace(string token)
    {
        for (int i = 1; i < token.Length - 1; i++)
        {
            if (token[i] is '.' or '/' or '@' && char.IsAsciiLetter(token[i - 1]) && char.IsAsciiLetter(token[i + 1]))
                return true;
        }
        return token.Contains("://", StringComparison.Ordinal);
    }
}
