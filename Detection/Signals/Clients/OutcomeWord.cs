using System.Numerics;

namespace Weir.Detection.Signals.Clients;

/// <summary>What a client's requests came to. 16 bits of the hour, 10 of answers, 9 each of pages, assets and errors, 5 of offers, 6 of time.</summary>
/// <remarks>Counts are halved with each hour, and all together when one is full: shares stay true, and old behaviour fades.</remarks>
internal static class OutcomeWord
{
    private const int HourBits = 16;
    private const int AnswersAt = 38, PagesAt = 29, AssetsAt = 20, ErrorsAt = 11, OffersAt = 6;
    private const int AnswersMax = 0x3FF, CountMax = 0x1FF, OffersMax = 0x1F, TimeMax = 0x3F;

    /// <summary>Adds one answer.</summary>
    public static ulong Add(ulong word, uint hour, PathClass path, bool isError, bool isOffer, uint durationMs)
    {
        word = Roll(word, hour);
        bool isPage = path == PathClass.Page && !isError, isAsset = path is PathClass.Asset or PathClass.Icon && !isError;
        if (Answers(word) == AnswersMax || Pages(word) == CountMax || Assets(word) == CountMax || Errors(word) == CountMax)
            word = Halve(word);
        word += 1UL << AnswersAt;
        if (isPage)
            word += 1UL << PagesAt;
        if (isAsset)
            word += 1UL << AssetsAt;
        if (isError)
            word += 1UL << ErrorsAt;
        if (isOffer && Offers(word) < OffersMax)
            word += 1UL << OffersAt;
        return durationMs == 0 ? word : word & ~(ulong)TimeMax | TimeOf(word, durationMs);
    }

    /// <summary>The word as it stands in an hour.</summary>
    public static ulong Roll(ulong word, uint hour)
    {
        int since = Period.Since((uint)(word >> 48), hour, HourBits);
        if (since == 0)
            return word;
        word = since == 1 ? Halve(word) : 0;
        return word & ~(0xFFFFUL << 48) | (ulong)(ushort)hour << 48;
    }

    public static int Answers(ulong word) => (int)(word >> AnswersAt & AnswersMax);

    public static int Pages(ulong word) => (int)(word >> PagesAt & CountMax);

    public static int Assets(ulong word) => (int)(word >> AssetsAt & CountMax);

    public static int Errors(ulong word) => (int)(word >> ErrorsAt & CountMax);

    public static int Offers(ulong word) => (int)(word >> OffersAt & OffersMax);

    /// <summary>About how long answers take, in milliseconds: 0 when never known, within a fifth, one minute at most.</summary>
    public static int ResponseMs(ulong word) => (word & TimeMax) == 0 ? 0 : (int)MathF.Pow(2, ((word & TimeMax) - 1) / 4f);

    private static ulong Halve(ulong word) => word & ~((1UL << 48) - 1 - TimeMax)
        | (ulong)(Answers(word) / 2) << AnswersAt | (ulong)(Pages(word) / 2) << PagesAt | (ulong)(Assets(word) / 2) << AssetsAt
        | (ulong)(Errors(word) / 2) << ErrorsAt | (ulong)(Offers(word) / 2) << OffersAt;

    // A quarter of a power of two is a step; each answer moves the mean by one step at most, which an outlier cannot do more than once.
    private static ulong TimeOf(ulong word, uint durationMs)
    {
        int power = BitOperations.Log2(durationMs);
        int steps = Math.Min((power * 4) + (int)((durationMs - (1u << power)) * 4L >> power) + 1, (int)TimeMax);
        int mean = (int)(word & TimeMax);
        return (ulong)(mean == 0 ? steps : mean + Math.Sign(steps - mean));
    }
}
