using System.Net.Http.Json;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Scheduling.Results;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>What programs read of scans: in sum, by brand, and result by result. The figures are tested where they are made.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class ScanReportTests(AnalyticsFixture api)
{
    [Fact]
    public async Task The_overview_counts_scans_changes_and_money()
    {
        var (client, _, _) = await ScannedAsync();

        var overview = await client.JsonAsync("/v1/scans/overview?days=7");

        Assert.Equal(7, overview.Long("days"));
        Assert.Equal((2, 1, 1, 0), (overview.GetProperty("coverage").Long("targets"), overview.GetProperty("coverage").Long("scanned"),
            overview.GetProperty("coverage").Long("lostCitation"), overview.GetProperty("coverage").Long("cited")));
        Assert.Equal((1, 0, 1), (overview.GetProperty("found").Long("changes"), overview.GetProperty("found").Long("won"), overview.GetProperty("found").Long("lost")));
        Assert.Equal((2, 0.02), (overview.GetProperty("saving").Long("scans"), overview.GetProperty("saving").GetProperty("cost").GetDouble()));
        Assert.Equal("age", overview.GetProperty("freshness").Text("by"));
    }

    [Fact]
    public async Task Lost_citations_are_listed_with_their_evidence_and_as_a_table()
    {
        var (client, _, target) = await ScannedAsync();

        var lost = Assert.Single((await client.JsonAsync("/v1/results?result=lost_citation")).GetProperty("items").EnumerateArray());

        Assert.Equal((target, "Acme", "best widgets", "chatgpt", true), (lost.Long("target"), lost.Text("brand"), lost.Text("query"), lost.Text("engine"), lost.GetProperty("changed").GetBoolean()));
        Assert.Equal("https://x/pricing", lost.GetProperty("evidence").Text("url"));
        string[] csv = (await client.GetStringAsync(new Uri("/v1/results?format=csv", UriKind.Relative))).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,scan,target,brand,query,engine,at,result,changed,evidence", csv[0]);
        Assert.Equal(3, csv.Length);
        var first = await client.JsonAsync("/v1/results?limit=1");
        Assert.Equal("cited", (await client.JsonAsync($"/v1/results?limit=1&cursor={first.Text("next")}")).GetProperty("items")[0].Text("result"));
    }

    [Fact]
    public async Task A_brand_is_reported_by_engine_and_day_and_is_nobody_else_s()
    {
        var (client, _, _) = await ScannedAsync();
        var brand = Assert.Single((await client.JsonAsync("/v1/brands/report")).GetProperty("items").EnumerateArray());
        Assert.Equal((2, 1, 2, 1), (brand.Long("targets"), brand.Long("scanned"), brand.Long("scans"), brand.Long("changes")));

        var report = await client.JsonAsync($"/v1/brands/{brand.Long("id")}/report");

        Assert.Equal(["chatgpt", "perplexity"], report.GetProperty("engines").EnumerateArray().Select(e => e.Text("engine")));
        Assert.Equal((2, 1), (report.GetProperty("days")[0].Long("scans"), report.GetProperty("days")[0].Long("lost")));
        using var stranger = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));
        Assert.Equal(404, (await stranger.RefusalAsync($"/v1/brands/{brand.Long("id")}/report")).Status);
        Assert.Empty((await stranger.JsonAsync("/v1/results")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("/v1/scans/overview?days=0", "days")]
    [InlineData("/v1/results?result=maybe", "result")]
    [InlineData("/v1/results?engine=altavista", "engine")]
    [InlineData("/v1/results?brand=0", "brand")]
    [InlineData("/v1/results?changed=perhaps", "changed")]
    [InlineData("/v1/brands/report?cursor=x", "cursor")]
    public async Task A_wrong_parameter_is_named(string url, string field)
    {
        var (status, problem) = await api.Api.RefusalAsync(url);
        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    /// <summary>A tenant with two targets, of which one was cited and is not any more.</summary>
    private async Task<(HttpClient Client, string Site, long Target)> ScannedAsync()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        var client = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        using var made = await client.PostAsJsonAsync(new Uri("/v1/targets", UriKind.Relative),
            new { brand = "Acme", query = "best widgets", engines = new[] { "chatgpt", "perplexity" }, pages = new[] { new { site, pattern = "/pricing" } } });
        long target = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("targets")[0].Long("id");
        await api.ScanAsync(tenant, target, ScanResult.Cited, ScanResult.LostCitation);
        return (client, site, target);
    }
}
