namespace Weir.Detection.Signals.Clients;

/// <summary>Which user agent read robots.txt, fell for the honeypot and ran the script last: 16 bits of each one's hash, and of the hour.</summary>
/// <remarks>One address may be an office. What one program behind it did is told of that program and not of its neighbours.</remarks>
internal static class HolderWord
{
    private const int HourBits = 16;

    /// <summary>The last user agent that read robots.txt.</summary>
    public const int RobotsTxt = 0;

    /// <summary>The last that asked for the honeypot.</summary>
    public const int Honeypot = 16;

    /// <summary>The last that ran the script.</summary>
    public const int Beacon = 32;

    public static ulong Set(ulong word, uint hour, int holder, ulong userAgentHash)
    {
        // What is younger than two hours lives on with what is new.
        word = Period.Since((uint)(word >> 48), hour, HourBits) < 2 ? word & ((1UL << 48) - 1) : 0;
        return word & ~(0xFFFFUL << holder) | (ulong)TagOf(userAgentHash) << holder | (ulong)(ushort)hour << 48;
    }

    public static bool Is(ulong word, uint hour, int holder, ulong userAgentHash) =>
        (ushort)(word >> holder) == TagOf(userAgentHash) && Any(word, hour, holder);

    public static bool Any(ulong word, uint hour, int holder) =>
        (ushort)(word >> holder) != 0 && Period.Since((uint)(word >> 48), hour, HourBits) < 2;

    // 0 stands for nobody.
    private static ushort TagOf(ulong hash) => (ushort)Math.Max((ushort)hash, (ushort)1);
}
