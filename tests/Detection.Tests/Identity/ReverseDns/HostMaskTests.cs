using System.Text.RegularExpressions;
using CsCheck;
using Weir.Detection.Identification;

namespace Weir.Tests.IdentityOf;

public class HostMaskTests
{
    private static readonly string[] Masks = ["*.search.msn.com", "crawl-*.googlebot.com", "a.b.c", "x*y.b.c", "*z.b.c"];

    [Theory]
    [InlineData("*.search.msn.com", "msnbot-1.search.msn.com", true)]
    [InlineData("*.search.msn.com", "a.b.search.msn.com", true)]
    [InlineData("*.search.msn.com", "search.msn.com", false)]
    [InlineData("*.search.msn.com", ".search.msn.com", false)]
    [InlineData("*.search.msn.com", "evilsearch.msn.com", false)]
    [InlineData("*.search.msn.com", "x.search.msn.com.evil.com", false)]
    [InlineData("crawl-*.googlebot.com", "crawl-66-249-66-1.googlebot.com", true)]
    [InlineData("crawl-*.googlebot.com", "crawl-.googlebot.com", false)]
    [InlineData("crawl-*.googlebot.com", "crawl-1.evil.googlebot.com", false)]
    [InlineData("crawl-*.googlebot.com", "crawl-1.evilgooglebot.com", false)]
    [InlineData("crawl-*.googlebot.com", "xcrawl-1.googlebot.com", false)]
    public void A_mask_is_met_at_the_borders_of_labels(string mask, string name, bool expected) =>
        Assert.Equal(expected, HostMask.IsHostName(name) && HostMask.Matches(mask, name));

    [Fact]
    public void Any_name_is_matched_as_a_plain_expression_says()
    {
        var labels = Generators.Pick("a", "b", "c", "x", "y", "z", "xy", "xay", "crawl-", "crawl-1", "googlebot", "evilgooglebot", "search", "msn", "com");
        Gen.Select(Generators.Pick(Masks), labels.Array[1, 6]).Sample((mask, parts) =>
        {
            string name = string.Join('.', parts);
            string star = mask.StartsWith("*.", StringComparison.Ordinal) ? "[a-z0-9.-]+" : "[a-z0-9-]+";
            bool expected = Regex.IsMatch(name, $"^{Regex.Escape(mask).Replace("\\*", star)}$", RegexOptions.None, TimeSpan.FromSeconds(1));
            return HostMask.Matches(mask, name) == expected;
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("*.com", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    [InlineData("a.*.example.com", false)]
    [InlineData("*a*.example.com", false)]
    [InlineData("*.Example.com", false)]
    [InlineData("*.exa mple.com", false)]
    [InlineData("*.example.com.", false)]
    [InlineData("*.example.com", true)]
    [InlineData("crawl.example.com", true)]
    public void A_mask_that_could_be_anybodys_is_none(string mask, bool expected) => Assert.Equal(expected, HostMask.IsMask(mask));

    [Fact]
    public void Names_that_no_host_can_have_are_refused()
    {
        string[] bad = ["", "com", ".", "a..b", "a.b.", "A.b", "a b.c", "a.b\0", "ü.de", new string('a', 64) + ".de", string.Join('.', Enumerable.Repeat("abcd", 51))];

        Assert.DoesNotContain(bad, n => HostMask.IsHostName(n));
        Assert.True(HostMask.IsHostName(new string('a', 63) + ".de"));
    }
}
