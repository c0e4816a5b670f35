using System.Globalization;

namespace Weir.Detection.Identification;

/// <summary>One CIDR block. Addresses are numbers of their own family: IPv4 in the low 32 bits, not mapped.</summary>
/// <param name="First">Lowest address.</param>
/// <param name="Last">Highest address.</param>
/// <param name="Length">Bits of the prefix: 0–32 or 0–128.</param>
/// <param name="IsIPv4">Whether this is an IPv4 prefix.</param>
public readonly record struct Prefix(UInt128 First, UInt128 Last, int Length, bool IsIPv4)
{
    /// <summary>Reads <c>203.0.113.0/24</c>, <c>2001:db8::/32</c>, or an address alone (a /32 or /128). Never throws.</summary>
    /// <remarks>Bits below the length are cleared: published lists write them now and then, and mean the block.</remarks>
    public static bool TryParse(ReadOnlySpan<char> text, out Prefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (!ClientAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            return false;
        // An IPv4-mapped block is written ::ffff:203.0.113.0/120; its length counts the 96 bits before.
        bool isMapped = address.IsIPv4 && text.Contains(':');
        int bits = address.IsIPv4 ? 32 : 128;
        int length = bits;
        if (slash >= 0)
        {
            if (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length))
                return false;
            length -= isMapped ? 96 : 0;
            if (length < 0 || length > bits)
                return false;
        }
        var value = address.IsIPv4 ? address.IPv4 : address.Value;
        var hostBits = length == 0 && bits == 128 ? UInt128.MaxValue : (UInt128.One << (bits - length)) - UInt128.One;
        prefix = new Prefix(value & ~hostBits, value | hostBits, length, address.IsIPv4);
        return true;
    }

    /// <summary>Whether any address is in both.</summary>
    public bool Overlaps(in Prefix other) => IsIPv4 == other.IsIPv4 && First <= other.Last && other.First <= Last;
}
