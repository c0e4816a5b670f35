namespace Weir.Proxy.Caching;

/// <summary>Remembers for a while which addresses gave answers that cannot be shared, so that requests for them do not wait for each other.</summary>
/// <remarks>A fixed table of one word a slot: two addresses in one slot forget each other, which costs a wait or a second trip, nothing else.
/// Each word is read and written whole, and nothing else depends on it, so no order is needed.</remarks>
internal sealed class PassMarks(TimeProvider time)
{
    private const int Slots = 16_384;

    // Longer, and a page that became public would be fetched once for everybody who asks at the same moment.
    private const long Seconds = 120;

    private readonly long[] _marks = new long[Slots];

    /// <summary>Whether a question was marked within the last two minutes.</summary>
    public bool Has(string question)
    {
        uint hash = (uint)question.GetHashCode(StringComparison.Ordinal);
        long mark = Volatile.Read(ref _marks[hash % Slots]);
        return (uint)(mark >> 32) == hash && (uint)mark > Now();
    }

    /// <summary>Marks a question, or takes the mark away.</summary>
    public void Set(string question, bool isPassing)
    {
        uint hash = (uint)question.GetHashCode(StringComparison.Ordinal);
        if (isPassing)
            Volatile.Write(ref _marks[hash % Slots], ((long)hash << 32) | (uint)(Now() + Seconds));
        else if (Has(question))
            Volatile.Write(ref _marks[hash % Slots], 0);
    }

    // Seconds since 1970 fit 32 bits until 2106.
    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();
}
