using System.Buffers;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>Reads the pieces of X-Forwarded-For and Forwarded (RFC 7239 section 4). All input is hostile; nothing throws or allocates.</summary>
internal static class ForwardedElement
{
    // "[" + 45 characters of the longest IPv6 text + "]:65535"; anything longer is no address.
    private const int MaxNodeLength = 56;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    /// <summary>Splits a Forwarded value at the commas outside quotes.</summary>
    /// <param name="list">One header value.</param>
    /// <param name="ranges">Filled as a ring: element n stands at n modulo its length.</param>
    /// <returns>How many elements there are; only the last ones are kept.</returns>
    public static int Split(ReadOnlySpan<char> list, Span<Range> ranges)
    {
        int count = 0, start = 0;
        bool isQuoted = false;
        for (int i = 0; i < list.Length; i++)
        {
            char c = list[i];
            if (c == '\\' && isQuoted)
                i++;
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (c == ',' && !isQuoted)
            {
                ranges[count++ % ranges.Length] = start..i;
                start = i + 1;
            }
        }
        ranges[count++ % ranges.Length] = start..list.Length;
        return count;
    }

    /// <summary>Finds the value of <c>for=</c> in one element, quotes removed.</summary>
    public static bool TryFindFor(ReadOnlySpan<char> element, out ReadOnlySpan<char> node)
    {
        while (!element.IsEmpty)
        {
            int end = element.IndexOf(';');
            var pair = (end < 0 ? element : element[..end]).Trim();
            if (pair.StartsWith("for=", StringComparison.OrdinalIgnoreCase))
            {
                node = pair[4..];
                if (node.Length >= 2 && node[0] == '"' && node[^1] == '"')
                    node = node[1..^1];
                return true;
            }
            element = end < 0 ? default : element[(end + 1)..];
        }
        node = default;
        return false;
    }

    /// <summary>Reads an address, with or without port, brackets or blanks around it.</summary>
    public static bool TryReadAddress(ReadOnlySpan<char> node, out ClientAddress address)
    {
        address = default;
        node = node.Trim();
        if (node.Length is 0 or > MaxNodeLength)
            return false;
        if (node[0] == '[')
        {
            int end = node.IndexOf(']');
            return end > 0 && IsPortOrNothing(node[(end + 1)..]) && node[1..end].Contains(':')
                && ClientAddress.TryParse(node[1..end], out address);
        }
        int colon = node.IndexOf(':');
        if (colon >= 0 && colon == node.LastIndexOf(':'))
        {
            if (!IsPortOrNothing(node[colon..]))
                return false;
            node = node[..colon];
        }
        return ClientAddress.TryParse(node, out address);
    }

    private static bool IsPortOrNothing(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && text.Length is > 1 and <= 6 && text[1..].IndexOfAnyExcept(Digits) < 0);
}
