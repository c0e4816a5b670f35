using System.Globalization;
using System.Text;

namespace Weir.Worker.Citations;

/// <summary>Makes an engine's words a text that can be searched and shown. Pure.</summary>
public static class AnswerText
{
    /// <summary>Characters of an answer that are looked at.</summary>
    public const int CharsMax = 200_000;

    // Wide forms of ! to ~.
    private const int WideFirst = 0xFF01, WideLast = 0xFF5E;

    /// <summary>Bounds a text, takes control characters, invisible ones and broken surrogates out of it, and makes wide Latin letters
    /// plain ones, so that neither a soft hyphen nor they hide a name.</summary>
    /// <remarks>Letters written as a base and a combining mark stay two: the program runs without ICU, and with it without normalisation.</remarks>
    public static string Clean(string text)
    {
        string bounded = text.Length > CharsMax ? text[..CharsMax] : text;
        var clean = new StringBuilder(bounded.Length);
        foreach (var rune in bounded.EnumerateRunes())
        {
            // EnumerateRunes makes U+FFFD of a broken surrogate.
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Format:
                    continue;
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    clean.Append(rune.Value == '\n' ? '\n' : ' ');
                    break;
                default:
                    clean.Append(rune.Value is >= WideFirst and <= WideLast ? (Rune)(rune.Value - WideFirst + '!') : rune);
                    break;
            }
        }
        return clean.ToString();
    }

    /// <summary>A piece of a clean text around a place, on one line.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where what it is about begins.</param>
    /// <param name="length">How long that is.</param>
    /// <param name="around">Characters before and behind it.</param>
    public static string Snippet(string text, int at, int length, int around = 120)
    {
        int from = Math.Max(0, at - around), to = Math.Min(text.Length, at + Math.Min(length, around) + around);
        if (from > 0 && char.IsLowSurrogate(text[from]))
            from++;
        if (to < text.Length && char.IsLowSurrogate(text[to]))
            to--;
        var piece = new StringBuilder(to - from + 2);
        if (from > 0)
            piece.Append('…');
        bool wasSpace = false;
        foreach (char c in text.AsSpan(from, to - from))
        {
            bool isSpace = char.IsWhiteSpace(c);
            if (!isSpace || !wasSpace)
                piece.Append(isSpace ? ' ' : c);
            wasSpace = isSpace;
        }
        if (to < text.Length)
            piece.Append('…');
        return piece.ToString().Trim();
    }

    /// <summary>Places where a word stands by itself, in any case.</summary>
    internal static IEnumerable<int> Places(string text, string word)
    {
        for (int at = 0; (at = text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += word.Length)
        {
            if ((!IsWordChar(word, 0) || !IsWordChar(text, at - 1)) && (!IsWordChar(word, word.Length - 1) || !IsWordChar(text, at + word.Length)))
                yield return at;
        }
    }

    private static bool IsWordChar(string text, int at) => at >= 0 && at < text.Length
        && (char.IsLetterOrDigit(text[at]) || char.IsSurrogate(text[at]) || char.GetUnicodeCategory(text[at]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
}
