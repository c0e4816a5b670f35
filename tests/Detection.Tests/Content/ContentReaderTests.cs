using System.Text;
using CsCheck;
using Weir.Detection.Content;

namespace Weir.Tests.Content;

public sealed class ContentReaderTests(ITestOutputHelper output)
{
    private static readonly ContentReading Original = Read(Pages.Article());

    [Fact]
    public void The_main_text_is_the_article_and_nothing_around_it()
    {
        Assert.StartsWith("How a heat pump warms an old house Updated March 5, 2026 · 12,481 views A heat pump moves", Original.MainText, StringComparison.Ordinal);
        Assert.EndsWith("Prices checked on 5 March 2026.", Original.MainText, StringComparison.Ordinal);
        foreach (string around in new[] { "cookies", "Heating", "Most read", "Imprint", "Search", "Sponsored", "nonce", "color" })
            Assert.DoesNotContain(around, Original.MainText, StringComparison.Ordinal);
    }

    // What stands outside the main text leaves even its exact hash alone.
    [Fact]
    public void Around_the_text_everything_may_change()
    {
        var changed = Read(Pages.Article(token: "ffffff", navigation: "<li><a href='/wind'>Wind power for balconies</a></li>", teaser: "Nine better kettles and a pan"));

        Assert.Equal((Original.Hash, Original.SimHash), (changed.Hash, changed.SimHash));
    }

    public static TheoryData<string, int, int> Distances => new()
    {
        // An edit of the article of 416 words; least and most bits that may differ; measured.
        { "counter", 0, 0 }, // 0
        { "numeric date in the text", 0, 0 }, // 0
        { "month in words", 0, 4 }, // 3
        { "updated line", 0, 4 }, // 2
        { "one paragraph of ten replaced", 5, 24 }, // 10
        { "one paragraph of ten added", 5, 24 }, // 8
        { "half of the paragraphs replaced", 10, 40 }, // 29
        { "another page", 20, 44 }, // 32
    };

    [Theory]
    [MemberData(nameof(Distances))]
    public void Distances_are_small_for_boilerplate_and_large_for_new_text(string edit, int least, int most)
    {
        string[] paragraphs = Pages.Paragraphs;
        byte[] page = edit switch
        {
            "counter" => Pages.Article(views: "13,007"),
            "numeric date in the text" => Pages.Article(inlineDate: "6 March 2026"),
            "month in words" => Pages.Article(inlineDate: "6 April 2026"),
            "updated line" => Pages.Article(updated: "November 25, 2026", views: "99,120"),
            "one paragraph of ten replaced" => Pages.Article([.. paragraphs[..4], Pages.Replacement, .. paragraphs[5..]]),
            "one paragraph of ten added" => Pages.Article([.. paragraphs, Pages.Replacement]),
            "half of the paragraphs replaced" => Pages.Article([.. paragraphs[..5], .. Enumerable.Range(0, 5).Select(i => Other(i))]),
            _ => Pages.Article([.. Enumerable.Range(0, 10).Select(Other)], title: "Bread from yesterday"),
        };
        var changed = Read(page);
        int distance = ContentComparison.Distance(Original.SimHash, changed.SimHash);
        output.WriteLine($"{edit}: {distance} ({changed.Words} words)");

        Assert.InRange(distance, least, most);
        Assert.NotEqual(Original.Hash, changed.Hash);
        Assert.Equal(most <= ContentComparison.BoilerplateDistanceMax ? ContentChange.Boilerplate : ContentChange.Text,
            ContentComparison.Compare(Original.Hash, Original.SimHash, changed.Hash, changed.SimHash));
    }

