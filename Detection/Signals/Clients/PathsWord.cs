using System.Numerics;

namespace Weir.Detection.Signals.Clients;

/// <summary>Different pages of one hour: 10 bits of the hour and a linear-counting bitmap of 54 (Whang et al., TODS 15/2, 1990).</summary>
/// <remarks>Two of them, for even and odd hours. Standard error: 9 % at 20 pages, 11 % at 50, 13 % at 100; full at about 215, which is
/// far beyond what is asked of it.</remarks>
internal static class PathsWord
{
    private const int HourBits = 10;
    private const int Bits = 64 - HourBits;
    private const ulong BitsMask = (1UL << Bits) - 1;
    private static readonly byte[] Estimates = Fill();

    public static ulong Add(ulong word, uint hour, ulong hash)
    {
        ulong bit = 1UL << (int)((uint)(hash >> 32) * (ulong)Bits >> 32);
        return Period.Since(HourOf(word), hour, HourBits) == 0 ? word | bit : (ulong)hour << Bits | bit;
    }

    /// <summary>How many different pages both words have seen, as far as they are of this hour and the last.</summary>
    public static int Count(ulong even, ulong odd, uint hour) => Estimates[BitOperations.PopCount(Fresh(even, hour) | Fresh(odd, hour))];

    private static ulong Fresh(ulong word, uint hour) => Period.Since(HourOf(word), hour, HourBits) < 2 ? word & BitsMask : 0;

    private static uint HourOf(ulong word) => (uint)(word >> Bits);

    private static byte[] Fill()
    {
        var estimates = new byte[Bits + 1];
        for (int set = 0; set <= Bits; set++)
            estimates[set] = (byte)Math.Round(Bits * Math.Log((double)Bits / Math.Max(Bits - set, 1)));
        return estimates;
    }
}
