using System.Globalization;
using System.Text.Json;
using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Crawlers one by one, spoofed sources and robots.txt, over known hits.</summary>
[Collection(AnalyticsCollection.Name)]
public class CrawlerTests(AnalyticsFixture api)
{
    private const string Day = "from=2026-03-10&to=2026-03-11";

    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    // /a is fetched after 10, 20 and 60 minutes, /b once, and once by somebody who only says so; an earlier day has the first hit ever.
    private async Task<string> SiteAsync()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon) { Path = "/a" };
        await api.StoreAsync(
            (hit with { HitId = 1, Time = Noon.AddDays(-9) }).GptBot(),
            (hit with { HitId = 2 }).GptBot(),
            (hit with { HitId = 3, Time = Noon.AddMinutes(10) }).GptBot(),
            (hit with { HitId = 4, Time = Noon.AddMinutes(30), Status = 404 }).GptBot(),
            (hit with { HitId = 5, Time = Noon.AddMinutes(90) }).GptBot(),
            (hit with { HitId = 6, Path = "/b" }).GptBot(),
            (hit with { HitId = 7, Time = Noon.AddMinutes(1), Address = "203.0.113.7", Asn = 64500, Country = "DE" }).GptBot("spoofed"),
            (hit with { HitId = 8, Path = "/c", Time = Noon.AddMinutes(2), Address = "203.0.113.9", Asn = 64500, Country = "DE" }).GptBot("spoofed"),
            (hit with { HitId = 9, Path = "/c", Time = Noon.AddMinutes(3), Address = "2001:db8:1:2::3", Asn = 64501 }).GptBot("spoofed"),
            (hit with { HitId = 10, Path = "/c", Time = Noon.AddMinutes(4), Address = "203.0.113.9", Asn = 64500 }).Googlebot("spoofed"),
            hit with { HitId = 11 });
        return site;
    }

    [Fact]
    public async Task One_crawler_shows_its_statuses_its_paths_and_how_it_comes_back()
    {
        string site = await SiteAsync();

        var detail = await api.Api.JsonAsync($"/v1/sites/{site}/crawlers/gptbot?{Day}");

        Assert.Equal((8, 5, 3), (detail.Long("crawler", "hits"), detail.Long("crawler", "verified"), detail.Long("crawler", "spoofed")));
        Assert.Equal([(200, 7, 3), (404, 1, 0)], detail.GetProperty("statuses").EnumerateArray().Select(s => (s.Long("status"), s.Long("hits"), s.Long("spoofed"))));
        Assert.Equal([("/a", 5, 4, 1, 1), ("/c", 2, 0, 2, 0), ("/b", 1, 1, 0, 0)], detail.GetProperty("items").EnumerateArray()
            .Select(p => (p.Text("path"), p.Long("hits"), p.Long("verified"), p.Long("spoofed"), p.Long("errors"))));
        var habits = detail.GetProperty("habits");
        Assert.Equal(Noon.AddDays(-9), habits.GetProperty("firstSeenEver").GetDateTimeOffset());
        Assert.Equal(Noon.AddMinutes(90), habits.GetProperty("lastSeenEver").GetDateTimeOffset());
        // Gaps of 10, 20 and 60 minutes; the spoofed fetch between parts none.
        Assert.Equal(1200, habits.GetProperty("recrawlMedianSeconds").GetDouble());
        Assert.Equal(3120, habits.GetProperty("recrawlP90Seconds").GetDouble());
    }

    [Fact]
    public async Task Paths_of_a_crawler_come_in_pages_that_miss_none()
    {
        string site = await SiteAsync();
        var seen = new List<string>();
        string cursor = "";
        do
        {
            var page = await api.Api.JsonAsync($"/v1/sites/{site}/crawlers/gptbot?{Day}&limit=1&cursor={cursor}");
            seen.Add(Assert.Single(page.GetProperty("items").EnumerateArray()).Text("path")!);
            cursor = page.Text("next") ?? "";
        }
        while (cursor.Length > 0);

        Assert.Equal(["/a", "/c", "/b"], seen);
    }

    [Fact]
    public async Task A_crawler_of_the_catalog_without_hits_is_known_and_another_is_not()
    {
        string site = await api.NewSiteAsync();

        var silent = await api.Api.JsonAsync($"/v1/sites/{site}/crawlers/claudebot");
        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{site}/crawlers/nobodys-bot");

        Assert.Equal((0, JsonValueKind.Null), (silent.Long("crawler", "hits"), silent.GetProperty("spoofRate").ValueKind));
        Assert.Equal((404, "urn:weir:problem:crawler-unknown"), (status, problem.Text("type")));
    }

    [Fact]
    public async Task Spoof_rates_have_wilsons_interval_and_habits_come_when_asked_for()
    {
        string site = await SiteAsync();

        var plain = (await api.Api.JsonAsync($"/v1/sites/{site}/crawlers?{Day}")).GetProperty("items")[0];
        var full = (await api.Api.JsonAsync($"/v1/sites/{site}/crawlers?{Day}&habits=true")).GetProperty("items");

        // 3 of 8, by the formula on paper.
        Assert.Equal((0.375, 0.136844, 0.694258), (Rate(plain, "rate"), Rate(plain, "low"), Rate(plain, "high")));
        Assert.Equal(JsonValueKind.Null, plain.GetProperty("habits").ValueKind);
        Assert.Equal(1200, full[0].GetProperty("habits").GetProperty("recrawlMedianSeconds").GetDouble());
        Assert.Equal(JsonValueKind.Null, full[1].GetProperty("habits").GetProperty("recrawlMedianSeconds").ValueKind);

        static double Rate(JsonElement row, string name) => row.GetProperty("spoofRate").GetProperty(name).GetDouble();
    }

    [Theory]
    [InlineData(0, 3, 0, 0.561497)]
    [InlineData(3, 3, 0.438503, 1)]
    [InlineData(10, 100, 0.055229, 0.174366)]
    public void Wilsons_interval_never_claims_to_be_sure_of_few(long some, long all, double low, double high)
    {
        var share = Proportion.Of(some, all)!;

        Assert.Equal((low, high), (share.Low, share.High));
        Assert.Null(Proportion.Of(0, 0));
    }

    [Fact]
    public async Task Spoofed_sources_are_named_by_network_with_their_share_of_the_claims()
    {
        string site = await SiteAsync();

        var items = (await api.Api.JsonAsync($"/v1/sites/{site}/identity?{Day}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(
            ["gptbot 203.0.113.0/24 64500 DE 2 2 0.25", "googlebot 203.0.113.0/24 64500  1 1 1", "gptbot 2001:db8:1::/48 64501  1 1 0.125"],
            items.Select(i => string.Create(CultureInfo.InvariantCulture,
                $"{i.Text("crawler")} {i.Text("network")} {i.Long("asn")} {i.Text("country")} {i.Long("hits")} {i.Long("clients")} {i.GetProperty("shareOfClaims").GetDouble()}")));
        Assert.Equal((Noon.AddMinutes(1), Noon.AddMinutes(2)), (items[0].GetProperty("firstSeen").GetDateTimeOffset(), items[0].GetProperty("lastSeen").GetDateTimeOffset()));
        var google = (await api.Api.JsonAsync($"/v1/sites/{site}/identity?{Day}&crawler=googlebot")).GetProperty("items");
        Assert.Equal(1, google.GetArrayLength());
    }

    [Fact]
    public async Task Spoofed_sources_come_in_pages_and_hashed_addresses_name_no_network()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            (hit with { HitId = 1, Address = "100::1234:5678:9abc:def0" }).GptBot("spoofed"),
            (hit with { HitId = 2, Address = "198.51.100.1" }).GptBot("spoofed"),
            (hit with { HitId = 3, Address = "198.51.101.1" }).GptBot("spoofed"));
        var seen = new List<string?>();
        string cursor = "";
        do
        {
            var page = await api.Api.JsonAsync($"/v1/sites/{site}/identity?{Day}&limit=1&cursor={cursor}");
            seen.Add(Assert.Single(page.GetProperty("items").EnumerateArray()).Text("network"));
            cursor = page.Text("next") ?? "";
        }
        while (cursor.Length > 0);

        Assert.Equal([null, "198.51.100.0/24", "198.51.101.0/24"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Compliance_names_the_line_broken_and_the_version_that_held()
    {
        string site = await api.NewSiteAsync();
        string host = $"{site}.test";
        await api.Store.ExecuteNonQueryAsync(
            "INSERT INTO robots_versions (time, site, host, status, mode, hash, text, edge) VALUES "
            + $"('2026-03-01 00:00:00', '{site}', '{host}', 200, 'pass', 'x', 'User-agent: *\\nDisallow: /old\\n', 'e'), "
            + $"('2026-03-10 12:05:00', '{site}', '{host}', 200, 'pass', 'y', 'User-agent: GPTBot\\nDisallow: /\\n', 'e')");
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            (hit with { HitId = 1, Path = "/old/1" }).GptBot(),
            (hit with { HitId = 2, Path = "/old/2", Time = Noon.AddMinutes(1) }).GptBot(),
            (hit with { HitId = 3, Path = "/new", Time = Noon.AddMinutes(2) }).GptBot(),
            // The new version stands, and this crawler has not read it yet.
            (hit with { HitId = 4, Path = "/new", Time = Noon.AddMinutes(6) }).GptBot(),
            (hit with { HitId = 5, Path = "/robots.txt", Time = Noon.AddMinutes(7) }).GptBot(),
            (hit with { HitId = 6, Path = "/new", Time = Noon.AddMinutes(8) }).GptBot(),
            (hit with { HitId = 7, Path = "/new", Time = Noon.AddMinutes(9) }).GptBot("spoofed"),
            (hit with { HitId = 8, Path = "/x", Time = Noon.AddMinutes(9) }).Googlebot());

        var report = await api.Api.JsonAsync($"/v1/sites/{site}/robots/compliance?{Day}");

        Assert.Equal((8, 3, 3), (report.Long("fetches"), report.Long("obeyed"), report.Long("broken")));
        var gptBot = report.GetProperty("items")[0];
        Assert.Equal(("gptbot", 7, 2, 3, 1, 1), (gptBot.Text("crawler"), gptBot.Long("fetches"), gptBot.Long("obeyed"), gptBot.Long("broken"), gptBot.Long("spoofed"), gptBot.Long("robotsFetches")));
        var lines = gptBot.GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal([(2, "Disallow: /old", 2), (2, "Disallow: /", 1)], lines.Select(l => (l.Long("line"), l.Text("rule"), l.Long("fetches"))));
        Assert.Equal(["/old/2", "/old/1"], lines[0].GetProperty("examples").EnumerateArray().Select(e => e.Text("path")));
        Assert.Equal(new DateTimeOffset(2026, 3, 10, 12, 5, 0, TimeSpan.Zero), lines[1].GetProperty("versionSeenAt").GetDateTimeOffset());
        Assert.Equal(64, lines[1].Text("versionHash")!.Length);
        Assert.Equal(("googlebot", 0), (report.GetProperty("items")[1].Text("crawler"), report.GetProperty("items")[1].Long("broken")));
    }

    [Fact]
    public async Task A_look_at_robots_txt_before_the_span_counts_for_the_fetches_in_it()
    {
        string site = await api.NewSiteAsync();
        await api.Store.ExecuteNonQueryAsync(
            "INSERT INTO robots_versions (time, site, host, status, mode, hash, text, edge) VALUES "
            + $"('2026-03-09 22:00:00', '{site}', '{site}.test', 200, 'pass', 'y', 'User-agent: GPTBot\\nDisallow: /\\n', 'e')");
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            (hit with { HitId = 1, Path = "/robots.txt", Time = Noon.AddHours(-13) }).GptBot(),
            (hit with { HitId = 2, Path = "/a", Time = Noon.AddHours(-11) }).GptBot(),
            (hit with { HitId = 3, Path = "/a", Time = Noon.AddHours(-11) }).Googlebot());

        var items = (await api.Api.JsonAsync($"/v1/sites/{site}/robots/compliance?{Day}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([("gptbot", 1, 0), ("googlebot", 0, 1)], items.Select(i => (i.Text("crawler"), i.Long("broken"), i.Long("noVersionKnown"))));
    }
}