    [Fact]
    public void Each_single_paragraph_replaced_is_another_text()
    {
        var distances = Enumerable.Range(0, 10).Select(i =>
        {
            string[] paragraphs = [.. Pages.Paragraphs];
            paragraphs[i] = Pages.Replacement;
            return ContentComparison.Distance(Original.SimHash, Read(Pages.Article(paragraphs)).SimHash);
        }).ToList();
        output.WriteLine(string.Join(' ', distances)); // 10 10 8 8 10 10 13 9 8 11

        Assert.All(distances, d => Assert.True(d > ContentComparison.BoilerplateDistanceMax, $"{string.Join(' ', distances)}"));
    }

    [Fact]
    public void A_page_without_a_main_element_is_read_by_what_its_classes_say()
    {
        var product = Read(Pages.Product());

        Assert.StartsWith("Brass stove lamp This lamp", product.MainText, StringComparison.Ordinal);
        Assert.DoesNotContain("Cart", product.MainText, StringComparison.Ordinal);
        Assert.DoesNotContain("pan rack", product.MainText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_price_or_stock_moves_the_exact_hash_only()
    {
        var (before, after) = (Read(Pages.Product()), Read(Pages.Product(price: "139.00", stock: "2")));

        Assert.Equal(ContentChange.Boilerplate, Compare(before, after));
        Assert.Equal(before.SimHash, after.SimHash);
        Assert.Equal(ContentChange.Text, Compare(before, Read(Pages.Product(text: Pages.Replacement))));
    }

    [Fact]
    public void The_signature_says_what_the_page_is_made_of()
    {
        var signature = Original.Signature;

        Assert.Equal(["csrf-token", "description", "og:title"], signature.MetaTags);
        Assert.Equal(["analytics", "jquery"], signature.ScriptLibraries);
        Assert.Equal("h1 h2 h2 h3", signature.Headings);
        Assert.InRange(signature.TextRatio, 0.3, 0.7);
        Assert.InRange(signature.Depth, 5, 9);
        Assert.Empty(signature.Indicators);
        Assert.False(signature.LooksGenerated);
    }

    [Fact]
    public void Three_of_the_five_signs_make_a_page_look_generated_and_each_has_its_sentence()
    {
        var bare = Read(Encoding.UTF8.GetBytes("<h1>Pumps</h1>" + string.Concat(Pages.Paragraphs.Select(p => $"<p>{p}</p>"))));

        Assert.Equal(Enum.GetValues<ContentIndicator>(), bare.Signature.Indicators);
        Assert.True(bare.Signature.LooksGenerated);
        Assert.All(bare.Signature.Indicators, i => Assert.EndsWith(".", i.Sentence(), StringComparison.Ordinal));
        var two = Read(Encoding.UTF8.GetBytes("<meta name=description content=x><meta property='og:title' content=x><body>" + string.Concat(Pages.Paragraphs.Select(p => $"<p>{p}</p>"))));
        Assert.Equal([ContentIndicator.HighTextRatio, ContentIndicator.NoScriptLibraries, ContentIndicator.SimpleStructure], two.Signature.Indicators);
    }

    [Theory]
    [InlineData("windows-1252", null, "<p>caf\u00e9</p>")]
    [InlineData("iso-8859-1", null, "<p>caf\u00e9</p>")]
    [InlineData("windows-1251", null, "<p>\u043a\u043e\u0444\u0435</p>")]
    [InlineData(null, "shift_jis", "<meta charset='shift_jis'><p>\u30b3\u30fc\u30d2\u30fc</p>")]
    [InlineData("no-such-charset", "utf-8", "<p>caf\u00e9</p>")]
    [InlineData("utf-16", "utf-8", "<p>caf\u00e9</p>")]
    public void The_charset_is_the_headers_else_the_pages(string? header, string? written, string html)
    {
        var encoding = (written ?? header) is "utf-8" ? Encoding.UTF8
            : CodePagesEncodingProvider.Instance.GetEncoding((written ?? header) == "iso-8859-1" ? "windows-1252" : (written ?? header)!)!;

        string text = Read(encoding.GetBytes(html), header).MainText;

        Assert.Equal(html[(html.IndexOf("<p>", StringComparison.Ordinal) + 3)..^4], text);
    }

    [Fact]
    public void Texts_without_spaces_have_words_too()
    {
        var a = Read("<p>今日は天気がとても良いので公園まで歩いて行きました</p>"u8.ToArray());

        Assert.Equal(25, a.Words);
        Assert.Equal(ContentChange.Text, Compare(a, Read("<p>明日は雨が降る予定だから家で静かに本を読むつもりです</p>"u8.ToArray())));
    }

    [Fact]
    public void Pages_that_a_script_fills_are_equal_and_empty()
    {
        var shell = Read("<body><div id=root></div><script src=/app.js></script></body>"u8.ToArray());

        Assert.Equal((0, 0ul), (shell.Words, shell.SimHash));
        Assert.Equal(ContentChange.Same, Compare(shell, Read("<body><div id=root></div><script src=/app2.js></script></body>"u8.ToArray())));
    }

    [Fact]
    public void Any_bytes_are_read()
    {
        var tag = Generators.Pick("<p>", "</p>", "<main>", "<b>", "</b>", "<table>", "<td>", "<!--", "-->", "<script>", "<a href='", "&amp", "<svg>", "<template>", "<body", "<meta charset=", "é");
        var part = Gen.OneOf(Gen.Byte.Array[0, 20], tag.Select(Encoding.UTF8.GetBytes));
        Gen.Select(part.Array[0, 60], Gen.String).Sample((parts, charset) =>
            !ContentReader.TryRead([.. parts.SelectMany(p => p)], charset, out var reading)
            || (reading.Signature.TextRatio is >= 0 and <= 1 && reading.Words >= 0), iter: 3_000);
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b><p>")]
    [InlineData("<a><table>")]
    [InlineData("<i><div>")]
    [InlineData("<table><td>")]
    [InlineData("<svg><g>")]
    public void Pages_that_nest_absurdly_are_refused(string piece)
    {
        byte[] html = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, ContentReader.BytesMax / piece.Length)));
        long began = TimeProvider.System.GetTimestamp();
        bool isRead = ContentReader.TryRead(html, null, out _);
        output.WriteLine($"{piece}: {isRead} after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:N0} ms");

        Assert.False(isRead);
    }

