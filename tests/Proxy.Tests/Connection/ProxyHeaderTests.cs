using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Security.Authentication;
using System.Text;
using CsCheck;
using Weir.Detection;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Connection;

/// <summary>PROXY headers by HAProxy's proxy-protocol.txt: sections 2.1 (version 1), 2.2 (version 2).</summary>
public class ProxyHeaderTests
{
    private static readonly byte[] Signature = [.. "\r\n\r\n\0\r\nQUIT\n"u8];

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n", "203.0.113.9", 4711)]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255", 65535)]
    [InlineData("PROXY TCP6 2001:db8::9 2001:db8::1 1 443\r\n", "2001:db8::9", 1)]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535)]
    [InlineData("PROXY TCP6 ::ffff:203.0.113.9 ::1 0 0\r\n", "203.0.113.9", 0)]
    [InlineData("PROXY UNKNOWN\r\n", "", 0)]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "", 0)]
    public void A_header_of_version_1_names_the_client(string line, string client, int port)
    {
        Assert.Equal(ProxyHeaderRead.Whole, Read(line + "GET / HTTP/1.1\r\n", out var header));
        Assert.Equal((true, client, port, line.Length), (header.IsRelayed, header.Client.ToString(), header.Port, header.Length));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443 \r\n")]
    [InlineData("PROXY TCP4  203.0.113.9 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY TCP4\t203.0.113.9 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 65536 443\r\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 04711 443\r\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 +4711 443\r\n")]
    [InlineData("PROXY TCP4 203.0.113.09 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY TCP4 203.0.113 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY TCP4 ::1 ::1 4711 443\r\n")]
    [InlineData("PROXY TCP6 203.0.113.9 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY TCP6 fe80::1%eth0 ::1 4711 443\r\n")]
    [InlineData("PROXY tcp4 203.0.113.9 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY UDP4 203.0.113.9 192.0.2.1 4711 443\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY \n")]
    [InlineData("PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")]
    public void A_header_of_version_1_that_breaks_the_format_is_refused(string line) =>
        Assert.Equal(ProxyHeaderRead.Malformed, Read(line, out _));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXYTCP4")]
    [InlineData("proxy TCP4")]
    [InlineData(" PROXY TCP4")]
    [InlineData("\r\n\r\nGET")]
    [InlineData("\u0016\u0003\u0001")]
    public void A_connection_that_begins_with_something_else_has_none(string text) => Assert.Equal(ProxyHeaderRead.Missing, Read(text, out _));

    [Fact]
    public void A_header_of_version_2_names_the_client_and_what_follows_the_addresses_is_stepped_over()
    {
        byte[] tlvs = [.. Tlv(0x01, [.. "h2"u8]), .. Tlv(0x02, [.. "www.example.com"u8]), .. Tlv(0xEA, new byte[300]), .. Tlv(0x04, [])];

        var four = Whole(Binary(0x21, 0x11, [.. IPv4, .. tlvs]));
        var six = Whole(Binary(0x21, 0x21, [.. IPv6, .. tlvs]));

        Assert.Equal((true, "203.0.113.9", 4711), (four.IsRelayed, four.Client.ToString(), four.Port));
        Assert.Equal((true, "2001:db8::9", 4711), (six.IsRelayed, six.Client.ToString(), six.Port));
    }

    [Fact]
    public void The_balancer_says_whether_the_client_spoke_TLS()
    {
        byte[] version13 = Tlv(0x21, [.. "TLSv1.3"u8]);
        byte[] version12 = Tlv(0x21, [.. "TLSv1.2"u8]);

        Assert.Equal(SslProtocols.Tls13, Whole(Binary(0x21, 0x11, [.. IPv4, .. Tlv(0x20, [1, 0, 0, 0, 0, .. version13])])).Tls);
        Assert.Equal(SslProtocols.Tls12, Whole(Binary(0x21, 0x11, [.. IPv4, .. Tlv(0x20, [5, 0, 0, 0, 0, .. version12])])).Tls);
        Assert.Equal(SslProtocols.None, Whole(Binary(0x21, 0x11, [.. IPv4, .. Tlv(0x20, [0, 0, 0, 0, 0, .. version13])])).Tls);
        Assert.Equal(SslProtocols.None, Whole(Binary(0x21, 0x11, [.. IPv4, .. Tlv(0x20, [1, 0])])).Tls);
    }

    [Fact]
    public void A_connection_of_the_balancers_own_and_one_of_an_unknown_client_name_nobody()
    {
        foreach (byte family in (byte[])[0x00, 0x11, 0x21, 0x31, 0xFF])
            Assert.False(Whole(Binary(0x20, family, [1, 2, 3])).IsRelayed);
        foreach (byte[] header in (byte[][])[Binary(0x21, 0x00, []), Binary(0x21, 0x00, [9, 9]), Binary(0x21, 0x31, new byte[216]), Binary(0x21, 0x21, new byte[36])])
        {
            var read = Whole(header);
            Assert.True(read.IsRelayed && !read.Client.IsKnown);
        }
    }

    [Fact]
    public void A_header_of_version_2_that_breaks_the_format_is_refused()
    {
        foreach (byte[] bytes in (byte[][])[
            Binary(0x11, 0x11, IPv4), Binary(0x22, 0x11, IPv4), Binary(0x2F, 0x11, IPv4), // another version or command
            Binary(0x21, 0x13, IPv4), Binary(0x21, 0x41, IPv4), Binary(0x21, 0x10, IPv4), // another transport or family
            Binary(0x21, 0x11, IPv4[..11]), Binary(0x21, 0x21, IPv6[..35]), Binary(0x21, 0x31, new byte[215]), // too short for its addresses
            Binary(0x21, 0x11, [.. IPv4, 1]), Binary(0x21, 0x11, [.. IPv4, 1, 0, 9, 0]), // a TLV that is cut
            Binary(0x21, 0x11, new byte[4081]), Binary(0x20, 0x00, new byte[65535])]) // longer than is read
        {
            Assert.Equal(ProxyHeaderRead.Malformed, ProxyHeader.Read(bytes, out _));
        }
    }

    [Fact]
    public void Every_header_is_read_alike_in_pieces_of_any_size_and_never_before_it_is_whole() =>
        Gen.Select(GenHeader, Gen.Byte.Array[0, 20], Gen.Int[1, 64]).Sample((header, behind, size) =>
        {
            for (int seen = 0; seen < header.Length; seen++)
                Assert.Equal(ProxyHeaderRead.Incomplete, ProxyHeader.Read(header.AsSpan(0, seen), out _));
            Assert.Equal(ProxyHeaderRead.Whole, ProxyHeader.Read([.. header, .. behind], out var whole));
            Assert.Equal(header.Length, whole.Length);
            Assert.Equal(ProxyHeaderRead.Whole, ProxyHeader.Read(Pieces([.. header, .. behind], size), out var pieced));
            Assert.Equal(whole, pieced);
        });

    [Fact]
    public void Addresses_are_read_as_they_were_written() =>
        Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.UShort).Sample((four, six, port) =>
        {
            var client4 = new IPAddress(four);
            var client6 = new IPAddress(six);
            byte[] ports = [(byte)(port >> 8), (byte)port, 1, 187];
            Assert.Equal(ProxyHeaderRead.Whole, Read($"PROXY TCP4 {client4} 192.0.2.1 {port} 443\r\n", out var text4));
            Assert.Equal(ProxyHeaderRead.Whole, Read($"PROXY TCP6 {client6} ::1 {port} 443\r\n", out var text6));
            Assert.Equal((ClientAddress.From(client4), port), (text4.Client, text4.Port));
            Assert.Equal((ClientAddress.From(client6), port), (text6.Client, text6.Port));
            var binary4 = Whole(Binary(0x21, 0x11, [.. four, .. new byte[4], .. ports]));
            var binary6 = Whole(Binary(0x21, 0x21, [.. six, .. new byte[16], .. ports]));
            Assert.Equal((text4.Client, text6.Client, port, port), (binary4.Client, binary6.Client, binary4.Port, binary6.Port));
        });

    [Fact]
    public void Whatever_bytes_come_the_answer_is_one_and_more_bytes_do_not_change_it() =>
        Gen.OneOf(
            Gen.Byte.Array[0, 300],
            Gen.Byte.Array[0, 300].Select(b => (byte[])[.. Signature, .. b]),
            Gen.OneOf([.. "PROXYTCP46UNK 0123456789abcdef.:\r\n"u8]).Array[0, 130].Select(b => (byte[])[.. "PROXY "u8, .. b])).Sample(bytes =>
        {
            var earlier = ProxyHeaderRead.Incomplete;
            for (int seen = 0; seen <= bytes.Length; seen++)
            {
                var read = ProxyHeader.Read(bytes.AsSpan(0, seen), out _);
                Assert.True(earlier == ProxyHeaderRead.Incomplete || read == earlier, $"{read} after {earlier}");
                earlier = read;
            }
        });

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] text = [.. "PROXY TCP6 2001:db8::9 2001:db8::1 4711 443\r\n"u8];
        byte[] binary = Binary(0x21, 0x11, [.. IPv4, .. Tlv(0x20, [1, 0, 0, 0, 0])]);
        var pieces = Pieces(binary, 7);

        Assert.Equal(0, Allocations.Of(() =>
        {
            ProxyHeader.Read(text, out _);
            ProxyHeader.Read(binary, out _);
            ProxyHeader.Read(pieces, out _);
        }));
    }

    private static byte[] IPv4 => [203, 0, 113, 9, 192, 0, 2, 1, 4711 >> 8, 4711 & 255, 1, 187];

    private static byte[] IPv6 => [.. IPAddress.Parse("2001:db8::9").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 4711 >> 8, 4711 & 255, 1, 187];

    private static Gen<byte[]> GenHeader => Gen.OneOf(
        Gen.Byte.Array[4].Select(a => Encoding.ASCII.GetBytes($"PROXY TCP4 {new IPAddress(a)} 192.0.2.1 4711 443\r\n")),
        Gen.Byte.Array[16].Select(a => Encoding.ASCII.GetBytes($"PROXY TCP6 {new IPAddress(a)} ::1 4711 443\r\n")),
        Gen.Byte.Array[12].Select(a => Binary(0x21, 0x11, a)),
        Gen.Select(Gen.Byte.Array[36], Gen.Byte.Array[0, 40]).Select((a, t) => Binary(0x21, 0x21, [.. a, .. Tlv(0x30, t)])),
        Gen.Byte.Array[0, 60].Select(a => Binary(0x20, 0x00, a)));

    private static byte[] Binary(byte command, byte family, byte[] rest)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. Signature, command, family, .. length, .. rest];
    }

    private static byte[] Tlv(byte type, byte[] value) => [type, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static ProxyHeader Whole(byte[] bytes)
    {
        Assert.Equal(ProxyHeaderRead.Whole, ProxyHeader.Read(bytes, out var header));
        Assert.Equal(bytes.Length, header.Length);
        return header;
    }

    private static ProxyHeaderRead Read(string text, out ProxyHeader header) => ProxyHeader.Read(Encoding.Latin1.GetBytes(text), out header);

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, int size)
    {
        var first = new Piece(bytes.AsMemory(0, Math.Min(size, bytes.Length)), null);
        var last = first;
        for (int at = size; at < bytes.Length; at += size)
            last = new Piece(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
