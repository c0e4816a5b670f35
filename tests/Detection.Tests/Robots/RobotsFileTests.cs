using System.Text;
using Weir.Detection.Robots;
using static Weir.Tests.Robots.GoogleCases;

namespace Weir.Tests.Robots;

public sealed class RobotsFileTests
{
    public static TheoryData<string> Names => [.. All.Concat(Departures).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Googles_cases_are_answered_as_its_parser_answers_them_or_as_the_RFC_does(string name)
    {
        var asked = All.Concat(Departures).Single(c => c.Name == name);
        var rules = Parse(asked.File.Replace('|', '\n')).RulesFor(RobotsAgent.Named(asked.Agent));

        Assert.All(asked.Allowed, url => Assert.True(Decide(rules, url).IsAllowed, url));
        Assert.All(asked.Disallowed, url => Assert.False(Decide(rules, url).IsAllowed, url));
        Assert.NotEqual(0, asked.Allowed.Length + asked.Disallowed.Length);
    }

    [Theory]
    [InlineData("Foobot", true)]
    [InlineData("Foobot-Bar", true)]
    [InlineData("Foo_Bar", true)]
    [InlineData("", false)]
    [InlineData("ツ", false)]
    [InlineData("Foobot*", false)]
    [InlineData(" Foobot ", false)]
    [InlineData("Foobot/2.1", false)]
    [InlineData("Foobot Bar", false)]
    public void Product_tokens_hold_letters_underscores_and_hyphens_only(string text, bool isToken) =>
        Assert.Equal(isToken, RobotsAgent.IsProductToken(text));

    [Theory]
    [InlineData("\n", "\n", "\n")]
    [InlineData("\r\n", "\r\n", "\r\n")]
    [InlineData("\r", "\r", "\r")]
    [InlineData("\n", "\r\n", "\n")]
    public void Lines_are_numbered_alike_under_every_line_end(string a, string b, string c)
    {
        var file = Parse($"User-Agent: foo{a}Allow: /some/path{b}User-Agent: bar{c}{b}{a}Disallow: /");

        Assert.Equal(4, file.KnownCount);
        Assert.Equal(6, file.RulesFor(RobotsAgent.Named("bar")).Decide("/").Rule!.Line.Number);
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF }, 2, 0)]
    [InlineData(new byte[] { 0xEF, 0xBB }, 2, 0)]
    [InlineData(new byte[] { 0xEF }, 2, 0)]
    [InlineData(new byte[] { 0xEF, 0x11, 0xBF }, 1, 1)]
    public void A_byte_order_mark_whole_or_torn_hides_no_line(byte[] mark, int known, int other)
    {
        var file = RobotsFile.Parse([.. mark, .. "User-Agent: foo\nAllow: /AnyValue\n"u8]);

        // Without the user agent's line, the rule is outside any group.
        Assert.Equal((known == 2 ? 2 : 0, other == 0 ? 0 : 2), (file.KnownCount, file.OtherCount));
    }

    [Fact]
    public void A_byte_order_mark_in_the_middle_spoils_its_line()
    {
        var file = RobotsFile.Parse([.. "User-Agent: foo\n"u8, 0xEF, 0xBB, 0xBF, .. "Allow: /AnyValue\n"u8]);

        Assert.Equal((1, 1), (file.KnownCount, file.OtherCount));
    }

    [Theory]
    [InlineData("User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nSitemap: http://foo.bar/sitemap.xml\n", 6)]
    [InlineData("Sitemap: http://foo.bar/sitemap.xml\nUser-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\n", 1)]
    public void A_sitemap_is_kept_wherever_it_stands(string text, int number) =>
        Assert.Equal(new RobotsLine(number, "Sitemap", "http://foo.bar/sitemap.xml"), Assert.Single(Parse(text).Other));

    [Theory]
    [InlineData("", "/")]
    [InlineData("http://www.example.com", "/")]
    [InlineData("http://www.example.com/", "/")]
    [InlineData("http://www.example.com/a", "/a")]
    [InlineData("http://www.example.com/a/b?c=http://d.e/", "/a/b?c=http://d.e/")]
    [InlineData("http://www.example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f")]
    [InlineData("example.com", "/")]
    [InlineData("example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f")]
    [InlineData("a", "/")]
    [InlineData("a/", "/")]
    [InlineData("/a", "/a")]
    [InlineData("a/b", "/b")]
    [InlineData("example.com?a", "/?a")]
    [InlineData("example.com/a;b#c", "/a;b")]
    [InlineData("//a/b/c", "/b/c")]
    public void The_path_of_an_address_is_found(string address, string path) => Assert.Equal(path, RobotsRules.PathOf(address));

    [Theory]
    [InlineData("/a/b/c", "/a/b/c")]
    [InlineData("á", "%C3%A1")]
    [InlineData("%aa", "%AA")]
    [InlineData("/%7Euser/%2f", "/~user/%2F")]
    [InlineData("/a*b$", "/a%2Ab%24")]
    [InlineData("/a%2Fb?u=http%3A%2F%2Fx", "/a%2Fb?u=http://x")]
    [InlineData("/100%", "/100%")]
    public void Paths_are_brought_to_one_form(string path, string octets) => Assert.Equal(octets, Encoding.ASCII.GetString(RobotsOctets.OfPath(path)));

    [Theory]
    [InlineData("useragent: GPTBot\ndisalow: /")]
    [InlineData("user agent: GPTBot\ndissallow: /")]
    [InlineData("USER-AGENTS : GPTBot/1.2 # theirs\n\tdisallowed\t: /")]
    [InlineData("User-agent: GPTBot\nCrawl-delay: 5\nContent-Signal: ai-train=no\nDisallow: *")]
    public void What_is_often_misspelt_is_understood(string text) => Assert.False(Decide(Parse(text).RulesFor(RobotsAgent.Named("gptbot")), "/x").IsAllowed);

    [Fact]
    public void Other_lines_are_kept_as_data_and_end_no_group()
    {
        var file = Parse("User-agent: A\nCrawl-delay: 5\nUser-agent: B\nContent-Signal: ai-train=no\nDisallow: /\nthis is no line\n");

        Assert.Equal([new(2, "Crawl-delay", "5"), new(4, "Content-Signal", "ai-train=no"), new(6, "", "this is no line")], file.Other);
        Assert.False(file.RulesFor(RobotsAgent.Named("A")).Decide("/").IsAllowed);
    }

    [Fact]
    public void The_answer_names_the_line_that_decides()
    {
        var answer = Parse("User-agent: *\nDisallow: /private # keep out\n").RulesFor(RobotsAgent.Named("GPTBot")).Decide("/private/a");

        Assert.Equal("Line 2 decides: Disallow: /private.", answer.Sentence);
    }

    [Theory]
    [InlineData("MJ12bot", "MJ12bot/v1.4.8", true)]
    [InlineData("MJ12bot", "MJ", false)]
    [InlineData("Googlebot", "Googlebot-Image", false)]
    [InlineData("Googlebot-Image", "Googlebot", false)]
    [InlineData("Googlebot", "googlebot/2.1", true)]
    public void A_name_is_compared_whole(string agent, string value, bool isNamed) => Assert.Equal(isNamed, RobotsAgent.IsNamedBy(value, agent));

    [Fact]
    public void The_robots_file_itself_is_always_allowed()
    {
        var rules = Parse("User-agent: *\nDisallow: /").RulesFor(RobotsAgent.Named("GPTBot"));

        Assert.True(rules.Decide("/robots.txt").IsAllowed);
        Assert.True(rules.Decide("/robots.txt?x").IsAllowed);
        Assert.False(rules.Decide("/robots.txt.bak").IsAllowed);
    }

    [Fact]
    public void What_stands_behind_500_KiB_is_counted_and_no_rule_is_cut_in_two()
    {
        string filler = string.Concat(Enumerable.Repeat("# filler\n", (500 * 1024 / 9) - 2));
        string text = "User-agent: *\n" + filler + "Disallow: /private/and/more\nDisallow: /later\n";
        var file = Parse(text);

        Assert.InRange(file.BytesCut, 1, 100);
        Assert.True(file.RulesFor(RobotsAgent.Named("a")).Decide("/private/and/more").IsAllowed);
        Assert.True(file.RulesFor(RobotsAgent.Named("a")).Decide("/later").IsAllowed);
    }

    private static RobotsFile Parse(string text) => RobotsFile.Parse(Encoding.UTF8.GetBytes(text));

    private static RobotsAnswer Decide(RobotsRules rules, string url) => rules.Decide(RobotsRules.PathOf(url));
}
