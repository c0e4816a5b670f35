using System.Numerics;

namespace Weir.Detection.Signals.Clients;

/// <summary>What a client did at least once.</summary>
[Flags]
internal enum Marks : byte
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>Took a part of a page.</summary>
    Asset = 1,

    /// <summary>Took the site's icon.</summary>
    Icon = 2,

    /// <summary>Was offered a cookie.</summary>
    CookieOffered = 4,

    /// <summary>Sent a cookie.</summary>
    CookieSent = 8,

    /// <summary>Was given a page with the script.</summary>
    ScriptOffered = 16,

    /// <summary>Ran the script.</summary>
    BeaconRan = 32,
}

/// <summary>Marks, and a sketch of the browsers' user agents, for this hour and the last: 16 bits of the hour, 8 of marks now, 8 before,
/// 16 of user agents now, 16 before.</summary>
internal static class MarksWord
{
    private const int HourBits = 16;
    private const int SketchBits = 16;

    public static ulong Add(ulong word, uint hour, Marks marks, int userAgentBit)
    {
        word = Roll(word, hour) | (ulong)marks << 40;
        return userAgentBit < 0 ? word : word | 1UL << (userAgentBit + 16);
    }

    /// <summary>Marks of this hour and the last.</summary>
    public static Marks MarksOf(ulong word, uint hour)
    {
        word = Roll(word, hour);
        return (Marks)(byte)(word >> 40 | word >> 32);
    }

    /// <summary>How many different user agents of browsers: exact up to three or four, some 30 at most.</summary>
    public static int UserAgents(ulong word, uint hour)
    {
        word = Roll(word, hour);
        int set = BitOperations.PopCount((ushort)(word >> 16 | word));
        return (int)Math.Round(SketchBits * Math.Log(SketchBits / Math.Max(SketchBits - set, 0.5)));
    }

    /// <summary>The bit of a user agent in the sketch.</summary>
    public static int UserAgentBit(ulong hash) => (int)(hash >> 60);

    private static ulong Roll(ulong word, uint hour)
    {
        ulong now = (ulong)(ushort)hour << 48;
        return Period.Since((uint)(word >> 48), hour, HourBits) switch
        {
            0 => word,
            1 => now | (word >> 8 & 0xFF_0000_0000) | (word >> 16 & 0xFFFF),
            _ => now,
        };
    }
}
