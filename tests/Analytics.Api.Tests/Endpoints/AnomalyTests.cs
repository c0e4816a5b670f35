using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Crawlers that changed against their own past, and no alarm from small numbers.</summary>
[Collection(AnalyticsCollection.Name)]
public class AnomalyTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 3, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10, new long[] { 0, 0, 0 }, "appeared")]
    [InlineData(9, new long[] { 0, 0, 0 }, null)]
    [InlineData(100, new long[] { 0, 0 }, null)] // too little past
    [InlineData(0, new long[] { 12, 9, 11, 10 }, "stopped")]
    [InlineData(0, new long[] { 70, 0, 0, 0, 0, 0, 0 }, null)] // a burst once is no habit
    [InlineData(0, new long[] { 3, 4, 2, 3 }, null)]
    [InlineData(60, new long[] { 20, 18, 22, 20 }, "tripled")]
    [InlineData(59, new long[] { 20, 18, 22, 20 }, null)]
    [InlineData(9, new long[] { 3, 3, 3, 3 }, null)]
    [InlineData(60, new long[] { 80, 1, 1, 1 }, null)] // as on a day before
    [InlineData(10, new long[] { 30, 31, 29, 32 }, "fell")]
    [InlineData(12, new long[] { 30, 31, 29, 32 }, null)]
    [InlineData(2, new long[] { 8, 9, 7, 8 }, null)]
    public void The_rule_needs_size_certainty_and_a_habit(long hits, long[] past, string? kind) => Assert.Equal(kind, AnomalyRule.Judge(hits, past));

    // Exact intervals as tables of the Poisson distribution give them (half the chi-square quantiles).
    [Theory]
    [InlineData(0, 0, 3.689)]
    [InlineData(1, 0.025, 5.572)]
    [InlineData(10, 4.795, 18.390)]
    [InlineData(100, 81.364, 121.627)]
    public void Intervals_of_counts_agree_with_exact_ones(long count, double low, double high)
    {
        var interval = PoissonInterval.Of(count);

        Assert.Equal(low, interval.Low, 0.06);
        Assert.Equal(high, interval.High, 0.06);
    }

    [Fact]
    public async Task Each_kind_is_found_once_with_its_counts_and_steady_crawlers_are_not()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(Enumerable.Range(0, 8).SelectMany(day => new[]
        {
            Hits(site, day, "gptbot", day == 7 ? 90 : 20),
            Hits(site, day, "claudebot", day == 7 ? 0 : 15),
            Hits(site, day, "perplexitybot", day == 7 ? 40 : 0),
            Hits(site, day, "bingbot", day == 7 ? 5 : 40),
            Hits(site, day, "googlebot", 50 + day),
            Hits(site, day, "amazonbot", day == 7 ? 4 : 1),
            // A name borrowed a hundred times is no growth of whose it is.
            Hits(site, day, "applebot", day == 7 ? 100 : 1, "spoofed"),
        }.SelectMany(h => h)));

        var list = await api.Api.JsonAsync($"/v1/sites/{site}/anomalies?from=2026-03-10&to=2026-03-11");

        Assert.Equal(7, list.Long("pastSpans"));
        var items = list.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            [("gptbot", "tripled", 90, 20.0), ("perplexitybot", "appeared", 40, 0), ("bingbot", "fell", 5, 40), ("claudebot", "stopped", 0, 15)],
            items.Select(i => (i.Text("crawler"), i.Text("kind"), (int)i.Long("hits"), i.GetProperty("expected").GetDouble())));
        Assert.Equal([20, 20, 20, 20, 20, 20, 20], items[0].GetProperty("past").EnumerateArray().Select(p => p.GetInt64()));
        Assert.InRange(items[0].GetProperty("hitsLow").GetDouble(), 72, 73);
        Assert.Equal("GPTBot made 90 hits, more than in any of the 7 spans before, which had 20 each.", items[0].Text("why"));
    }

    [Fact]
    public async Task A_site_without_a_past_has_no_anomalies_and_lists_go_on_by_cursor()
    {
        string young = await api.NewSiteAsync(), site = await api.NewSiteAsync();
        await api.StoreAsync(Hits(young, 7, "gptbot", 500));
        await api.StoreAsync(Enumerable.Range(0, 8).SelectMany(day => Hits(site, day, "googlebot", 5)
            .Concat(day == 7 ? [.. Hits(site, day, "gptbot", 30), .. Hits(site, day, "claudebot", 30)] : [])));

        var none = await api.Api.JsonAsync($"/v1/sites/{young}/anomalies?from=2026-03-10&to=2026-03-11");
        var first = await api.Api.JsonAsync($"/v1/sites/{site}/anomalies?from=2026-03-10&to=2026-03-11&limit=1");
        var second = await api.Api.JsonAsync($"/v1/sites/{site}/anomalies?limit=1&cursor={first.Text("next")}");

        Assert.Equal((0, 0), (none.Long("pastSpans"), none.GetProperty("items").GetArrayLength()));
        Assert.Equal("claudebot", Assert.Single(first.GetProperty("items").EnumerateArray()).Text("crawler"));
        Assert.Equal("gptbot", Assert.Single(second.GetProperty("items").EnumerateArray()).Text("crawler"));
        Assert.Null(second.Text("next"));
    }

    private static IEnumerable<TestHit> Hits(string site, int day, string crawler, int count, string identity = "verified") =>
        Enumerable.Range(0, count).Select(i => new TestHit(site, Begin.AddDays(day).AddMinutes(i)).By(crawler, "x", "ai-search", identity));
}
