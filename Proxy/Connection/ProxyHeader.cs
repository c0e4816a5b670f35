using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Authentication;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>How far reading a PROXY header got.</summary>
internal enum ProxyHeaderRead : byte
{
    /// <summary>More bytes have to come.</summary>
    Incomplete = 0,

    /// <summary>It is whole and in order.</summary>
    Whole = 1,

    /// <summary>The connection begins with something else.</summary>
    Missing = 2,

    /// <summary>It begins as one and breaks the format, or is longer than is read.</summary>
    Malformed = 3,
}

/// <summary>What a balancer says of the connection that it passes on, in the bytes before it (PROXY protocol, versions 1 and 2, of HAProxy's
/// <c>proxy-protocol.txt</c>).</summary>
/// <param name="IsRelayed">Whether a client stands behind it; false for a connection of the balancer's own, such as a health check (LOCAL).</param>
/// <param name="Client">The client's address; unknown when the balancer does not know it either (UNKNOWN, UNSPEC, UNIX).</param>
/// <param name="Port">The client's port.</param>
/// <param name="Tls">The version of TLS that the balancer ended; <see cref="SslProtocols.None"/> when it ended none or does not say.</param>
/// <param name="Length">Bytes that it takes.</param>
internal readonly record struct ProxyHeader(bool IsRelayed, ClientAddress Client, ushort Port, SslProtocols Tls, int Length)
{
    /// <summary>Longest header of version 1, its line end included.</summary>
    public const int TextBytesMax = 107;

    /// <summary>Longest header of version 2 that is read. Addresses take up to 232 bytes; what clouds and HAProxy append stays under 1 KB.</summary>
    public const int BinaryBytesMax = 4096;

    private const int BinaryFixedBytes = 16;
    private const byte TlvTls = 0x20;
    private const byte TlvTlsVersion = 0x21;

    private static ReadOnlySpan<byte> TextBegin => "PROXY "u8;

    private static ReadOnlySpan<byte> BinaryBegin => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Reads a header from the first bytes of a connection. Never throws, allocates nothing; all input is hostile.</summary>
    public static ProxyHeaderRead Read(in ReadOnlySequence<byte> seen, out ProxyHeader header)
    {
        if (seen.IsSingleSegment)
            return Read(seen.FirstSpan, out header);
        Span<byte> copy = stackalloc byte[(int)Math.Min(seen.Length, BinaryBytesMax)];
        seen.Slice(0, copy.Length).CopyTo(copy);
        return Read(copy, out header);
    }

    /// <inheritdoc cref="Read(in ReadOnlySequence{byte}, out ProxyHeader)"/>
    public static ProxyHeaderRead Read(ReadOnlySpan<byte> seen, out ProxyHeader header)
    {
        header = default;
        if (BeginsAs(seen, TextBegin))
            return seen.Length < TextBegin.Length ? ProxyHeaderRead.Incomplete : ReadText(seen, out header);
        if (BeginsAs(seen, BinaryBegin))
            return seen.Length < BinaryFixedBytes ? ProxyHeaderRead.Incomplete : ReadBinary(seen, out header);
        return ProxyHeaderRead.Missing;
    }

    private static bool BeginsAs(ReadOnlySpan<byte> seen, ReadOnlySpan<byte> begin) =>
        seen.Length < begin.Length ? begin.StartsWith(seen) : seen.StartsWith(begin);

    // Section 2.1: "PROXY TCP4 source destination sourcePort destinationPort\r\n", with single blanks.
    private static ProxyHeaderRead ReadText(ReadOnlySpan<byte> seen, out ProxyHeader header)
    {
        header = default;
        int end = seen[..Math.Min(seen.Length, TextBytesMax)].IndexOf((byte)'\n');
        if (end < 0)
            return seen.Length < TextBytesMax ? ProxyHeaderRead.Incomplete : ProxyHeaderRead.Malformed;
        if (seen[end - 1] != (byte)'\r')
            return ProxyHeaderRead.Malformed;
        var fields = seen[TextBegin.Length..(end - 1)];
        var family = Next(ref fields);
        header = new ProxyHeader(IsRelayed: true, default, 0, SslProtocols.None, end + 1);
        // What follows UNKNOWN is not to be read.
        if (family.SequenceEqual("UNKNOWN"u8))
            return ProxyHeaderRead.Whole;
        bool isIPv6 = family.SequenceEqual("TCP6"u8);
        if (!isIPv6 && !family.SequenceEqual("TCP4"u8))
            return ProxyHeaderRead.Malformed;
        if (!TryReadAddress(Next(ref fields), isIPv6, out var client) || !TryReadAddress(Next(ref fields), isIPv6, out _)
            || !TryReadPort(Next(ref fields), out ushort port) || !TryReadPort(fields, out _))
            return ProxyHeaderRead.Malformed;
        header = header with { Client = client, Port = port };
        return ProxyHeaderRead.Whole;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> fields)
    {
        int blank = fields.IndexOf((byte)' ');
        var field = blank < 0 ? fields : fields[..blank];
        fields = blank < 0 ? default : fields[(blank + 1)..];
        return field;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> field, bool isIPv6, out ClientAddress address)
    {
        address = default;
        Span<char> text = stackalloc char[TextBytesMax];
        for (int i = 0; i < field.Length; i++)
            text[i] = (char)field[i];
        text = text[..field.Length];
        return text.Contains(':') == isIPv6 && ClientAddress.TryParse(text, out address);
    }

    private static bool TryReadPort(ReadOnlySpan<byte> field, out ushort port)
    {
        port = 0;
        return field.Length > 0 && (field[0] != (byte)'0' || field.Length == 1)
            && ushort.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }

    // Section 2.2: signature, version and command, family and transport, length; then addresses and TLVs.
    private static ProxyHeaderRead ReadBinary(ReadOnlySpan<byte> seen, out ProxyHeader header)
    {
        int length = BinaryFixedBytes + BinaryPrimitives.ReadUInt16BigEndian(seen[14..]);
        header = new ProxyHeader(seen[12] == 0x21, default, 0, SslProtocols.None, length);
        if (seen[12] is not (0x20 or 0x21) || length > BinaryBytesMax)
            return ProxyHeaderRead.Malformed;
        if (seen.Length < length)
            return ProxyHeaderRead.Incomplete;
        var rest = seen[BinaryFixedBytes..length];
        if (!header.IsRelayed)
            return ProxyHeaderRead.Whole;
        switch (seen[13])
        {
            case 0x00:
                return ProxyHeaderRead.Whole;
            case 0x11 or 0x12 when rest.Length >= 12:
                header = header with
                {
                    Client = ClientAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(rest)),
                    Port = BinaryPrimitives.ReadUInt16BigEndian(rest[8..]),
                };
                return ReadTlvs(rest[12..], ref header);
            case 0x21 or 0x22 when rest.Length >= 36:
                header = header with
                {
                    Client = new ClientAddress(BinaryPrimitives.ReadUInt128BigEndian(rest)),
                    Port = BinaryPrimitives.ReadUInt16BigEndian(rest[32..]),
                };
                return ReadTlvs(rest[36..], ref header);
            case 0x31 or 0x32 when rest.Length >= 216:
                return ReadTlvs(rest[216..], ref header);
            default:
                return ProxyHeaderRead.Malformed;
        }
    }

    // Of the TLVs only whether the client spoke TLS is of use here; the others are stepped over.
    private static ProxyHeaderRead ReadTlvs(ReadOnlySpan<byte> rest, ref ProxyHeader header)
    {
        while (!rest.IsEmpty)
        {
            if (!TryReadTlv(ref rest, out byte type, out var value))
                return ProxyHeaderRead.Malformed;
            // A byte of flags, the first of which says "over TLS", four bytes of the certificate's check, then TLVs again.
            if (type == TlvTls && value.Length >= 5 && (value[0] & 1) != 0)
            {
                bool isNewest = IsVersion13(value[5..]);
                header = header with { Tls = isNewest ? SslProtocols.Tls13 : SslProtocols.Tls12 };
            }
        }
        return ProxyHeaderRead.Whole;
    }

    private static bool IsVersion13(ReadOnlySpan<byte> tlvs)
    {
        while (TryReadTlv(ref tlvs, out byte type, out var value))
        {
            if (type == TlvTlsVersion && value.SequenceEqual("TLSv1.3"u8))
                return true;
        }
        return false;
    }

    private static bool TryReadTlv(ref ReadOnlySpan<byte> rest, out byte type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (rest.Length < 3)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
        if (rest.Length - 3 < length)
            return false;
        type = rest[0];
        value = rest.Slice(3, length);
        rest = rest[(3 + length)..];
        return true;
    }
}
