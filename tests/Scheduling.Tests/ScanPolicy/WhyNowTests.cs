using Weir.Scheduling.ScanPolicy;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests.ScanPolicy;

public sealed class WhyNowTests
{
    private static readonly WhyNow Why = new()
    {
        Class = TriggerClass.CrawlChanged,
        Crawler = "GPTBot",
        Identity = "verified",
        Path = "/pricing",
        At = Store.Start,
        Engine = "chatgpt",
        Weight = 0.4,
        Triggers = 3,
        LastScan = Store.Start.AddHours(-3),
        LastResult = "gap",
    };

    [Fact]
    public void One_sentence_has_who_what_when_how_often_and_how_much() => Assert.Equal(
        "GPTBot (verified) fetched /pricing 40 s ago, 3 fetches since the last scan 3 h ago (gap); feeds chatgpt with weight 0.4.",
        Why.Sentence(Store.Start.AddSeconds(40)));

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(119, "119 s")]
    [InlineData(120, "2 min")]
    [InlineData(7200, "2 h")]
    [InlineData(200_000, "2 d")]
    public void Ages_are_short(int seconds, string age) => Assert.Contains($" {age} ago,", Why.Sentence(Store.Start.AddSeconds(seconds)));

    [Theory]
    [InlineData(TriggerClass.Competitor, "A competitor published something 40 s ago, 3 events since")]
    [InlineData(TriggerClass.EngineUpdate, "chatgpt was updated 40 s ago,")]
    [InlineData(TriggerClass.Trending, "The query began to trend 40 s ago,")]
    [InlineData(TriggerClass.Sitemap, "The sitemap named /pricing as new or changed 40 s ago,")]
    public void An_event_is_told_as_what_it_is(TriggerClass of, string begin)
    {
        string sentence = (Why with { Class = of, Crawler = null }).Sentence(Store.Start.AddSeconds(40));
        Assert.StartsWith(begin, sentence, StringComparison.Ordinal);
        Assert.EndsWith("; concerns chatgpt with weight 0.4.", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_first_scan_a_single_fetch_and_a_long_path_read_well() => Assert.Equal(
        $"GPTBot (unverifiable) fetched /{new string('x', 199)}… 1 s ago, 1 fetch, never scanned before; feeds chatgpt with weight 0.12.",
        (Why with { Identity = "unverifiable", Path = "/" + new string('x', 500), Triggers = 1, LastScan = null, Weight = 0.12 }).Sentence(Store.Start.AddSeconds(1)));
}
