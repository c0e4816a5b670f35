using System.Buffers;

namespace Weir.Detection.Claims;

/// <summary>Finds mail addresses and host names that stand in a user agent without a scheme.</summary>
internal static class ContactText
{
    // No host name is longer, so no search for its end needs to look further.
    private const int LongestHost = 253;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Whether there is a mail address, or a name that ends like a host's and stands alone: "PrintFriendly.com".</summary>
    public static bool Holds(ReadOnlySpan<char> text)
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
            var rest = text[from..Math.Min(text.Length, from + LongestHost)];
            if (text[i] == '@' ? IsHost(rest) : EndsAsHost(rest))
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
