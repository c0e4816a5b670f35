namespace Weir.Detection.Content;

/// <summary>What a fetch of a page showed, small enough to keep.</summary>
/// <param name="Title">What its title element says, white space normalised; empty for none. Hostile.</param>
/// <param name="MainText">The page's own text, white space normalised. Hostile.</param>
/// <param name="Words">Words in it; 0 for a page that a script fills.</param>
/// <param name="Hash">Of the main text: equal hashes mean the same text.</param>
/// <param name="SimHash">Of the main text: near when the texts share most of their words in a row.</param>
/// <param name="Signature">What the page is made of.</param>
public sealed record ContentReading(string Title, string MainText, int Words, ulong Hash, ulong SimHash, ContentSignature Signature);

/// <summary>How two readings of a page differ. Stored numbers: may grow, never change.</summary>
public enum ContentChange : byte
{
    /// <summary>There is nothing to compare with.</summary>
    FirstSeen = 0,

    /// <summary>The main text is the same.</summary>
    Same = 1,

    /// <summary>Little of it differs: a date, a counter, a teaser.</summary>
    Boilerplate = 2,

    /// <summary>The text is another.</summary>
    Text = 3,
}

/// <summary>Compares readings.</summary>
public static class ContentComparison
{
    /// <summary>The most bits of 64 that may differ while only boilerplate did.</summary>
    /// <remarks>Measured on pages of 420 words: dates, counters and teasers 0 to 3, one paragraph of ten replaced 8 to 13, added 8. On a very
    /// long page one new paragraph may stay below it; the exact hash still tells that something changed.</remarks>
    public const int BoilerplateDistanceMax = 4;

    /// <summary>How many of the 64 bits of two SimHashes differ.</summary>
    public static int Distance(ulong a, ulong b) => SimHash.Distance(a, b);

    /// <summary>How a later reading differs from an earlier one, by their hashes.</summary>
    public static ContentChange Compare(ulong earlierHash, ulong earlierSimHash, ulong laterHash, ulong laterSimHash) =>
        earlierHash == laterHash ? ContentChange.Same
        : Distance(earlierSimHash, laterSimHash) <= BoilerplateDistanceMax ? ContentChange.Boilerplate : ContentChange.Text;
}
