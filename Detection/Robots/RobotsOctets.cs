using System.Buffers;
using System.Text;

namespace Weir.Detection.Robots;

/// <summary>Brings paths and rules to the one form in which RFC 9309 §2.2.2 compares them.</summary>
/// <remarks>
/// Octets beyond ASCII become <c>%XX</c>; escaped octets that need no escape are written plainly, the others in upper case. In a query,
/// where slash, colon, question mark and at sign mean nothing of their own, their escaped and plain forms are one too.
/// <c>*</c> and <c>$</c> of a path are escaped, so that only a rule's own can be special (§2.2.3).
/// </remarks>
internal static class RobotsOctets
{
    /// <summary>Characters of a path that are looked at: more than servers let a request line have, and than the longest rule has.</summary>
    public const int PathCharactersMax = 20_000;

    /// <summary>A request's path and query in that form. Longer ones are judged by their head.</summary>
    public static byte[] OfPath(ReadOnlySpan<char> pathAndQuery)
    {
        if (pathAndQuery.Length > PathCharactersMax)
            pathAndQuery = pathAndQuery[..PathCharactersMax];
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(pathAndQuery.Length));
        var octets = new ArrayBufferWriter<byte>(pathAndQuery.Length + 16);
        int length = Encoding.UTF8.GetBytes(pathAndQuery, utf8);
        bool isQuery = false;
        for (int i = 0; i < length;)
            i += Write(utf8.AsSpan(i, length - i), octets, ref isQuery);
        ArrayPool<byte>.Shared.Return(utf8);
        return octets.WrittenSpan.ToArray();
    }

    /// <summary>Writes the octet that a text begins with. Returns how many bytes of the text it took.</summary>
    public static int Write(ReadOnlySpan<byte> text, IBufferWriter<byte> octets, ref bool isQuery)
    {
        byte octet = text[0];
        int taken = 1;
        bool wasEscaped = octet == '%' && text.Length >= 3 && char.IsAsciiHexDigit((char)text[1]) && char.IsAsciiHexDigit((char)text[2]);
        if (wasEscaped)
        {
            octet = (byte)((Digit(text[1]) << 4) | Digit(text[2]));
            taken = 3;
        }
        if (!wasEscaped && octet == '?')
            isQuery = true;
        bool isPlain = wasEscaped
            ? IsUnreserved(octet) || (isQuery && octet is ((byte)'/' or (byte)':' or (byte)'?' or (byte)'@'))
            : octet < 0x80 && octet is not ((byte)'*' or (byte)'$');
        if (isPlain)
        {
            octets.Write([octet]);
            return taken;
        }
        octets.Write([(byte)'%', Hex(octet >> 4), Hex(octet & 15)]);
        return taken;
    }

    private static bool IsUnreserved(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;

    private static byte Hex(int digit) => (byte)"0123456789ABCDEF"[digit];
}
