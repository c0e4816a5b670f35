using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class HitsTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_walk_gives_each_hit_once_while_new_ones_arrive()
    {
        string site = await api.NewSiteAsync();
        // Many share a millisecond, as they do under load.
        var hits = Enumerable.Range(0, 100).Select(i => new TestHit(site, Noon.AddMilliseconds(i / 9))).ToList();
        await api.StoreAsync(hits);

        var seen = new List<string>();
        string cursor = "";
        do
        {
            var page = await api.Api.JsonAsync($"/v1/sites/{site}/hits?limit=7&cursor={Uri.EscapeDataString(cursor)}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(h => h.Text("requestId")!));
            cursor = page.Text("next") ?? "";
            await api.StoreAsync(new TestHit(site, Noon.AddSeconds(1 + seen.Count)));
        }
        while (cursor.Length > 0);

        var expected = hits.OrderByDescending(h => h.Time).ThenByDescending(h => h.HitId).Select(h => $"{h.HitId:x16}");
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task A_hit_shows_what_was_stored_and_why()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync((new TestHit(site, Noon) { HitId = 0xabc, Address = "203.0.113.9", Path = "/pricing" }).GptBot("spoofed"));

        var hit = Assert.Single((await api.Api.JsonAsync($"/v1/sites/{site}/hits")).GetProperty("items").EnumerateArray());

        Assert.Equal("0000000000000abc", hit.Text("requestId"));
        Assert.Equal("203.0.113.9", hit.Text("clientAddress"));
        Assert.Equal("/pricing", hit.Text("path"));
        Assert.Equal("gptbot", hit.Text("crawler"));
        Assert.Equal("GPTBot", hit.Text("crawlerName"));
        Assert.Equal("spoofed", hit.Text("identity"));
        Assert.Equal(1.5, hit.GetProperty("durationMs").GetDouble());
        Assert.Equal("crawler-token", hit.GetProperty("reasons")[0].GetString());
        Assert.Equal("The user agent names GPTBot, a crawler of OpenAI.", hit.GetProperty("why")[0].GetString());
    }

    [Theory]
    [InlineData("kind=crawler", 2)]
    [InlineData("kind=unknown", 0)]
    [InlineData("crawler=gptbot", 1)]
    [InlineData("identity=verified", 2)]
    [InlineData("identity=not-spoofed", 4)]
    [InlineData("purpose=ai-training", 1)]
    [InlineData("purpose=ai", 1)]
    [InlineData("purpose=search", 1)]
    [InlineData("purpose=seo", 0)]
    [InlineData("status=404", 1)]
    [InlineData("status=0", 0)]
    [InlineData("path=/docs", 1)]
    [InlineData("path=/docs*", 2)]
    [InlineData("path=/docs*&kind=crawler", 1)]
    [InlineData("from=2026-03-10T12:00:01Z", 3)]
    [InlineData("to=2026-03-10T12:00:01Z", 1)]
    public async Task Filters_narrow_the_list(string filter, int count)
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            hit with { Path = "/docs" },
            (hit with { Path = "/docs/api", Time = Noon.AddSeconds(1) }).GptBot(),
            (hit with { Path = "/", Time = Noon.AddSeconds(2) }).Googlebot(),
            hit with { Path = "/gone", Status = 404, Time = Noon.AddSeconds(3) });

        var page = await api.Api.JsonAsync($"/v1/sites/{site}/hits?{filter}");

        Assert.Equal(count, page.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Pages_of_the_page_list_do_not_shift_when_hits_arrive()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(Enumerable.Range(0, 20).Select(i => (new TestHit(site, Noon) { Path = $"/p{i:00}" }).GptBot()));
        var seen = new List<string>();
        string cursor = "";
        do
        {
            var page = await api.Api.JsonAsync($"/v1/sites/{site}/pages?from=2026-03-10&to=2026-03-10T13:00:00Z&limit=6&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(p => p.Text("path")!));
            cursor = page.Text("next") ?? "";
            await api.StoreAsync((new TestHit(site, Noon.AddHours(2)) { Path = "/p19" }).GptBot());
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"/p{i:00}"), seen);
    }

    [Fact]
    public async Task Csv_is_a_table_that_no_spreadsheet_runs()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(
            new TestHit(site, Noon) { Path = "=HYPERLINK(\"http://evil.test\")", UserAgent = "+cmd|' /C calc'!A0" },
            new TestHit(site, Noon.AddSeconds(-1)) { Path = "/a,b\r\nc", UserAgent = "@SUM(1)\"" });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sites/{site}/hits");
        request.Headers.Accept.ParseAdd("text/csv");

        using var response = await api.Api.SendAsync(request);

        string csv = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("time,request_id,", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'=HYPERLINK(\"\"http://evil.test\"\")\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'+cmd|' /C calc'!A0\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"/a,b\r\nc\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'@SUM(1)\"\"\",", csv, StringComparison.Ordinal);
    }
}
