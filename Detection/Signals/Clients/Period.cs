namespace Weir.Detection.Signals.Clients;

/// <summary>The hours that behaviour is kept by: what a client did is known for the hour under way and the one before.</summary>
/// <remarks>
/// Every word of an entry carries the hour that it was written in, 16 bits of it (7.5 years), or 10 (42 days) where room is short. So a word
/// is true or too old by itself, and needs no other word to say so. A client that comes back after exactly that long would be taken for
/// one that never left; by then its slot is somebody else's.
/// </remarks>
internal static class Period
{
    private const long Milliseconds = 60 * 60 * 1000;

    /// <summary>The hour of a time, modulo 2³².</summary>
    public static uint Of(long timeMs) => (uint)(timeMs / Milliseconds);

    /// <summary>Hours from the one that a word was written in to now: 0 to 2, where 2 means "too old".</summary>
    /// <param name="written">The word's bits of its hour.</param>
    /// <param name="now"><see cref="Of"/>.</param>
    /// <param name="bits">How many bits the word has for it.</param>
    public static int Since(uint written, uint now, int bits)
    {
        uint mask = (1u << bits) - 1;
        uint since = (now - written) & mask;
        // A request that is an hour late counts as now. One from further back means that the clock was set back: begin anew.
        return since == mask ? 0 : (int)Math.Min(since, 2);
    }
}
