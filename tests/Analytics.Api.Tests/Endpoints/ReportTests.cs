using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Series, crawlers, pages and referrals over a known set of hits.</summary>
[Collection(AnalyticsCollection.Name)]
public class ReportTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private async Task<string> KnownSiteAsync()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            hit with { Path = "/a" },
            (hit with { Path = "/a" }).From("chatgpt", "ai"),
            (hit with { Path = "/b", Time = Noon.AddMinutes(90) }).From("chatgpt", "ai"),
            (hit with { Path = "/b" }).From("google", "search"),
            (hit with { Path = "/a", HitId = 900 }).GptBot(),
            (hit with { Path = "/a", HitId = 901, Time = Noon.AddMinutes(61) }).GptBot(),
            (hit with { Path = "/b", HitId = 902, Time = Noon.AddMinutes(62) }).GptBot("spoofed"),
            (hit with { Path = "/b", HitId = 903, Time = Noon.AddMinutes(63) }).Googlebot(),
            (hit with { Path = "/b", HitId = 904, Time = Noon.AddMinutes(64) }).By("bytespider", "ByteDance", "ai-training", "unverifiable"),
            (hit with { Path = "/c", HitId = 905 }).Library());
        return site;
    }

    [Fact]
    public async Task Crawlers_come_by_hits_with_names_identities_and_times()
    {
        string site = await KnownSiteAsync();

        var items = (await api.Api.JsonAsync($"/v1/sites/{site}/crawlers?from=2026-03-10&to=2026-03-11")).GetProperty("items");

        Assert.Equal(["gptbot", "bytespider", "googlebot"], items.EnumerateArray().Select(i => i.Text("crawler")));
        var gptBot = items[0];
        Assert.Equal("GPTBot", gptBot.Text("name"));
        Assert.Equal("OpenAI", gptBot.Text("operator"));
        Assert.Equal((3, 2, 1, 0), (gptBot.Long("hits"), gptBot.Long("verified"), gptBot.Long("spoofed"), gptBot.Long("unverifiable")));
        Assert.Equal(Noon, gptBot.GetProperty("firstSeen").GetDateTimeOffset());
        Assert.Equal(Noon.AddMinutes(62), gptBot.GetProperty("lastSeen").GetDateTimeOffset());
    }

    [Fact]
    public async Task Versions_of_robots_txt_are_listed_with_their_times_and_one_is_shown_by_its_hash()
    {
        string site = await api.NewSiteAsync();
        await api.Store.ExecuteNonQueryAsync(
            $"INSERT INTO robots_versions (time, site, host, status, mode, hash, text, edge) VALUES ('2026-03-10 12:00:00', '{site}', 'www.example.com', 200, 'merged', 'aa', 'User-agent: *', 'e'), "
            + $"('2026-03-11 12:00:00', '{site}', 'www.example.com', 404, 'pass', '', '', 'e')");

        var all = (await api.Api.JsonAsync($"/v1/sites/{site}/robots")).GetProperty("items");
        var one = (await api.Api.JsonAsync($"/v1/sites/{site}/robots?hash=aa")).GetProperty("items");

        Assert.Equal([(404, "pass", "", 0), (200, "merged", "aa", 13)], all.EnumerateArray().Select(v => ((int)v.Long("status"), v.Text("mode"), v.Text("hash"), (int)v.Long("bytes"))));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, all[1].GetProperty("text").ValueKind);
        Assert.Equal(("User-agent: *", new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero)), (Assert.Single(one.EnumerateArray()).Text("text"), one[0].GetProperty("seenAt").GetDateTimeOffset()));
    }

    [Fact]
    public async Task The_policy_report_counts_what_rules_did_and_what_dry_runs_would_have_done()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            hit with { HitId = 1 },
            (hit with { HitId = 2, PolicyRule = "spoofed", PolicyAction = "block", DryRunRule = "pay", DryRunAction = "price" }).GptBot("spoofed"),
            (hit with { HitId = 3, DryRunRule = "pay", DryRunAction = "price", Time = Noon.AddMinutes(5) }).GptBot(),
            hit with { HitId = 4, DryRunRule = "pay", DryRunAction = "price" },
            (hit with { HitId = 5, DryRunRule = "slow", DryRunAction = "within-limit" }).Googlebot());

        var report = await api.Api.JsonAsync($"/v1/sites/{site}/policy?from=2026-03-10&to=2026-03-11");

        Assert.Equal(5, report.Long("hits"));
        Assert.Equal(
            [("pay", "dry-run", "price", 3, 1), ("slow", "dry-run", "within-limit", 1, 0), ("spoofed", "enforce", "block", 1, 0)],
            report.GetProperty("items").EnumerateArray().Select(i => (i.Text("rule"), i.Text("mode"), i.Text("action"), i.Long("hits"), i.Long("likelyPeople"))));
        var pay = report.GetProperty("items")[0];
        Assert.Equal(["gptbot"], pay.GetProperty("crawlers").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(Noon.AddMinutes(5), pay.GetProperty("lastSeen").GetDateTimeOffset());
    }

    [Fact]
    public async Task Pages_count_crawlers_without_the_spoofed_and_say_when_they_last_came()
    {
        string site = await KnownSiteAsync();

        var items = (await api.Api.JsonAsync($"/v1/sites/{site}/pages?from=2026-03-10&to=2026-03-11")).GetProperty("items");

        Assert.Equal(["/a", "/b", "/c"], items.EnumerateArray().Select(i => i.Text("path")));
        Assert.Equal((4, 2, 2, 2, 1), Counts(items[0]));
        Assert.Equal((5, 2, 1, 2, 2), Counts(items[1]));
        Assert.Equal(1, items[1].Long("spoofedHits"));
        Assert.Equal(Noon.AddMinutes(64), items[1].GetProperty("lastCrawled").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, items[2].GetProperty("lastCrawled").ValueKind);

        static (long, long, long, long, long) Counts(JsonElement page) =>
            (page.Long("hits"), page.Long("crawlerHits"), page.Long("aiHits"), page.Long("humanHits"), page.Long("crawlers"));
    }

    [Fact]
    public async Task Referrals_name_sources_and_landing_pages()
    {
        string site = await KnownSiteAsync();

        var items = (await api.Api.JsonAsync($"/v1/sites/{site}/referrals?from=2026-03-10&to=2026-03-11&class=ai")).GetProperty("items");

        var chatGpt = Assert.Single(items.EnumerateArray());
        Assert.Equal("chatgpt", chatGpt.Text("source"));
        Assert.Equal(2, chatGpt.Long("hits"));
        Assert.Equal(["/a", "/b"], chatGpt.GetProperty("landingPages").EnumerateArray().Select(p => p.Text("path")));
    }

    [Theory]
    [InlineData("kind", "likely-human=4;crawler=5;automation=1;unknown=0")]
    [InlineData("audience", "likely-human=4;ai-crawler=3;other-bot=3;ai-referral=2")]
    [InlineData("identity", "verified=3;spoofed=1;unverifiable=1;pending=0;not-claimed=5")]
    [InlineData("referral", "ai=2;search=1;social=0;other=0")]
    [InlineData("crawler", "gptbot=3;bytespider=1;googlebot=1")]
    [InlineData("operator", "OpenAI=3;ByteDance=1;Google=1")]
    [InlineData("purpose", "ai-training=4;search=1")]
    public async Task Series_add_up_by(string by, string totals)
    {
        string site = await KnownSiteAsync();

        var series = await api.Api.JsonAsync($"/v1/sites/{site}/series?from=2026-03-10&to=2026-03-11&interval=hour&by={by}");

        var lines = series.GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal(totals, string.Join(';', lines.Select(l => $"{l.Text("key")}={l.Long("total")}")));
        Assert.Equal(24, series.GetProperty("buckets").GetArrayLength());
        Assert.All(lines, l => Assert.Equal(l.Long("total"), l.GetProperty("hits").EnumerateArray().Sum(h => h.GetInt64())));
    }

    [Theory]
    [InlineData("hour", "UTC", 24)]
    [InlineData("hour", "Asia/Kolkata", 25)]
    [InlineData("day", "Europe/Berlin", 2)]
    [InlineData("day", "America/St_Johns", 2)]
    [InlineData("week", "Asia/Kathmandu", 1)]
    [InlineData("minute", "UTC", 1440)]
    public async Task Series_keep_their_sum_in_every_interval_and_time_zone(string interval, string zone, int buckets)
    {
        string site = await KnownSiteAsync();

        var series = await api.Api.JsonAsync($"/v1/sites/{site}/series?from=2026-03-10&to=2026-03-11&interval={interval}&tz={zone}");

        Assert.Equal(buckets, series.GetProperty("buckets").GetArrayLength());
        Assert.Equal(10, series.GetProperty("lines").EnumerateArray().Sum(l => l.Long("total")));
    }

    [Fact]
    public async Task A_day_with_a_clock_change_has_23_hours()
    {
        string site = await api.NewSiteAsync();

        var series = await api.Api.JsonAsync(
            $"/v1/sites/{site}/series?from=2026-03-28T23:00:00Z&to=2026-03-29T22:00:00Z&interval=day&tz=Europe/Berlin");

        Assert.Equal("2026-03-28T23:00:00+00:00", Assert.Single(series.GetProperty("buckets").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Further_crawlers_go_into_the_rest()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(Enumerable.Range(0, 15).SelectMany(i => Enumerable.Range(0, 15 - i)
            .Select(_ => new TestHit(site, Noon).By($"crawler-{i:00}", "x", "seo", "verified"))));

        var series = await api.Api.JsonAsync($"/v1/sites/{site}/series?from=2026-03-10&to=2026-03-11&interval=day&by=crawler");

        Assert.Equal(12, series.GetProperty("lines").GetArrayLength());
        Assert.Equal([3 + 2 + 1], series.GetProperty("rest").EnumerateArray().Select(h => h.GetInt64()));
    }

    [Fact]
    public async Task Too_many_points_are_refused_with_a_way_out()
    {
        string site = await api.NewSiteAsync();

        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{site}/series?from=2026-01-01&to=2026-03-01&interval=minute");

        Assert.Equal(400, status);
        Assert.Contains("longer interval", problem.GetProperty("errors").GetProperty("interval")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sites_say_what_is_stored_of_them()
    {
        string site = await KnownSiteAsync();

        var row = (await api.Api.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray().Single(s => s.Text("site") == site);

        Assert.Equal(10, row.Long("hits"));
        Assert.Equal(Noon, row.GetProperty("firstHit").GetDateTimeOffset());
    }

    [Fact]
    public async Task An_unchanged_report_is_not_sent_twice()
    {
        string site = await KnownSiteAsync();
        var url = new Uri($"/v1/sites/{site}/crawlers?from=2026-03-10&to=2026-03-11", UriKind.Relative);
        using var first = await api.Api.GetAsync(url);
        using var again = new HttpRequestMessage(HttpMethod.Get, url);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await api.Api.SendAsync(again);

        Assert.Equal(System.Net.HttpStatusCode.NotModified, second.StatusCode);
    }
}
