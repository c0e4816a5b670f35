using System.Buffers;

namespace Weir.Detection.Claims;

/// <summary>Rules about how browsers write themselves, and who does not.</summary>
internal static class UserAgentShape
{
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>What the form of a user agent shows. Reasons 4–12 only.</summary>
    public static ReasonSet Read(ReadOnlySpan<char> text, in UserAgentScan scan)
    {
        var reasons = default(ReasonSet);
        var words = scan.Words;
        if (words.Has(Words.Headless))
            reasons = reasons.With(Reason.HeadlessBrowser);
        if (words.Has(Words.Automation))
            reasons = reasons.With(Reason.AutomationWord);
        if (words.Has(Words.Contact) || HasMailOrHost(text))
            reasons = reasons.With(Reason.ContactInUserAgent);
        if (words.Has(Words.Malformed) || text.ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f'))
            reasons = reasons.With(Reason.UserAgentMalformed);
        if (!IsBrowserForm(text, words))
            return reasons.With(Reason.NotABrowserForm);
        return reasons.With(IsImpossible(text, scan) ? Reason.ImpossibleBrowser : Reason.BrowserForm);
    }

    /// <summary>Whether a word that means automation is here the name of a phone: CUBOT, "M BOT 551".</summary>
    public static bool IsDeviceName(ReadOnlySpan<char> text, int start, int end)
    {
        if (!text[start..end].Equals("bot", StringComparison.OrdinalIgnoreCase))
            return false;
        var before = text[..start];
        return before.EndsWith("cu", StringComparison.OrdinalIgnoreCase) || before.EndsWith(" M ", StringComparison.Ordinal)
            || before.EndsWith(" M_", StringComparison.Ordinal) || before.EndsWith(" M-", StringComparison.Ordinal);
    }

    private static bool IsBrowserForm(ReadOnlySpan<char> text, Words words)
    {
        if (words.Has(Words.Tool) && !words.Has(Words.WebKit | Words.Device))
            return false;
        if (text.StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase))
            return words.Has(Words.Engine | Words.Device) || (words.Has(Words.Android) && !words.Has(Words.Compatible));
        return words.Has(Words.Device | Words.OwnForm | Words.AppStack)
            || words.Has(Words.Engine | Words.Android) && text.Contains('(');
    }

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
        return end > 0 && char.IsAsciiLetter(version[end]);
    }

    // A mail address, or a name that ends like a host's and stands alone: "PrintFriendly.com".
    private static bool HasMailOrHost(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length - 1; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i - 1]))
                continue;
            if (text[i] == '@' && char.IsAsciiLetterOrDigit(text[i + 1]))
                return true;
            if (text[i] == '.' && EndsAsHost(text[(i + 1)..]))
                return true;
        }
        return false;
    }

    private static bool EndsAsHost(ReadOnlySpan<char> rest)
    {
        int end = rest.IndexOfAnyExcept(Letters);
        var label = end < 0 ? rest : rest[..end];
        if (end >= 0 && (rest[end] is '.' or '_' || char.IsAsciiDigit(rest[end])))
            return false;
        return label.Length is 2 or 3 && (label.Equals("com", StringComparison.OrdinalIgnoreCase)
            || label.Equals("org", StringComparison.OrdinalIgnoreCase) || label.Equals("net", StringComparison.Ordinal)
            || label.Equals("de", StringComparison.Ordinal) || label.Equals("ru", StringComparison.Ordinal)
            || label.Equals("io", StringComparison.Ordinal) || label.Equals("ai", StringComparison.Ordinal));
    }
}
