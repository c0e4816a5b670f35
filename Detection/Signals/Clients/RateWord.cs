namespace Weir.Detection.Signals.Clients;

/// <summary>Requests of the last 45 to 60 seconds: 20 bits of tick (15 s each, 182 days), then 11 bits for each of the last four ticks.</summary>
internal static class RateWord
{
    /// <summary>How many requests one sub-window can count; more are not told apart.</summary>
    internal const int SubWindowMax = (1 << CountBits) - 1;

    private const int TickMs = 15_000;
    private const int CountBits = 11;
    private const int CountsBits = 4 * CountBits;
    private const ulong CountsMask = (1UL << CountsBits) - 1;
    private const uint TickMask = (1 << (64 - CountsBits)) - 1;

    public static uint TickOf(long timeMs) => (uint)(timeMs / TickMs) & TickMask;

    public static uint TicksSince(ulong word, uint tick) => (tick - (uint)(word >> CountsBits)) & TickMask;

    /// <summary>A word of no requests, written now: what a new client begins with, so that it is not the longest silent of its set.</summary>
    public static ulong Begun(uint tick) => (ulong)tick << CountsBits;

    /// <summary>The word as it stands at a tick.</summary>
    public static ulong Roll(ulong word, uint tick)
    {
        uint since = TicksSince(word, tick);
        // A request a little late counts as now. One from far back means that the clock was set back: begin anew.
        if (since > TickMask - 4)
            return word;
        return since >= 4 ? Begun(tick) : Begun(tick) | (word << (int)(since * CountBits) & CountsMask);
    }

    public static ulong Add(ulong word, uint tick)
    {
        word = Roll(word, tick);
        return (word & SubWindowMax) < SubWindowMax ? word + 1 : word;
    }

    /// <summary>Requests of all four sub-windows.</summary>
    public static int Total(ulong word)
    {
        int total = 0;
        for (ulong rest = word & CountsMask; rest != 0; rest >>= CountBits)
            total += (int)(rest & SubWindowMax);
        return total;
    }
}
