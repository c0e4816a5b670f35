using CsCheck;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Tests.Targets;

public sealed class TargetIndexTests
{
    [Theory]
    [InlineData("/pricing", "/pricing", true)]
    [InlineData("/pricing", "/pricing/", true)]
    [InlineData("/pricing/", "/pricing", true)]
    [InlineData("/pricing", "/Pricing", false)]
    [InlineData("/pricing", "/pricing/eu", false)]
    [InlineData("/docs/*", "/docs/a/b", true)]
    [InlineData("/docs/*", "/docs/", true)]
    [InlineData("/docs/*", "/docs", true)]
    [InlineData("/docs/*", "/docs-old", false)]
    [InlineData("/docs*", "/docs-old", true)]
    [InlineData("*", "/", true)]
    [InlineData("*", "/any/page", true)]
    [InlineData("/*", "/any/page", true)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/blog/*/comments", "/blog/2026/x/comments", true)]
    [InlineData("/blog/*/comments", "/blog/comments", false)]
    [InlineData("/*.html", "/a/b.html", true)]
    [InlineData("/caf%C3%A9", "/café", true)]
    [InlineData("/a\\b*c", "/a\\bxc", true)]
    public void Patterns_mean_what_they_say(string pattern, string path, bool isMatch)
    {
        Assert.True(PagePattern.IsValid(pattern));
        Assert.Equal(isMatch, PagePattern.IsMatch(pattern, path));
        Assert.Equal(isMatch, Index(pattern).Find(Store.Demo, path, "chatgpt").Count == 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pricing")]
    [InlineData("**")]
    [InlineData("/a?b=1")]
    [InlineData("/a#b")]
    [InlineData("/a\nb")]
    public void Other_texts_are_no_patterns(string pattern) => Assert.False(PagePattern.IsValid(pattern));

    [Fact]
    public void The_strongest_link_of_a_target_counts_and_others_engines_and_sites_do_not()
    {
        var index = new TargetIndex(
        [
            new TargetLink(1, "default", "chatgpt", "demo", "*", 0.2), new TargetLink(1, "default", "chatgpt", "demo", "/pricing", 0.9),
            new TargetLink(2, "default", "gemini", "demo", "/pricing", 1), new TargetLink(3, "other", "chatgpt", "other.example", "/pricing", 1),
        ], 1);
        Assert.Equal([new TargetMatch(1, 0.9)], index.Find(Store.Demo, "/pricing", "chatgpt"));
        Assert.Equal([new TargetMatch(1, 0.2)], index.Find(Store.Demo, "/else", "chatgpt"));
        Assert.Equal("other", index.TenantOf(Store.Other));
    }

    /// <summary>The index finds what trying each pattern finds.</summary>
    [Fact]
    public void Finds_what_trying_each_pattern_finds()
    {
        var text = Gen.Char["ab/*.%"].Array[0, 6].Select(c => "/" + new string(c));
        Gen.Select(text.Array[0, 12], text).Sample((patterns, drawn) =>
        {
            string path = drawn.Replace('*', 'a');
            var index = new TargetIndex(patterns.Select((p, i) => new TargetLink(i, "default", "chatgpt", "demo", p, 1)), 1);
            var expected = patterns.Select((p, i) => (p, i)).Where(x => PagePattern.IsMatch(x.p, path)).Select(x => (long)x.i);
            return index.Find(Store.Demo, path, "chatgpt").Select(m => m.Target).Order().SequenceEqual(expected);
        }, iter: 20_000);
    }

    private static TargetIndex Index(string pattern) => new([new TargetLink(1, "default", "chatgpt", "demo", pattern, 1)], 1);
}