    [Fact]
    public void A_tag_of_very_many_attributes_is_read()
    {
        byte[] html = Encoding.UTF8.GetBytes("<body " + string.Concat(Enumerable.Range(0, 70_000).Select(i => $"a{i:x} ")) + "><p>text</p>");
        long began = TimeProvider.System.GetTimestamp();
        Assert.True(ContentReader.TryRead(html, null, out var reading));
        output.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:N0} ms");

        Assert.Equal("text", reading.MainText);
    }

    [Fact]
    public void SimHash_is_near_for_near_texts()
    {
        var word = Gen.Char['a', 'z'].Array[3, 8].Select(c => new string(c));
        Gen.Select(word.Array[300, 400], Gen.Int[0, 299], word).Sample((words, place, other) =>
        {
            ulong before = SimHash.Of(string.Join(' ', words), out _);
            words[place] = other;
            return SimHash.Distance(before, SimHash.Of(string.Join(' ', words), out _)) <= 12;
        }, iter: 500);
    }

    private static string Other(int i) => $"Paragraph {(char)('A' + i)} tells of bread: how flour {(char)('k' + i)}, water and patience turn into a loaf that keeps {Pages.Paragraphs[i].Split(' ')[i + 3]} for a week, "
        + $"and why bakers in {(char)('P' + i)}town fold their dough by hand at dawn while the oven of {Pages.Paragraphs[i].Split(' ')[^1]} slowly cools under its iron door.";

    private static ContentChange Compare(ContentReading a, ContentReading b) => ContentComparison.Compare(a.Hash, a.SimHash, b.Hash, b.SimHash);

    private static ContentReading Read(byte[] html, string? charset = null)
    {
        Assert.True(ContentReader.TryRead(html, charset, out var reading));
        return reading;
    }
}
