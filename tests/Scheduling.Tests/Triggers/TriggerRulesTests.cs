using Weir.Detection;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.Triggers;

public sealed class TriggerRulesTests
{
    private static readonly TriggerRules Rules = new(new SchedulingSettings());

    [Theory]
    [InlineData("/", true)]
    [InlineData("/pricing", true)]
    [InlineData("/pricing/", true)]
    [InlineData("/docs/v1.2/install", true)]
    [InlineData("/docs/v1.2", true)]
    [InlineData("/paper.pdf", true)]
    [InlineData("/index.html", true)]
    [InlineData("/robots-in-industry", true)]
    [InlineData("/llms.txt", true)]
    [InlineData("/robots.txt", false)]
    [InlineData("/ROBOTS.TXT", false)]
    [InlineData("/sitemap.xml", false)]
    [InlineData("/sitemap_index.xml.gz", false)]
    [InlineData("/en/sitemap-3.xml", false)]
    [InlineData("/sitemap.txt", false)]
    [InlineData("/feed.xml", false)]
    [InlineData("/favicon.ico", false)]
    [InlineData("/apple-touch-icon-120x120.png", false)]
    [InlineData("/.well-known/security.txt", false)]
    [InlineData("/assets/app.3f2.js", false)]
    [InlineData("/assets/site.CSS", false)]
    [InlineData("/logo.png", false)]
    [InlineData("/font.woff2", false)]
    [InlineData("/api/data.json", false)]
    [InlineData("/logo.png?v=3", false)]
    public void Only_pages_count(string path, bool isPage) =>
        Assert.Equal(isPage ? TriggerRefusal.None : TriggerRefusal.NoPage, Rules.Judge(Fetches.Of(path: path), Purpose.AiSearch, out _));

    [Theory]
    [InlineData(Identity.Verified, 1.0)]
    [InlineData(Identity.Unverifiable, 0.3)]
    [InlineData(Identity.Spoofed, 0.0)]
    [InlineData(Identity.Pending, 0.0)]
    [InlineData(Identity.NotClaimed, 0.0)]
    public void Identity_gives_the_weight(Identity identity, double weight)
    {
        var refusal = Rules.Judge(Fetches.Of(identity: identity), Purpose.AiSearch, out double counts);
        Assert.Equal(weight, counts);
        Assert.Equal(weight > 0 ? TriggerRefusal.None : TriggerRefusal.NotVerified, refusal);
    }

    [Fact]
    public void Unverifiable_crawlers_are_ignored_when_the_setting_says_so()
    {
        var strict = new TriggerRules(new SchedulingSettings { UnverifiableWeight = 0 });
        Assert.Equal(TriggerRefusal.NotVerified, strict.Judge(Fetches.Of(identity: Identity.Unverifiable), Purpose.AiSearch, out _));
    }

    [Theory]
    [InlineData(200, TriggerRefusal.None)]
    [InlineData(204, TriggerRefusal.NoContent)]
    [InlineData(206, TriggerRefusal.NoContent)]
    [InlineData(301, TriggerRefusal.NoContent)]
    [InlineData(304, TriggerRefusal.None)]
    [InlineData(404, TriggerRefusal.NoContent)]
    [InlineData(502, TriggerRefusal.NoContent)]
    [InlineData(0, TriggerRefusal.NoContent)]
    internal void Only_content_that_was_sent_counts(int status, TriggerRefusal refusal) =>
        Assert.Equal(refusal, Rules.Judge(Fetches.Of(status: status), Purpose.AiSearch, out _));

    [Theory]
    [InlineData("POST")]
    [InlineData("HEAD")]
    [InlineData("get")]
    public void Only_GET_counts(string method) => Assert.Equal(TriggerRefusal.NotRead, Rules.Judge(Fetches.Of(method: method), Purpose.AiSearch, out _));

    [Fact]
    public void What_models_are_trained_on_says_nothing_of_answers() =>
        Assert.Equal(TriggerRefusal.Training, Rules.Judge(Fetches.Of(), Purpose.AiTraining, out _));

    [Theory]
    [InlineData(FetchContent.Changed, Purpose.AiSearch, TriggerClass.CrawlChanged)]
    [InlineData(FetchContent.First, Purpose.Search, TriggerClass.CrawlChanged)]
    [InlineData(FetchContent.Unknown, Purpose.AiSearch, TriggerClass.CrawlChanged)]
    [InlineData(FetchContent.Same, Purpose.AiSearch, TriggerClass.CrawlSame)]
    [InlineData(FetchContent.NotModified, Purpose.AiSearch, TriggerClass.CrawlSame)]
    [InlineData(FetchContent.Unknown, Purpose.AiUser, TriggerClass.UserFetch)]
    [InlineData(FetchContent.NotModified, Purpose.AiAgent, TriggerClass.UserFetch)]
    public void What_a_fetch_showed_and_whom_it_was_for_give_its_class(FetchContent content, Purpose purpose, TriggerClass expected) =>
        Assert.Equal(expected, TriggerRules.ClassOf(content, purpose));

    [Fact]
    public void Every_class_and_content_has_a_name_of_its_own()
    {
        Assert.All(Enum.GetValues<TriggerClass>(), c => Assert.Equal(c, TriggerClasses.Of(c.Name())));
        Assert.Equal(Enum.GetValues<FetchContent>().Length, Enum.GetValues<FetchContent>().Select(c => c.Name()).Distinct().Count());
    }

    [Fact]
    public void Every_outcome_has_a_name_of_its_own() =>
        Assert.Equal(Enum.GetValues<TriggerRefusal>().Length, Enum.GetValues<TriggerRefusal>().Select(r => r.Name()).Distinct().Count());
}
