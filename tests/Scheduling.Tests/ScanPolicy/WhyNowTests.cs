using Weir.Scheduling.ScanPolicy;

namespace Weir.Scheduling.Tests.ScanPolicy;

public sealed class WhyNowTests
{
    private static readonly WhyNow Why = new()
    {
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

    [Fact]
    public void A_first_scan_a_single_fetch_and_a_long_path_read_well() => Assert.Equal(
        $"GPTBot (unverifiable) fetched /{new string('x', 199)}… 1 s ago, 1 fetch, never scanned before; feeds chatgpt with weight 0.12.",
        (Why with { Identity = "unverifiable", Path = "/" + new string('x', 500), Triggers = 1, LastScan = null, Weight = 0.12 }).Sentence(Store.Start.AddSeconds(1)));
}
