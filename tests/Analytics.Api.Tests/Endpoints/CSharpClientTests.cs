using System.Net;
using System.Text;
using Weir.Analytics.Api.Tests.Support;
using Weir.Client;
using Weir.Control;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>The C# client is what its generator makes of the served document, and works as a user would use it.</summary>
/// <remarks>Leases and results by it: <see cref="SchedulingTests"/>.</remarks>
[Collection(AnalyticsCollection.Name)]
public sealed class CSharpClientTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_committed_client_equals_the_served_document()
    {
        using var nobody = api.Client(null);
        string made = ClientCode.Of(await nobody.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        string committed = RepositoryRoot.Of("clients", "csharp", "WeirClient.g.cs");
        if (Environment.GetEnvironmentVariable("WEIR_UPDATE_SNAPSHOTS") == "1")
            await File.WriteAllTextAsync(committed, made);

        Assert.True(await File.ReadAllTextAsync(committed) == made,
            "The API has changed and its C# client has not: WEIR_UPDATE_SNAPSHOTS=1 ./test Analytics.Api, and commit clients/csharp.");
    }

    [Fact]
    public async Task Reports_are_typed_and_lists_go_on_by_themselves()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(Enumerable.Range(0, 5).Select(i => new TestHit(site, Noon) { Path = $"/p{i}" }.GptBot(i == 0 ? "spoofed" : "verified")));
        using var weir = new WeirClient(api.Url, api.AdminKey);

        var summary = await weir.GetSummaryAsync(site, from: "2026-03-10", to: "2026-03-11", stop: TestContext.Current.CancellationToken);
        Assert.Equal((5, 5), (summary.Hits, summary.Kinds["crawler"]));

        var paths = new List<string>();
        await foreach (var page in weir.AllPagesAsync(site, limit: "2", from: "2026-03-10", to: "2026-03-11"))
            paths.Add(page.Path);
        Assert.Equal(["/p1", "/p2", "/p3", "/p4", "/p0"], paths);

        var detail = await weir.GetCrawlerAsync(site, "gptbot", from: "2026-03-10", to: "2026-03-11");
        Assert.Equal(0.2, detail.SpoofRate?.Rate);
    }

    [Fact]
    public async Task Targets_are_made_found_and_deleted_and_a_wrong_one_names_its_field()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        using var weir = new WeirClient(api.Url, await api.NewKeyAsync([Scopes.Admin], tenant));
        var draft = new TargetDraft { Brand = "Acme", Query = "best widgets", Engines = ["chatgpt"], Pages = [new PageDraft { Site = site, Pattern = "/pricing" }] };

        long id = Assert.Single((await weir.CreateTargetsAsync(draft)).Targets).Id;
        Assert.Equal("chatgpt", (await weir.GetTargetAsync(id)).Engine);

        var wrong = await Assert.ThrowsAsync<WeirException>(() => weir.CreateTargetsAsync(draft with { Engines = ["altavista"] }));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("chatgpt", Assert.Single(wrong.Problem.Errors["engines[0]"]));
        Assert.NotNull(wrong.Problem.Next);

        await weir.DeleteTargetAsync(id);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<WeirException>(() => weir.GetTargetAsync(id))).Status);
    }

    [Fact]
    public async Task Refusals_say_what_happened_and_what_to_do()
    {
        string site = await api.NewSiteAsync();
        using var weir = new WeirClient(api.Url, api.AdminKey);
        var field = await Assert.ThrowsAsync<WeirException>(() => weir.GetSummaryAsync(site, from: "yesterday"));
        Assert.Equal(["from"], field.Problem.Errors.Keys);
        using var nonsense = new StringContent("nonsense", Encoding.UTF8, "application/xml");
        var unreadable = await Assert.ThrowsAsync<WeirException>(() => weir.PutSitemapAsync(site, nonsense));
        Assert.Equal(HttpStatusCode.UnprocessableContent, unreadable.Status);
        Assert.NotNull(unreadable.Problem.Next);

        using var stranger = new WeirClient(api.Url, await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<WeirException>(() => stranger.GetSummaryAsync(site))).Status);
        using var nobody = new WeirClient(api.Url, "weir_wrong");
        var unknown = await Assert.ThrowsAsync<WeirException>(() => nobody.ListSitesAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.Status);
        Assert.Contains(unknown.Problem.Next!, unknown.Message);
    }

    [Fact]
    public async Task Who_gives_up_is_not_answered()
    {
        using var weir = new WeirClient(api.Url, api.AdminKey);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => weir.ListSitesAsync(new CancellationToken(canceled: true)));
    }
}
