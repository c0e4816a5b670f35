using System.Buffers;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>Reads the pieces of X-Forwarded-For and Forwarded (RFC 7239 section 4). All input is hostile; nothing throws or allocates.</summary>
internal static class ForwardedElement
{
    // An IPv6 text with brackets takes 47 characters; the rest is for a port that hides itself ("_" and a name, RFC 7239 section 6.2).
    private const int MaxNodeLength = 96;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> Obfuscated = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-");

    /// <summary>Splits a Forwarded value at the commas outside quotes.</summary>
    /// <param name="list">One header value.</param>
    /// <param name="ranges">Filled as a ring: element n stands at n modulo its length.</param>
    /// <returns>How many elements there are; only the last ones are kept.</returns>
    public static int Split(ReadOnlySpan<char> list, Span<Range> ranges)
    {
        int count = 0, start = 0;
        while (true)
        {
            int length = LengthUntil(list[start..], ',');
            ranges[count++ % ranges.Length] = start..(start + length);
            start += length + 1;
            if (start > list.Length)
                return count;
        }
    }

    /// <summary>The last element of a Forwarded value: what the nearest proxy wrote.</summary>
    public static ReadOnlySpan<char> Last(ReadOnlySpan<char> list)
    {
        while (true)
        {
            int length = LengthUntil(list, ',');
            if (length == list.Length)
                return list;
            list = list[(length + 1)..];
        }
    }

    /// <summary>Finds the value of one parameter in one element, quotes removed.</summary>
    /// <param name="element">The element.</param>
    /// <param name="name">The parameter, such as <c>for</c>; any case.</param>
    /// <param name="value">Its value. One with a backslash inside is given as written, and so is nobody's address, host or scheme.</param>
    /// <returns>False when the parameter is not there, or there twice (RFC 7239 section 4 forbids that, and readers differ in which they take).</returns>
    public static bool TryFind(ReadOnlySpan<char> element, ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        value = default;
        bool isFound = false;
        while (!element.IsEmpty)
        {
            int length = LengthUntil(element, ';');
            var pair = element[..length].Trim();
            if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                if (isFound)
                {
                    value = default;
                    return false;
                }
                isFound = true;
                value = pair[(name.Length + 1)..];
                if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
                    value = value[1..^1];
            }
            element = length == element.Length ? default : element[(length + 1)..];
        }
        return isFound;
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

    /// <summary>Reads a node that a proxy hides or does not know: <c>unknown</c>, or <c>_</c> and a name (RFC 7239 sections 6.2 and 6.3).</summary>
    public static bool TryReadHidden(ReadOnlySpan<char> node, out ReadOnlySpan<char> hidden)
    {
        hidden = node.Trim();
        return hidden.Length <= MaxNodeLength && (hidden.Equals("unknown", StringComparison.OrdinalIgnoreCase) || IsObfuscated(hidden));
    }

    // Up to the first such character outside quotes, or to the end.
    private static int LengthUntil(ReadOnlySpan<char> text, char separator)
    {
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && isQuoted)
                i++;
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (c == separator && !isQuoted)
                return i;
        }
        return text.Length;
    }

    private static bool IsPortOrNothing(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && ((text.Length is > 1 and <= 6 && text[1..].IndexOfAnyExcept(Digits) < 0) || IsObfuscated(text[1..])));

    private static bool IsObfuscated(ReadOnlySpan<char> text) => text.Length > 1 && text[0] == '_' && text[1..].IndexOfAnyExcept(Obfuscated) < 0;
}
