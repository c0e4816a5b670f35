using System.IO.Compression;
using System.Text;
using CsCheck;
using Weir.Proxy.Beacon;

namespace Weir.Proxy.Tests.Beacon;

public class HtmlHeadScannerTests
{
    private static readonly string Tag = Encoding.ASCII.GetString(BeaconScript.Tag);

    // What may stand in a head, with what only looks like its end.
    private static readonly Gen<string> Piece = Pick(
        "<title></head><body></title>", "<meta charset=utf-8>", "<meta name=\"a\" content='</head>'>", "<link rel=x title=\"<body>\">", "<!-- </head> -->", "<!--></head-->",
        "<script>if (a < b) c('</head>')</script>", "<SCRIPT async></scriptx></SCRIPT >", "<style>p::after{content:'<body>'}</style>", "<headx></headx>", "<bodyguard>",
        "<a b=c\"d>", "<a b= 'x>'/>", "</ head>", "<?php </head ?>", "text < 5 & <", "\n\t ", "ü漢", "<base href=/><noscript><img src=a></noscript>", "<!doctype html>",
        "<textarea></head></textarea>", "<p =\"a>", "<metametametameta=\"x y=\"></head>\">");

    private static readonly Gen<string> Closed = Piece.Where(p => p is not ("<!--></head-->" or "text < 5 & <" or "<?php </head ?>"));

    private static readonly Gen<int[]> Cuts = Gen.Int[1, 9].Array[0, 40];

    [Fact]
    public void However_a_page_is_cut_it_comes_out_the_same_and_whole_but_for_the_tag() =>
        Gen.Select(Piece.Array[0, 12], Pick("</head>", "</HEAD >", "</head\n>", "<body>", "<BODY class=a>"), Piece.Array[0, 4], Cuts).Sample((head, end, body, cuts) =>
        {
            string page = "<html><head>" + string.Concat(head) + end + string.Concat(body);
            string whole = Pass(page, []);
            return Pass(page, cuts) == whole && whole.Replace(Tag, "", StringComparison.Ordinal) == page;
        }, iter: 5_000);

    [Fact]
    public void Nothing_that_only_looks_like_the_end_of_the_head_is_taken_for_it() =>
        Gen.Select(Closed.Array[0, 12], Pick("</head>", "</HEAD >", "</head\n>", "<body>", "<BODY class=a>")).Sample((head, end) =>
        {
            string before = "<html><head>" + string.Concat(head);
            return Pass($"{before}{end}rest", []) == $"{before}{Tag}{end}rest";
        }, iter: 5_000);

    [Theory]
    [InlineData("<html><head><title>a</title>|</head><body>b</body></html>")]
    [InlineData("<p>no head</p>|<body>")]
    [InlineData("<head><!-- </head> -->|</head>")]
    [InlineData("<head><!--></head> -->")]
    [InlineData("<head><script>'</head>'</script>|</head>")]
    [InlineData("<head><script><!-- <script></head></script>")]
    [InlineData("<head><meta name=a content='</head>'>|</head>")]
    [InlineData("<head><meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"></head>")]
    [InlineData("<head><template></head></template></head>")]
    [InlineData("<title>a</title><p>neither")]
    [InlineData("<head><a =\"></head>")]
    public void The_place_is_the_standards(string marked)
    {
        string page = marked.Replace("|", "", StringComparison.Ordinal);

        Assert.Equal(marked.Replace("|", Tag, StringComparison.Ordinal).Replace("<head><!--></head>", $"<head><!-->{Tag}</head>", StringComparison.Ordinal)
            .Replace("<a =\"></head>", $"<a =\">{Tag}</head>", StringComparison.Ordinal), Pass(page, []));
    }

    [Fact]
    public void Behind_64_KiB_nothing_is_looked_for()
    {
        string page = "<head>" + new string(' ', HtmlHeadScanner.BytesMax) + "</head>";

        Assert.Equal(page, Pass(page, []));
    }

    [Fact]
    public void Packed_pages_are_the_same_byte_for_byte_but_for_the_tag() =>
        Gen.Select(Gen.Byte.Array[0, 40_000], Cuts, Gen.Bool).Sample((noise, cuts, isBrotli) =>
        {
            byte[] page = [.. "<head></head>"u8, .. noise];
            using var packed = new MemoryStream();
            using (Stream packer = isBrotli ? new BrotliStream(packed, CompressionLevel.Fastest, true) : new GZipStream(packed, CompressionLevel.Fastest, true))
                packer.Write(page);
            var cut = new CutStream(packed.ToArray(), cuts);
            Stream plain = isBrotli ? new BrotliStream(cut, CompressionMode.Decompress) : new GZipStream(cut, CompressionMode.Decompress);
            using var again = new MemoryStream(ReadAll(new PackedStream(new TaggedStream(plain, (_, _) => { }), isBrotli, () => { })));
            using Stream unpacked = isBrotli ? new BrotliStream(again, CompressionMode.Decompress) : new GZipStream(again, CompressionMode.Decompress);
            using var result = new MemoryStream();
            unpacked.CopyTo(result);
            return result.ToArray().AsSpan().SequenceEqual([.. "<head>"u8, .. BeaconScript.Tag, .. "</head>"u8, .. noise]);
        }, iter: 200);

    [Fact]
    public void Any_bytes_pass_whole() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 400], Gen.Char["<>/!-= \"'headboycript"].Array[0, 200].Select(c => Encoding.ASCII.GetBytes(c))), Cuts).Sample((bytes, cuts) =>
        {
            string passed = Encoding.Latin1.GetString(ReadAll(new TaggedStream(new CutStream(bytes, cuts), (_, _) => { })));
            return passed.Replace(Tag, "", StringComparison.Ordinal) == Encoding.Latin1.GetString(bytes);
        }, iter: 5_000);

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string Pass(string page, int[] cuts) =>
        Encoding.UTF8.GetString(ReadAll(new TaggedStream(new CutStream(Encoding.UTF8.GetBytes(page), cuts), (_, _) => { })));

    private static byte[] ReadAll(Stream stream)
    {
        using var whole = new MemoryStream();
        byte[] piece = new byte[1000];
        using (stream)
        {
            while (stream.ReadAsync(piece).AsTask().GetAwaiter().GetResult() is var read and > 0)
                whole.Write(piece, 0, read);
        }
        return whole.ToArray();
    }

    /// <summary>Gives its bytes in pieces of given lengths, and the rest at once.</summary>
    private sealed class CutStream(byte[] bytes, int[] cuts) : MemoryStream(bytes)
    {
        private int _cut;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span[..Math.Min(buffer.Length, _cut < cuts.Length ? cuts[_cut++] : int.MaxValue)]));
    }
}
