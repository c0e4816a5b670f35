using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Weir.Scheduling.Suggestions;

/// <summary>Words as <see cref="PageIndex"/> looks for them. Pure; any text will do.</summary>
public static class SearchWords
{
    /// <summary>Words of one query that are looked at; what stands behind them is not.</summary>
    public const int WordsMax = 32;

    private const int WordLengthMax = 64;

    // No width and no letter: SQLite's tokenizer ends a word at it, and nobody sees it.
    private const char Break = '\u200b';

    // What a question is made of and no page is about, in the languages that most queries are asked in. Rarity alone does not tell: a page of questions and answers has them in its title.
    private static readonly FrozenSet<string> Empty = string.Join(' ',
        "a about after all am an and any are as at be before best between but by can compare compared could did do does for from get give good had has have how i if in into is it its list me my need of on or our",
        "recommend should show so some without within tell than that the their them there these they this to top us use used using versus vs want was we were what when where which who whom whose why will with would you your",
        "aber als am an auch auf aus bei bis das dass dem den der des die dies diese dieser ein eine einem einen einer eines er es für gibt hat ich ihr im in ist kann kein keine man mein mit nach nicht",
        "oder sein sie sind über um und uns unser vom von vor wann war was welche welcher welches wem wen wenn wer werden wie wir wird wo wofür worin zu zum zur beste besten bester",
        "à au aux avec ce ces cette comment dans de des du elle en est et il ils je la le les leur lequel ma mes mon ne nous où ou par pas pour quand que quel quelle quelles quels qui quoi sa ses son sont sur un une vos votre vous",
        "al como con cual cuál cuáles cuando cuándo de del donde dónde el ella en es esta este esto hay la las lo los más me mejor mi no o para pero por qué que quien quién se si sin son su sus un una y ya yo",
        "che chi come cosa da dei del della delle di dove e gli il in la le ma nel nella o per perché qual quale quali quando quanto si sono su un una").Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The words of a query that can tell pages apart, each once, in their order: neither empty words nor those of the brand, whose name is on all of its pages.</summary>
    /// <param name="query">The query. Hostile.</param>
    /// <param name="brand">The brand's name.</param>
    public static IReadOnlyList<string> OfQuery(string query, string brand)
    {
        ArgumentNullException.ThrowIfNull(query);
        var known = new HashSet<string>(Split(brand), StringComparer.OrdinalIgnoreCase);
        var words = new List<string>();
        foreach (string word in Split(query))
        {
            if (words.Count == WordsMax)
                break;
            if (!Empty.Contains(word) && known.Add(word))
                words.Add(word);
        }
        return words;
    }

    /// <summary>A text in which languages that are written without spaces have their signs apart, so that they can be found; seen, it is the same.</summary>
    public static string Apart(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyInRange('\u0e00', '\uffff'))
            return text;
        var apart = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            apart.Append(rune.ToString());
            if (IsDense(rune))
                apart.Append(Break);
        }
        return apart.ToString();
    }

    /// <summary>A text without what <see cref="Apart"/> put in.</summary>
    public static string Together(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Replace(Break.ToString(), "", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Split(string text)
    {
        var word = new StringBuilder();
        var dense = new List<Rune>();
        foreach (var rune in text.EnumerateRunes().Append(new Rune(' ')))
        {
            bool isDense = IsDense(rune);
            if (!isDense)
            {
                foreach (string pair in Pairs(dense))
                    yield return pair;
                dense.Clear();
            }
            if (isDense || !IsOfWord(rune, word))
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
            }
            if (isDense)
                dense.Add(rune);
            else if (word.Length < WordLengthMax && IsOfWord(rune, word))
                word.Append(rune.ToString());
        }
    }

    // Two signs in a row are mostly a word; one is on too many pages.
    private static IEnumerable<string> Pairs(List<Rune> dense)
    {
        if (dense.Count == 1)
            yield return dense[0].ToString();
        for (int i = 0; i + 1 < dense.Count; i++)
            yield return $"{dense[i]}{dense[i + 1]}";
    }

    private static bool IsOfWord(Rune rune, StringBuilder word) => Rune.IsLetterOrDigit(rune)
        || (word.Length > 0 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    // Thai to Tibetan's neighbours, Khmer, kana, and the Chinese signs with their extensions.
    private static bool IsDense(Rune rune) => rune.Value is (>= 0x0e00 and <= 0x0eff) or (>= 0x1780 and <= 0x17ff) or (>= 0x3040 and <= 0x30ff) or (>= 0x3400 and <= 0x9fff)
        or (>= 0xf900 and <= 0xfaff) or (>= 0x20000 and <= 0x3ffff) && Rune.IsLetterOrDigit(rune);
}
