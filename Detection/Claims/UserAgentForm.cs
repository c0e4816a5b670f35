using System.Buffers;

namespace Weir.Detection.Claims;

/// <summary>Says what the words and the form of a user agent show: a browser's, a phone's, a person's app's, or none of these.</summary>
internal static class UserAgentForm
{
    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '\x7f']);
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789.");

    /// <summary>What the form of a user agent shows. Reasons 5–10 and 12–16 only.</summary>
    public static ReasonSet Read(ReadOnlySpan<char> text, in UserAgentScan scan)
    {
        var reasons = default(ReasonSet);
        var words = scan.Words;
        if (words.Has(Words.Headless))
            reasons = reasons.With(Reason.HeadlessBrowser);
        if (words.Has(Words.Automation))
            reasons = reasons.With(Reason.AutomationWord);
        if ((words.Has(Words.Contact) || ContactText.Holds(text)) && !text.Contains("Embedded Web Browser from", StringComparison.Ordinal))
            reasons = reasons.With(Reason.ContactInUserAgent);
        if (words.Has(Words.Malformed) || text.ContainsAny(ControlCharacters))
            reasons = reasons.With(Reason.UserAgentMalformed);
        bool isMozilla = text.StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase);
        if (isMozilla ? !IsMozillaForm(text, words) : !IsOtherForm(text, words))
            return reasons.With(words.Has(Words.Tool) ? Reason.ToolNamed : Reason.NotABrowserForm).With(Reason.NotABrowserForm);
        if (IsImpossible(text, scan))
            return reasons.With(Reason.ImpossibleBrowser);
        var faults = isMozilla ? BrowserModel.Read(text, words) : default;
        bool isBrowsers = !faults.Has(Reason.ImpossibleBrowser) && !faults.Has(Reason.ImpossibleVersion) && !faults.Has(Reason.BrowserCutShort);
        return isBrowsers ? reasons.With(faults).With(Reason.BrowserForm) : reasons.With(faults);
    }

    private static bool IsMozillaForm(ReadOnlySpan<char> text, Words words)
    {
        if (words.Has(Words.Tool) && !words.Has(Words.WebKit | Words.Device | Words.OwnForm | Words.Engine))
            return false;
        return words.Has(Words.Engine | Words.Device | Words.OwnForm)
            || (words.Has(Words.Android) && !words.Has(Words.Compatible) && text.Contains(';')) || IsNetscape(text);
    }

    // "Mozilla/3.04 (WinNT; I)", "Mozilla/4.79 [en] (X11; U; Linux 2.4.19 i686)": a letter says how strong its encryption is.
    private static bool IsNetscape(ReadOnlySpan<char> text)
    {
        if (text["Mozilla/".Length..] is not [>= '1' and <= '4', '.', ..])
            return false;
        int open = text.IndexOf('(');
        var comment = open < 0 ? default : text[(open + 1)..].TrimEnd(") ");
        UserAgentProducts.TryCutItem(ref comment, out _);
        while (UserAgentProducts.TryCutItem(ref comment, out var item))
        {
            if (item is "I" or "U" or "N")
                return true;
        }
        return false;
    }

    private static bool IsOtherForm(ReadOnlySpan<char> text, Words words)
    {
        if (words.Has(Words.Tool) && !words.Has(Words.WebKit | Words.Device | Words.OwnForm))
            return false;
        if (PhoneNames.Begins(text) || words.Has(Words.Device | Words.OwnForm))
            return true;
        // A phone's app may put its name before its view's text; before a desktop's text only services do.
        if (words.Has(Words.Tool) || (text.Contains("Mozilla/", StringComparison.Ordinal) && !words.Has(Words.Android | Words.AppStack)))
            return false;
        return (words.Has(Words.AppStack) && text.ContainsAny('/', '(')) || text.StartsWith("OPR/", StringComparison.Ordinal)
            || (words.Has(Words.WebKit) && !IsBeheaded(text)) || (words.Has(Words.Android) && text.Contains('('));
    }

    // A browser's text whose beginning was lost.
    private static bool IsBeheaded(ReadOnlySpan<char> text) =>
        text[0] is '(' or '"' or '\'' || text.StartsWith("AppleWebKit", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("Chrome/", StringComparison.OrdinalIgnoreCase);

    private static bool IsImpossible(ReadOnlySpan<char> text, in UserAgentScan scan)
    {
        var words = scan.Words;
        if (words.Has(Words.Compatible) && !words.Has(Words.CompatibleBrowser | Words.Device))
            return true;
        if (words.Has(Words.Chrome) && !words.Has(Words.WebKit))
            return true;
        // A browser closes the bracket after "like Gecko"; services add their name before it.
        if (scan.LikeGeckoEnd > 0 && scan.LikeGeckoEnd < text.Length && text[scan.LikeGeckoEnd] is ';' or ',' && words.Has(Words.Chrome))
            return true;
        return scan.ChromeEnd > 0 && IsVersionGluedToWord(text[scan.ChromeEnd..]);
    }

    // "Chrome/105.0.0.0MQQBrowser/6.2": put together by a program that forgot the blank.
    private static bool IsVersionGluedToWord(ReadOnlySpan<char> version)
    {
        int end = version.IndexOfAnyExcept(VersionCharacters);
        return end > 0 && char.IsAsciiLetter(version[end]) && !version[end..].StartsWith("Mobile ", StringComparison.Ordinal);
    }
}
