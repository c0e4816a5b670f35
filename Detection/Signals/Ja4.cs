using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Detection.Signals;

/// <summary>JA4, FoxIO's fingerprint of a TLS client's greeting (https://github.com/FoxIO-LLC/ja4, BSD-3-Clause): transport, version, name,
/// counts and ALPN in the clear, then hashes of the sorted ciphers and of the sorted extensions with the signature algorithms.</summary>
internal static class Ja4
{
    /// <summary>Characters of a fingerprint.</summary>
    public const int Length = 36;

    private const ushort ServerName = 0, SignatureAlgorithms = 13, Alpn = 16, SupportedVersions = 43;
    private const int HashLength = 12;

    /// <summary>Writes the fingerprint of a greeting over TCP. Allocates nothing.</summary>
    public static void Write(in ClientHello hello, Span<char> text)
    {
        Span<ushort> codes = stackalloc ushort[ClientHello.MaxEntries];
        var ciphers = codes[..Gather(hello.Ciphers, codes)];
        text[0] = 't';
        VersionName(VersionOf(hello)).CopyTo(text[1..]);
        text[3] = hello.TryFind(ServerName, out _) ? 'd' : 'i';
        WriteCount(ciphers.Length, text[4..]);
        WriteAlpn(hello, text[8..]);
        text[10] = text[23] = '_';
        ciphers.Sort();
        WriteHash(ciphers, default, text.Slice(11, HashLength));

        int count = 0, kept = 0;
        var rest = hello.Extensions;
        while (ClientHello.TryTakeExtension(ref rest, out ushort type, out _))
        {
            if (ClientHello.IsGrease(type))
                continue;
            count++;
            if (type is not (ServerName or Alpn))
                codes[kept++] = type;
        }
        WriteCount(count, text[6..]);
        codes[..kept].Sort();
        WriteHash(codes[..kept], SignatureAlgorithmsOf(hello), text.Slice(24, HashLength));
    }

    /// <summary>The highest version that the client offers.</summary>
    public static ushort VersionOf(in ClientHello hello)
    {
        if (!hello.TryFind(SupportedVersions, out var body) || !ClientHello.TryTakeVector(ref body, 1, out var versions))
            return hello.Version;
        ushort highest = 0;
        for (; versions.Length >= 2; versions = versions[2..])
        {
            ushort version = BinaryPrimitives.ReadUInt16BigEndian(versions);
            if (!ClientHello.IsGrease(version))
                highest = Math.Max(highest, version);
        }
        return highest;
    }

    /// <summary>The first protocol that the client offers; empty when it offers none.</summary>
    public static ReadOnlySpan<byte> FirstProtocolOf(in ClientHello hello)
    {
        bool isThere = hello.TryFind(Alpn, out var body) & ClientHello.TryTakeVector(ref body, 2, out var protocols);
        while (isThere && ClientHello.TryTakeVector(ref protocols, 1, out var protocol))
        {
            // A meaningless one is two equal bytes that end in A.
            if (protocol.Length != 2 || !ClientHello.IsGrease(BinaryPrimitives.ReadUInt16BigEndian(protocol)))
                return protocol;
        }
        return default;
    }

    private static ReadOnlySpan<char> VersionName(ushort version) => version switch
    {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    };

    private static ReadOnlySpan<byte> SignatureAlgorithmsOf(in ClientHello hello)
    {
        bool isThere = hello.TryFind(SignatureAlgorithms, out var body) & ClientHello.TryTakeVector(ref body, 2, out var algorithms);
        return isThere && algorithms.Length / 2 <= ClientHello.MaxEntries ? algorithms : default;
    }

    private static void WriteAlpn(in ClientHello hello, Span<char> text)
    {
        var protocol = FirstProtocolOf(hello);
        if (protocol.IsEmpty)
        {
            text[0] = text[1] = '0';
            return;
        }
        byte first = protocol[0], last = protocol[^1];
        bool isText = char.IsAsciiLetterOrDigit((char)first) && char.IsAsciiLetterOrDigit((char)last);
        // Of bytes that are no letters, the first and last hexadecimal digit stand for the name.
        text[0] = isText ? (char)first : Hex(first >> 4);
        text[1] = isText ? (char)last : Hex(last & 15);
    }

    private static void WriteCount(int count, Span<char> text)
    {
        int shown = Math.Min(count, 99);
        text[0] = (char)('0' + (shown / 10));
        text[1] = (char)('0' + (shown % 10));
    }

    private static int Gather(ReadOnlySpan<byte> pairs, Span<ushort> codes)
    {
        int count = 0;
        for (; pairs.Length >= 2; pairs = pairs[2..])
        {
            ushort code = BinaryPrimitives.ReadUInt16BigEndian(pairs);
            if (!ClientHello.IsGrease(code))
                codes[count++] = code;
        }
        return count;
    }

    // "1301,1302_0403,0804": sorted codes, then the algorithms in the client's order.
    private static void WriteHash(ReadOnlySpan<ushort> codes, ReadOnlySpan<byte> algorithms, Span<char> text)
    {
        if (codes.IsEmpty)
        {
            text.Fill('0');
            return;
        }
        Span<byte> joined = stackalloc byte[2 * 5 * ClientHello.MaxEntries];
        int used = 0;
        foreach (ushort code in codes)
            Append(joined, ref used, code, (byte)',');
        byte separator = (byte)'_';
        for (; algorithms.Length >= 2; algorithms = algorithms[2..])
        {
            ushort code = BinaryPrimitives.ReadUInt16BigEndian(algorithms);
            if (ClientHello.IsGrease(code))
                continue;
            joined[used - 1] = separator;
            separator = (byte)',';
            Append(joined, ref used, code, separator);
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(joined[..(used - 1)], hash);
        for (int i = 0; i < text.Length; i++)
            text[i] = Hex(hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15);
    }

    private static void Append(Span<byte> joined, ref int used, ushort code, byte separator)
    {
        for (int shift = 12; shift >= 0; shift -= 4)
            joined[used++] = (byte)Hex(code >> shift & 15);
        joined[used++] = separator;
    }

    private static char Hex(int digit) => (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}
