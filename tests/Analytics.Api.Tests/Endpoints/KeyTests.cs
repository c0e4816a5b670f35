using System.Net;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class KeyTests(AnalyticsFixture api)
{
    private const string Keys = "/v1/keys";

    [Fact]
    public async Task A_key_is_shown_once_opens_what_it_says_and_is_revoked()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        var (status, made) = await admin.SendAsync("POST", Keys, new { name = "worker", scopes = new[] { Scopes.AnalyticsRead }, sites = new[] { site }, expires = "2100-01-01" });
        Assert.Equal(HttpStatusCode.Created, status);
        string text = made.Text("key")!, id = made.GetProperty("row").Text("id")!;
        Assert.Equal(text[5..15], id);

        using var worker = api.Client(text);
        Assert.Equal(site, Assert.Single((await worker.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray()).Text("site"));
        var listed = (await admin.JsonAsync(Keys)).GetProperty("items").EnumerateArray().Single(k => k.Text("id") == id);
        Assert.Equal(("active", "worker"), (listed.Text("state"), listed.Text("name")));
        Assert.NotEqual(JsonValueKind.Null, listed.GetProperty("lastUsed").ValueKind);
        Assert.DoesNotContain(text[15..], listed.ToString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", $"{Keys}/{id}")).Status);
        Assert.Equal(401, (await worker.RefusalAsync("/v1/sites")).Status);
        Assert.Equal("revoked", (await admin.JsonAsync(Keys)).GetProperty("items").EnumerateArray().Single(k => k.Text("id") == id).Text("state"));
    }

    [Fact]
    public async Task A_key_grants_no_more_than_its_maker_has()
    {
        string tenant = api.NewTenant(), mine = await api.NewSiteAsync(tenant), other = await api.NewSiteAsync(tenant);
        var end = TimeProvider.System.GetUtcNow().AddDays(1);
        var maker = await api.Keys.CreateAsync(new NewApiKey([Scopes.KeysWrite, Scopes.KeysRead, Scopes.AnalyticsRead], tenant, [Detection.SiteId.Parse(mine)], end));
        using var client = api.Client(maker.Text);
        string[] reading = [Scopes.AnalyticsRead];

        await RefusedAsync(new { scopes = new[] { Scopes.AnalyticsRead, Scopes.SitesWrite } }, "scopes");
        await RefusedAsync(new { scopes = new[] { Scopes.Admin } }, "scopes");
        await RefusedAsync(new { scopes = reading, expires = "2100-01-01" }, "expires");
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync("POST", Keys, new { scopes = reading, sites = new[] { other } })).Status);

        var made = (await client.SendAsync("POST", Keys, new { scopes = reading })).Body.GetProperty("row");
        Assert.Equal(mine, Assert.Single(made.GetProperty("sites").EnumerateArray()).GetString());
        Assert.Equal(end.ToUnixTimeMilliseconds(), made.GetProperty("expires").GetDateTimeOffset().ToUnixTimeMilliseconds());

        async Task RefusedAsync(object wish, string field)
        {
            var (status, problem) = await client.SendAsync("POST", Keys, wish);
            Assert.Equal((HttpStatusCode.Forbidden, "urn:weir:problem:key-grants-more"), (status, problem.Text("type")));
            Assert.StartsWith(field, problem.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_revokes_none_that_may_more_and_sees_none_of_other_sites()
    {
        string tenant = api.NewTenant(), mine = await api.NewSiteAsync(tenant);
        string admin = await api.NewKeyAsync([Scopes.Admin], tenant), strong = await api.NewKeyAsync([Scopes.SitesWrite], tenant, mine);
        using var narrow = api.Client(await api.NewKeyAsync([Scopes.KeysWrite, Scopes.KeysRead], tenant, mine));

        Assert.Equal(HttpStatusCode.NotFound, (await narrow.SendAsync("DELETE", $"{Keys}/{admin[5..15]}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.SendAsync("DELETE", $"{Keys}/{strong[5..15]}")).Status);
        Assert.DoesNotContain(admin[5..15], (await narrow.JsonAsync(Keys)).ToString(), StringComparison.Ordinal);
        using var stranger = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.SendAsync("DELETE", $"{Keys}/{admin[5..15]}")).Status);
    }

    [Fact]
    public async Task Keys_are_listed_in_pages()
    {
        string tenant = api.NewTenant();
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        for (int i = 0; i < 4; i++)
            await api.NewKeyAsync([Scopes.AnalyticsRead], tenant);
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await admin.JsonAsync($"{Keys}?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(k => k.Text("id")!));
            cursor = page.Text("next");
        }
        while (cursor is not null);
        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
    }

    [Theory]
    [InlineData("{}", "scopes")]
    [InlineData("""{"scopes":["everything"]}""", "scopes")]
    [InlineData("""{"scopes":[null]}""", "scopes")]
    [InlineData("""{"scopes":"admin"}""", "scopes")]
    [InlineData("""{"scopes":["admin"],"sites":[]}""", "sites")]
    [InlineData("""{"scopes":["admin"],"sites":["a/b"]}""", "sites")]
    [InlineData("""{"scopes":["admin"],"sites":[null]}""", "sites")]
    [InlineData("""{"scopes":["admin"],"expires":"1999-01-01"}""", "expires")]
    [InlineData("""{"scopes":["admin"],"expires":"soon"}""", "expires")]
    [InlineData("""{"scopes":["admin"],"name":"a\u0000b"}""", "name")]
    [InlineData("""{"scopes":["admin"],"tenant":"other"}""", "tenant")]
    [InlineData("not json", "body")]
    public async Task Bad_wishes_name_the_field(string body, string field)
    {
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));

        var (status, problem) = await admin.SendAsync("POST", Keys, new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }
}
