using System.Buffers;

namespace Weir.Detection.Claims;

/// <summary>Rules about how browsers write themselves, and who does not.</summary>
internal static class UserAgentShape
{
    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '\x7f']);
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly string[] PhoneMakers =
    [
        "Alcatel", "BlackBerry", "DoCoMo/", "Ericsson", "GT-", "HTC", "Huawei", "J-PHONE/", "KDDI-", "LG-", "LGE-", "LG/", "Lenovo", "MOT-",
        "Motorola", "Nokia", "Panasonic", "Palmscape", "Philips", "portalmmm", "SAGEM", "SAMSUNG", "SCH-", "SEC-", "SGH-", "SHARP", "SIE-",
        "SoftBank/", "SonyEricsson", "TECNO", "Toshiba", "Vodafone/", "ZTE",
    ];

    /// <summary>What the form of a user agent shows. Reasons 4–12 only.</summary>
    public static ReasonSet Read(ReadOnlySpan<char> text, in UserAgentScan scan)
    {
        var reasons = default(ReasonSet);
        var words = scan.Words;
        if (words.Has(Words.Headless))
            reasons = reasons.With(Reason.HeadlessBrowser);
        if (words.Has(Words.Automation))
            reasons = reasons.With(Reason.AutomationWord);
        if ((words.Has(Words.Contact) || HasMailOrHost(text)) && !text.Contains("Embedded Web Browser from", StringComparison.Ordinal))
            reasons = reasons.With(Reason.ContactInUserAgent);
        if (words.Has(Words.Malformed) || text.ContainsAny(ControlCharacters))
            reasons = reasons.With(Reason.UserAgentMalformed);
        if (!IsBrowserForm(text, words))
            return reasons.With(Reason.NotABrowserForm);
        return reasons.With(IsImpossible(text, scan) ? Reason.ImpossibleBrowser : Reason.BrowserForm);
    }

    /// <summary>Whether a word that means automation is part of the name of a phone or app: CUBOT, "M BOT 551", CamScanner.</summary>
    public static bool IsDeviceName(ReadOnlySpan<char> text, int start, int end)
    {
        var before = text[..start];
        var word = text[start..end];
        if (word.Equals("scanner", StringComparison.OrdinalIgnoreCase))
            return before.EndsWith("cam", StringComparison.OrdinalIgnoreCase);
        return word.Equals("bot", StringComparison.OrdinalIgnoreCase)
            && (before.EndsWith("cu", StringComparison.OrdinalIgnoreCase) || before.EndsWith(" M ", StringComparison.Ordinal)
                || before.EndsWith(" M_", StringComparison.Ordinal) || before.EndsWith(" M-", StringComparison.Ordinal));
    }

    private static bool IsBrowserForm(ReadOnlySpan<char> text, Words words)
    {
        bool isMozilla = text.StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase);
        if (words.Has(Words.Tool) && !words.Has(Words.WebKit | Words.Device | Words.OwnForm) && !(isMozilla && words.Has(Words.Engine)))
            return false;
        if (isMozilla)
            return words.Has(Words.Engine | Words.Device | Words.OwnForm) || (words.Has(Words.Android) && !words.Has(Words.Compatible));
        if (StartsAsPhone(text) || words.Has(Words.Device | Words.OwnForm))
            return true;
        // A service that passes a browser's text on puts its own name before it.
        if (text.Contains("Mozilla/", StringComparison.Ordinal) || words.Has(Words.Tool))
            return false;
        return words.Has(Words.AppStack | Words.WebKit) || text.StartsWith("Opera", StringComparison.Ordinal)
            || text.StartsWith("OPR/", StringComparison.Ordinal) || (words.Has(Words.Android) && text.Contains('('));
    }

    // Phones before the smart ones wrote maker and model where browsers write Mozilla.
    private static bool StartsAsPhone(ReadOnlySpan<char> text)
    {
        foreach (string maker in PhoneMakers)
        {
            if ((text[0] | 0x20) == (maker[0] | 0x20) && text.StartsWith(maker, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
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
        return end > 0 && char.IsAsciiLetter(version[end]) && !version[end..].StartsWith("Mobile ", StringComparison.Ordinal);
    }

    // A mail address, or a name that ends like a host's and stands alone: "PrintFriendly.com".
    private static bool HasMailOrHost(ReadOnlySpan<char> text)
    {
        for (int from = 1; from < text.Length - 1;)
        {
            int found = text[from..^1].IndexOfAny('.', '@'); // something must follow
            if (found < 0)
                return false;
            int i = from + found;
            from = i + 1;
            // Most dots stand in versions.
            if (char.IsAsciiDigit(text[from]) || !char.IsAsciiLetterOrDigit(text[i - 1]))
                continue;
            if (text[i] == '@' ? IsHost(text[from..]) : EndsAsHost(text[from..]))
                return true;
        }
        return false;
    }

    // "example.org" and not "85.0.4183.127": Ecosia writes its version behind an @.
    private static bool IsHost(ReadOnlySpan<char> rest)
    {
        int dot = rest.IndexOf('.');
        return dot > 0 && char.IsAsciiLetter(rest[0]) && dot + 1 < rest.Length && char.IsAsciiLetter(rest[dot + 1])
            && rest[..dot].IndexOfAny(" ;,()") < 0;
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
