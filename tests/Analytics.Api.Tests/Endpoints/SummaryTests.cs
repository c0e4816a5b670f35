using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class SummaryTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Summary_counts_every_hit_once_by_kind_identity_and_referral()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            hit, hit with { HitId = 1, Address = "198.51.100.2" },
            hit with { HitId = 2, Address = "2001:db8::1", ReferralSource = "chatgpt", ReferralClass = "ai" },
            hit with { HitId = 3, ReferralSource = "google", ReferralClass = "search" },
            (hit with { HitId = 4, Address = "203.0.113.1" }).GptBot(),
            (hit with { HitId = 5, Address = "203.0.113.2" }).GptBot("spoofed"),
            (hit with { HitId = 6, ReferralSource = "chatgpt", ReferralClass = "ai" }).GptBot("unverifiable"),
            (hit with { HitId = 7 }).Googlebot(),
            (hit with { HitId = 8 }).Library());

        var summary = await api.Api.JsonAsync($"/v1/sites/{site}/summary?from=2026-03-10&to=2026-03-11");

        Assert.Equal(9, summary.Long("hits"));
        Assert.Equal(4, summary.Long("kinds", "crawler"));
        Assert.Equal(1, summary.Long("kinds", "automation"));
        Assert.Equal(4, summary.Long("kinds", "likely-human"));
        Assert.Equal(0, summary.Long("kinds", "unknown"));
        Assert.Equal(2, summary.Long("identities", "verified"));
        Assert.Equal(1, summary.Long("identities", "spoofed"));
        Assert.Equal(1, summary.Long("identities", "unverifiable"));
        Assert.Equal(0, summary.Long("identities", "pending"));
        Assert.Equal(5, summary.Long("identities", "not-claimed"));
        Assert.Equal(1, summary.Long("referrals", "ai"));
        Assert.Equal(1, summary.Long("referrals", "search"));
        Assert.Equal(2, summary.Long("aiCrawlers"));
        Assert.Equal(1, summary.Long("aiCrawlersVerified"));
        Assert.Equal(3, summary.Long("otherBots"));
        Assert.Equal(5, summary.Long("clients"));
        Assert.Equal(0, summary.Long("lost"));
    }

    [Theory]
    [InlineData("2026-03-10T12:00:00Z", "2026-03-10T12:00:00.001Z", 1)]
    [InlineData("2026-03-10T12:00:00.001Z", "2026-03-10T12:30:00Z", 0)]
    [InlineData("2026-03-10T11:59:59.999Z", "2026-03-10T14:00:00Z", 3)]
    [InlineData("2026-03-10T12:00:00.0001Z", "2026-03-10T14:00:00Z", 2)]
    [InlineData("2026-03-10T12:30:00Z", "2026-03-10T15:30:00Z", 4)]
    [InlineData("2026-03-10T12:30:00.001Z", "2026-03-10T15:29:59.999Z", 2)]
    [InlineData("2026-03-10T13:30:00+01:00", "2026-03-10T16:30:00+01:00", 4)]
    [InlineData("2026-03-10", "2026-03-11", 5)]
    [InlineData("1970-01-01", "2105-12-31", 5)]
    public async Task Summary_is_exact_for_any_span_and_leaves_its_end_out(string from, string to, long hits)
    {
        string site = await api.NewSiteAsync();
        var times = new[] { Noon, Noon.AddMinutes(30), Noon.AddMinutes(119).AddSeconds(59), Noon.AddHours(2), Noon.AddMinutes(209).AddSeconds(59.999) };
        await api.StoreAsync(times.Select(t => new TestHit(site, t)));

        var summary = await api.Api.JsonAsync($"/v1/sites/{site}/summary?from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}");

        Assert.Equal(hits, summary.Long("hits"));
    }

    [Fact]
    public async Task A_known_site_without_hits_gives_zeros()
    {
        var summary = await api.Api.JsonAsync($"/v1/sites/{await api.NewSiteAsync()}/summary");

        Assert.Equal(0, summary.Long("hits"));
        Assert.Equal(0, summary.Long("clients"));
        Assert.Equal(TimeSpan.FromDays(1), summary.GetProperty("to").GetDateTimeOffset() - summary.GetProperty("from").GetDateTimeOffset());
    }
}
