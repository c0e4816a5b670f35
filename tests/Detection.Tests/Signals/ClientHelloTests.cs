using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.TestKit;

namespace Weir.Tests.Signals;

public class ClientHelloTests
{
    private const string ChromeUserAgent =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

    private static readonly ushort[] ChromeCiphers =
        [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035];

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "data", "client-hello");

    // Recorded from Debian 12's programs; the fingerprints were computed apart, by a script that shares no code with this.
    [Theory]
    [InlineData("chromium", "t13d1517h2_8daaf6152771_cb7bf5808d99")]
    [InlineData("curl", "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6")]
    [InlineData("java", "t13d3713h2_db35923f8641_7c76daad20ec")]
    [InlineData("node-fetch", "t13d5911h1_a33745022dd6_1f22a2ca17c4")]
    [InlineData("node-https", "t13d591000_a33745022dd6_1f22a2ca17c4")]
    [InlineData("openssl", "t13d311000_e8f1e7e78f70_1f22a2ca17c4")]
    [InlineData("python", "t13d181100_85036bcba153_d41ae481755e")]
    [InlineData("wget", "t13d291300_723694b0fccc_899037bd0b8c")]
    public void A_recorded_greeting_has_its_fingerprint_and_only_Chromiums_is_Chromiums(string client, string ja4)
    {
        var facts = Facts(Recorded(client))!;

        Assert.Equal(ja4, facts.Ja4);
        Assert.Equal(client == "chromium", facts.HasGrease);
        Assert.Equal(client != "chromium", Contradicts(facts, ChromeUserAgent));
        Assert.True(TlsFacts.TryParse(ja4, out var parsed));
        Assert.Equal(client != "chromium", Contradicts(parsed!, ChromeUserAgent));
    }

    [Theory]
    [InlineData("curl", "curl/7.88.1")]
    [InlineData("python", "Python-urllib/3.11")]
    [InlineData("java", "Java-http-client/17.0.15")]
    [InlineData("wget", "Wget/1.21.3")]
    [InlineData("node-fetch", "node")]
    [InlineData("chromium", ChromeUserAgent)]
    public void No_program_contradicts_its_own_name(string client, string userAgent) =>
        Assert.False(Contradicts(Facts(Recorded(client))!, userAgent));

    [Fact]
    public void Chromiums_greeting_under_Firefoxs_name_contradicts_it() =>
        Assert.True(Contradicts(Facts(Recorded("chromium"))!, "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"));

    // The example of JA4's description, and a capture of its tests whose signature algorithms hold GREASE.
    [Theory]
    [InlineData("t13d1516h2_8daaf6152771_e5627efa2ab1",
        new ushort[] { 0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xfafa },
        new ushort[] { 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601 })]
    [InlineData("t13d1517h2_8daaf6152771_cb7bf5808d99",
        new ushort[] { 0xfe0d, 0x0010, 0x0017, 0x0033, 0x44cd, 0xff01, 0x000a, 0x000d, 0x0023, 0x002b, 0x000b, 0xca34, 0x002d, 0x0000, 0x0005, 0x001b, 0x0012 },
        new ushort[] { 0x8a8a, 0x0904, 0x0905, 0x0906, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601 })]
    public void Published_fingerprints_come_out(string expected, ushort[] extensions, ushort[] algorithms)
    {
        byte[] greeting = Greeting([0x2a2a, .. ChromeCiphers], extensions, algorithms, "h2"u8);

        Assert.Equal(expected, Facts(greeting)!.Ja4);
    }

    [Theory]
    [InlineData("h2", "h2")]
    [InlineData("http/1.1", "h1")]
    [InlineData("\u0001\u00ab", "0b")]
    [InlineData("", "00")]
    public void The_first_protocol_stands_in_the_fingerprint(string protocol, string expected)
    {
        byte[] greeting = Greeting(ChromeCiphers, [0x0010], [], [.. protocol.Select(c => (byte)c)]);

        Assert.Equal($"t12i1501{expected}", Facts(greeting)!.Ja4[..10]);
    }

    [Fact]
    public void A_greeting_without_extensions_or_ciphers_has_zeros_for_hashes()
    {
        Assert.Equal("t12i000000_000000000000_000000000000", Facts(Greeting([], [], [], default))!.Ja4);
    }

    [Fact]
    public void A_greeting_cut_over_several_records_reads_the_same()
    {
        foreach (string file in Directory.GetFiles(Folder))
        {
            byte[] whole = File.ReadAllBytes(file);
            foreach (int size in new[] { 1, 7, 100, 300 })
                Assert.Equal(Facts(whole)!.Ja4, Facts(CutIntoRecords(whole, size))?.Ja4);
        }
    }

    [Fact]
    public void A_greeting_cut_short_anywhere_is_none()
    {
        byte[] whole = Recorded("chromium");
        for (int length = 0; length < whole.Length; length++)
            Assert.Null(Facts(whole[..length]));
    }

    [Fact]
    public void Any_bytes_and_any_damage_to_a_greeting_give_a_fingerprint_or_nothing()
    {
        byte[][] recorded = [.. Directory.GetFiles(Folder).Select(File.ReadAllBytes)];
        var damage = Gen.Select(Generators.Pick(recorded), Gen.Select(Gen.Int[0, 600], Gen.Byte).Array[1, 8]).Select((greeting, hits) =>
        {
            byte[] copy = [.. greeting];
            foreach (var (at, value) in hits)
                copy[at % copy.Length] = value;
            return copy;
        });
        Gen.OneOf(damage, Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 200].Select(b => (byte[])[22, 3, 1, 0, (byte)b.Length, .. b])).Sample(bytes =>
            Facts(bytes) is not { } facts || TlsFacts.TryParse(facts.Ja4, out _), iter: 20_000);
    }

    [Fact]
    public void Thousands_of_ciphers_are_no_greeting() =>
        Assert.Null(Facts(Greeting([.. Enumerable.Range(0, ClientHello.MaxEntries + 1).Select(i => (ushort)i)], [], [], default)));

    [Theory]
    [InlineData("")]
    [InlineData("t13d1516h2_8daaf6152771_e5627efa2ab")]
    [InlineData("t13d1516h2_8daaf6152771_E5627EFA2AB1")]
    [InlineData("x13d1516h2_8daaf6152771_e5627efa2ab1")]
    [InlineData("t13d15a6h2_8daaf6152771_e5627efa2ab1")]
    [InlineData("t13d1516h2-8daaf6152771-e5627efa2ab1")]
    public void A_text_that_is_no_fingerprint_is_refused(string text) => Assert.False(TlsFacts.TryParse(text, out _));

    [Fact]
    public void Writing_a_fingerprint_allocates_nothing()
    {
        byte[] records = Recorded("chromium"), scratch = new byte[records.Length];
        var text = new char[Ja4.Length];

        AllocationBudget.Bytes(0, () =>
        {
            Assert.True(ClientHello.TryRead(records, scratch, out var hello));
            Ja4.Write(hello, text);
        });
    }

    private static TlsFacts? Facts(byte[] records) => TlsFacts.Read(new ReadOnlySequence<byte>(records));

    private static byte[] Recorded(string client) => File.ReadAllBytes(Path.Combine(Folder, client + ".bin"));

    private static bool Contradicts(TlsFacts tls, string userAgent) =>
        Requests.Detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = userAgent, Tls = tls }).Reasons.Has(Reason.TlsContradicts);

    private static byte[] Greeting(ushort[] ciphers, ushort[] extensions, ushort[] algorithms, ReadOnlySpan<byte> protocol)
    {
        List<byte> bodies = [];
        foreach (ushort type in extensions)
        {
            byte[] body = type switch
            {
                0x000d => Vector(2, Bytes(algorithms)),
                0x0010 => Vector(2, Vector(1, protocol.ToArray())),
                0x002b => Vector(1, Bytes([0x7a7a, 0x0304, 0x0303])),
                _ => [],
            };
            bodies.AddRange([.. Bytes([type]), .. Vector(2, body)]);
        }
        byte[] message =
        [
            .. Bytes([0x0303]), .. new byte[32], .. Vector(1, new byte[32]), .. Vector(2, Bytes(ciphers)), .. Vector(1, [0]),
            .. Vector(2, [.. bodies]),
        ];
        return [22, 3, 1, .. Vector(2, [1, .. Vector(3, message)])];
    }

    private static byte[] CutIntoRecords(byte[] record, int size) =>
        [.. record[5..].Chunk(size).SelectMany(c => (byte[])[22, 3, 1, .. Vector(2, c)])];

    private static byte[] Bytes(ushort[] codes)
    {
        byte[] bytes = new byte[codes.Length * 2];
        for (int i = 0; i < codes.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(i * 2), codes[i]);
        return bytes;
    }

    private static byte[] Vector(int lengthBytes, byte[] body)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
        return [.. length[^lengthBytes..], .. body];
    }
}
