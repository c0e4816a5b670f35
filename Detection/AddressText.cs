namespace Weir.Detection;

/// <summary>Reads addresses from text without allocating: the dotted quad, and IPv6 as RFC 4291 section 2.2 writes it.</summary>
/// <remarks><see cref="System.Net.IPAddress"/> allocates, and reads <c>010.0.0.1</c> as octal, which no log or header means.</remarks>
internal static class AddressText
{
    private const int Groups = 8;

    /// <summary>Reads four decimal numbers without leading zeros.</summary>
    public static bool TryReadIPv4(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        for (int octet = 0; octet < 4; octet++)
        {
            int end = octet < 3 ? text.IndexOf('.') : text.Length;
            if (end is < 1 or > 3 || (end > 1 && text[0] == '0'))
                return false;
            uint value = 0;
            foreach (char c in text[..end])
            {
                if (!char.IsAsciiDigit(c))
                    return false;
                value = value * 10 + (uint)(c - '0');
            }
            if (value > 255)
                return false;
            address = address << 8 | value;
            text = octet < 3 ? text[(end + 1)..] : default;
        }
        return true;
    }

    /// <summary>Reads up to eight hexadecimal groups, one <c>::</c> for groups of zeros, and a dotted quad for the last two groups.</summary>
    public static bool TryReadIPv6(ReadOnlySpan<char> text, out UInt128 address)
    {
        address = UInt128.Zero;
        int gap = text.IndexOf("::");
        if (gap < 0)
            return TryReadGroups(text, out address, out int all) && all == Groups;
        if (!TryReadGroups(text[..gap], out var head, out int before, isLast: false) || !TryReadGroups(text[(gap + 2)..], out var tail, out int after))
            return false;
        // "::" stands for one group at least (RFC 5952 writes none so, RFC 4291 allows it).
        if (before + after >= Groups)
            return false;
        address = (before == 0 ? UInt128.Zero : head << ((Groups - before) * 16)) | tail;
        return true;
    }

    private static bool TryReadGroups(ReadOnlySpan<char> text, out UInt128 value, out int count, bool isLast = true)
    {
        value = UInt128.Zero;
        count = 0;
        while (!text.IsEmpty)
        {
            int colon = text.IndexOf(':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && isLast && group.Contains('.'))
            {
                if (!TryReadIPv4(group, out uint quad))
                    return false;
                value = value << 32 | quad;
                count += 2;
                return count <= Groups;
            }
            if (!TryReadGroup(group, out uint bits) || ++count > Groups || colon == text.Length - 1)
                return false;
            value = value << 16 | bits;
            text = colon < 0 ? default : text[(colon + 1)..];
        }
        return true;
    }

    private static bool TryReadGroup(ReadOnlySpan<char> group, out uint bits)
    {
        bits = 0;
        if (group.Length is < 1 or > 4)
            return false;
        foreach (char c in group)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
            bits = bits << 4 | (uint)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        return true;
    }
}
