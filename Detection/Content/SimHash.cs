using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Weir.Detection.Content;

/// <summary>64 bits of which texts that share most of their words in a row share most (Charikar 2002; Manku and others 2007).</summary>
/// <remarks>Words are runs of letters, in lower case, and single signs of scripts without spaces. Numbers count as one and the same word:
/// a counter, a date or an id that changes with every request moves nothing.</remarks>
internal static class SimHash
{
    // Three words in a row: one alone says nothing about the order, five would all change with one word of a short sentence.
    private const int ShingleWords = 3;

    /// <summary>The hash of a text, and how many words it has. 0 for a text without words.</summary>
    public static ulong Of(ReadOnlySpan<char> text, out int words)
    {
        var hashes = WordsOf(text);
        words = hashes.Count;
        if (words == 0)
            return 0;
        Span<int> votes = stackalloc int[64];
        votes.Clear();
        var all = CollectionsMarshal.AsSpan(hashes);
        int length = Math.Min(ShingleWords, words);
        for (int i = 0; i + length <= words; i++)
        {
            ulong shingle = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(all.Slice(i, length)));
            for (int bit = 0; bit < 64; bit++)
                votes[bit] += (shingle >> bit & 1) == 0 ? -1 : 1;
        }
        ulong hash = 0;
        for (int bit = 0; bit < 64; bit++)
        {
            if (votes[bit] > 0)
                hash |= 1UL << bit;
        }
        return hash;
    }

    /// <summary>How many of the 64 bits differ.</summary>
    public static int Distance(ulong a, ulong b) => BitOperations.PopCount(a ^ b);

    private static List<ulong> WordsOf(ReadOnlySpan<char> text)
    {
        var words = new List<ulong>(text.Length / 6);
        Span<char> lower = stackalloc char[64];
        for (int i = 0; i < text.Length;)
        {
            int length = WordLength(text[i..], out bool hasDigit);
            if (length == 0)
            {
                i++;
                continue;
            }
            var word = text.Slice(i, Math.Min(length, lower.Length));
            int written = word.ToLowerInvariant(lower);
            words.Add(hasDigit ? 0 : XxHash3.HashToUInt64(MemoryMarshal.AsBytes(lower[..written])));
            i += length;
        }
        return words;
    }

    // A word with a digit in it is a number, a date or an id: 2026-03-05, 1.299, a3f9.
    private static int WordLength(ReadOnlySpan<char> text, out bool hasDigit)
    {
        hasDigit = false;
        // From Hiragana on, and in Thai, a sign stands for itself.
        if (text[0] is >= '\u3040' or (>= '\u0E00' and <= '\u0E7F'))
            return char.IsLetterOrDigit(text[0]) || char.IsSurrogate(text[0]) ? 1 : 0;
        int length = 0;
        while (length < text.Length && text[length] < '\u3040')
        {
            char c = text[length];
            bool isDigit = char.IsDigit(c);
            bool joinsDigits = hasDigit && c is '.' or ',' or ':' or '-' or '/' && length + 1 < text.Length && char.IsDigit(text[length + 1]);
            if (!isDigit && !char.IsLetter(c) && !joinsDigits)
                break;
            hasDigit |= isDigit;
            length++;
        }
        return length;
    }
}
