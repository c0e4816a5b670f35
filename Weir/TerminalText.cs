using System.Globalization;
using System.Text;

namespace Weir;

/// <summary>Makes hostile text safe to show on a terminal.</summary>
internal static class TerminalText
{
    /// <summary>Cleans each line of a text and keeps its line ends.</summary>
    public static string CleanLines(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(l => Clean(l, int.MaxValue)));

    /// <summary>Replaces what could move the cursor, colour the screen or turn the reading direction, and cuts what is too long.</summary>
    public static string Clean(string text, int maxLength = 300)
    {
        var clean = new StringBuilder(Math.Min(text.Length, maxLength - 1) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= maxLength)
                return clean.Append('…').ToString();
            bool isSafe = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
                or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
            clean.Append(isSafe ? rune.ToString() : "�");
        }
        return clean.ToString();
    }
}
