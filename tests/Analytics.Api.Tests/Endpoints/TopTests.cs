using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class TopTests(AnalyticsFixture api)
{
    [Fact]
    public async Task Top_counts_what_is_alike_together_for_the_sites_of_the_key_alone()
    {
        string site = await api.NewSiteAsync(), other = await api.NewSiteAsync();
        var now = TimeProvider.System.GetUtcNow();
        var hit = new TestHit(site, now) { EdgeUs = 200 };
        await api.StoreAsync(
            hit.GptBot("spoofed"),
            (hit with { HitId = 2, PolicyRule = "no", PolicyAction = "block", EdgeUs = 400 }).GptBot("spoofed"),
            (hit with { HitId = 3 }).GptBot(),
            hit with { HitId = 4, EdgeUs = 0 },
            (hit with { HitId = 5, Time = now.AddHours(-2) }).GptBot("spoofed"),
            new TestHit(other, now));
        using var reader = api.Client(await api.NewKeyAsync([Scopes.AnalyticsRead], sites: site));

        var top = await reader.JsonAsync("/v1/top?seconds=600");

        Assert.Equal((4, 600), (top.Long("hits"), top.Long("seconds")));
        Assert.Equal(
            [(site, "crawler", "GPTBot", "spoofed", 2, 1), (site, "crawler", "GPTBot", "verified", 1, 0), (site, "likely-human", null, "not-claimed", 1, 0)],
            top.GetProperty("items").EnumerateArray().Select(r =>
                (r.Text("site"), r.Text("kind"), r.Text("crawlerName"), r.Text("identity"), r.Long("hits"), r.Long("refused"))));
        var spoofed = top.GetProperty("items")[0];
        Assert.Equal(0.3, spoofed.GetProperty("edgeMsP50").GetDouble(), 3);
        Assert.Equal(JsonValueKind.Null, top.GetProperty("items")[2].GetProperty("edgeMsP50").ValueKind);
        Assert.Equal(0.2, top.GetProperty("edgeMsP50").GetDouble(), 3);
    }

    [Fact]
    public async Task Top_of_nothing_is_no_error_and_odd_spans_are_refused()
    {
        using var reader = api.Client(await api.NewKeyAsync([Scopes.AnalyticsRead], sites: await api.NewSiteAsync()));

        Assert.Equal(0, (await reader.JsonAsync("/v1/top")).Long("hits"));
        Assert.Equal(400, (await reader.RefusalAsync("/v1/top?seconds=0")).Status);
        Assert.Equal(400, (await reader.RefusalAsync("/v1/top?seconds=3601")).Status);
    }
}
