using CsCheck;
using Weir.Worker.Citations;

namespace Weir.Worker.Tests;

/// <summary>What counts as a citation, on friendly and on nasty answers.</summary>
public sealed class CitationFinderTests
{
    private static readonly BrandMarks Acme = new(["Acme"], ["www.acme.com", "*.acme.co.uk"]);

    [Theory]
    [InlineData("See https://www.acme.com/pricing for prices.", "https://www.acme.com/pricing")]
    [InlineData("See [the docs](https://docs.acme.com/a_(b)).", "https://docs.acme.com/a_(b)")]
    [InlineData("HTTPS://ACME.COM/Pricing!", "HTTPS://ACME.COM/Pricing")]
    [InlineData("<a href=\"https://acme.com/\">here</a>", "https://acme.com/")]
    [InlineData("shop.acme.co.uk has it", "shop.acme.co.uk")]
    [InlineData("Prices: acme.com.", "acme.com")]
    [InlineData("//acme.com/x", "acme.com")]
    [InlineData("https://other.test/?next=1 and then **https://acme.com/x**.", "https://acme.com/x")]
    [InlineData("https://acme.com:8443/x", "https://acme.com:8443/x")]
    [InlineData("https://a\u00adcme.com/x", "https://acme.com/x")]
    public void A_page_of_the_brand_s_is_a_citation(string answer, string url)
    {
        var found = Find(answer);
        Assert.Equal(("cited", "url"), (found.Result, found.Evidence.By));
        Assert.Equal(url, found.Evidence.Urls[0]);
        Assert.Contains(url, found.Evidence.Snippet, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://acme.com@evil.test/")]
    [InlineData("https://acme.com.evil.test/ and acme.com.evil.test")]
    [InlineData("https://evil-acme.com/ or notacme.com")]
    [InlineData("mail info@acme.com")]
    [InlineData("https://evil.test/?u=https://acme.com/")]
    [InlineData("x.test/acme.com is a list")]
    [InlineData("ftp://evil.test/pineacme")]
    [InlineData("pineAcme, Acmeology, 5Acme, Äcme")]
    [InlineData("")]
    [InlineData("https://")]
    [InlineData("https:///acme")]
    [InlineData("https://[::1/acme")]
    public void What_only_looks_like_the_brand_is_none(string answer)
    {
        var found = CitationFinder.Find(answer, [], "best widgets", new BrandMarks(["Acmee", "pine"], ["acme.com"]), null);
        Assert.Equal(("gap", null), (found.Result, found.Evidence.By));
    }

    [Theory]
    [InlineData("I would take ACME's widget.", "Acme", 13)]
    [InlineData("\"Acme\"", "Acme", 1)]
    [InlineData("Ａｃｍｅ is wide", "Acme", 0)]
    [InlineData("Try AT&T today", "AT&T", 4)]
    [InlineData("Nutze Müller-Bräu.", "Müller-Bräu", 6)]
    [InlineData("用途：東芝 。", "東芝", 3)]
    public void A_name_counts_as_a_word_of_its_own(string answer, string name, int at)
    {
        var found = CitationFinder.Find(answer, [], "best widgets", new BrandMarks([name], []), null);
        Assert.Equal(("cited", "name", name, at), (found.Result, found.Evidence.By, found.Evidence.Name, found.Evidence.At));
    }

    [Fact]
    public void A_name_that_the_question_holds_proves_nothing_and_a_page_does()
    {
        Assert.Equal("gap", CitationFinder.Find("I do not know what Acme costs.", [], "what does acme cost?", Acme, null).Result);
        Assert.Equal("cited", CitationFinder.Find("I do not know what Acme costs: https://acme.com", [], "what does acme cost?", Acme, null).Result);
    }

    [Fact]
    public void Sources_beside_the_words_count_with_their_place()
    {
        var found = CitationFinder.Find("Widgets are fine [1][3].", ["https://a.test/", "javascript:alert(1)", "https://b.test/1", "https://b.test/2", "https://acme.com/w"], "q", Acme, null);
        Assert.Equal(("cited", "url", 3, 3), (found.Result, found.Evidence.By, found.Evidence.Position, found.Evidence.Sources));
        Assert.Equal(["https://acme.com/w"], found.Evidence.Urls);
        Assert.Null(found.Evidence.At);
    }

    [Theory]
    [InlineData(null, "gap")]
    [InlineData("gap", "gap")]
    [InlineData("lost_citation", "gap")]
    [InlineData("cited", "lost_citation")]
    public void A_citation_is_lost_where_there_was_one(string? last, string result) =>
        Assert.Equal(result, CitationFinder.Find("Nobody.", [], "q", Acme, last).Result);

    [Fact]
    public void A_wildcard_for_every_host_and_a_name_without_a_dot_own_nothing()
    {
        var marks = new BrandMarks(["x"], ["*", "localhost", "", "  ", "*.", "\ud800.test"]);
        Assert.Empty(marks.Names);
        Assert.DoesNotContain(marks.Hosts, h => h.Length < 4);
        Assert.Equal("gap", CitationFinder.Find("https://localhost/ https://any.test/", [], "q", marks, null).Result);
    }

    [Fact]
    public void An_international_host_is_one_host_in_both_its_forms()
    {
        var marks = new BrandMarks(["Bücher"], ["bücher.example"]);
        Assert.Equal("url", CitationFinder.Find("https://xn--bcher-kva.example/", [], "q", marks, null).Evidence.By);
        Assert.Equal("url", CitationFinder.Find("https://BÜCHER.example/", [], "q", marks, null).Evidence.By);
    }

    [Fact]
    public void Control_characters_and_broken_texts_leave_no_trace()
    {
        var found = Find("\u001b[31m Acme\u0007\ud83d \u202egnp\0 is\r\n\t \u2028good\udc00");
        Assert.Equal("cited", found.Result);
        Assert.DoesNotContain(found.Evidence.Snippet, c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u202e' or '\u2028');
    }

    [Fact]
    public void Evidence_is_bounded_whatever_the_answer_is()
    {
        string[] nasty =
        [
            string.Concat(Enumerable.Repeat("acme.com", 60_000)), string.Concat(Enumerable.Repeat("https://acme.com/", 60_000)), new string('a', 500_000) + "acme.com",
            string.Concat(Enumerable.Repeat("https://acme.com/x ", 60_000)), new string('(', 300_000), new string('.', 300_000), string.Concat(Enumerable.Repeat(".acme.com ", 60_000)),
            "https://acme.com/" + new string('x', 400_000), string.Concat(Enumerable.Repeat("Acme\u0301 ", 100_000)),
        ];
        foreach (string answer in nasty)
            AssertBounded(Find(answer));
    }

    [Fact]
    public void Any_text_gives_a_result()
    {
        string[] pieces = ["https://", "acme.com", "www.", "@", "/", "Acme", " ", ".", "\0", "\ud800", "ü", "()", "[x](", "://", "\n", "%", "#", "?", ":99999", "xn--", "東", "\u0301"];
        Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, 30].Select(string.Concat).Sample(text =>
        {
            var found = CitationFinder.Find(text, [text], text, Acme, "cited");
            AssertBounded(found);
            Assert.Contains(found.Result, new[] { "cited", "lost_citation" });
            Assert.Equal(found.Evidence.By == "url", found.Evidence.Position is not null);
        });
    }

    [Fact]
    public void A_host_that_no_DNS_could_know_is_no_page() =>
        Assert.Equal("name", CitationFinder.Find("See https://xn--ü/ and Acme.", ["https://xn--ü"], "query", Acme, null).Evidence.By);

    private static void AssertBounded(Citation found)
    {
        Assert.True(found.Evidence.Snippet.Length < 700);
        Assert.True(found.Evidence.Urls.Count <= CitationFinder.UrlsMax);
        Assert.All(found.Evidence.Urls, u => Assert.True(u.Length < 600));
    }

    private static Citation Find(string answer) => CitationFinder.Find(answer, [], "best widgets", Acme, null);
}
