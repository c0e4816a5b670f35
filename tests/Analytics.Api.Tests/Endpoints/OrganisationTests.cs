using System.Net;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class OrganisationTests(AnalyticsFixture api)
{
    private const string Members = "/v1/organisation/members";

    [Fact]
    public async Task An_organisation_says_what_it_is_and_what_the_caller_may_do()
    {
        string tenant = api.NewTenant();
        using var reader = api.Client(await api.NewKeyAsync([Scopes.AnalyticsRead], tenant));

        var found = await reader.JsonAsync("/v1/organisation");

        Assert.Equal((tenant, tenant), (found.Text("id"), found.Text("name")));
        Assert.Equal(("key", "analytics:read"), (found.GetProperty("you").Text("kind"), found.GetProperty("you").GetProperty("scopes")[0].GetString()));
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        Assert.Equal(HttpStatusCode.OK, (await admin.SendAsync("PATCH", "/v1/organisation", new { name = "Acme Ltd" })).Status);
        Assert.Equal("Acme Ltd", (await reader.JsonAsync("/v1/organisation")).Text("name"));
    }

    [Fact]
    public async Task Members_are_invited_changed_and_removed_and_the_last_owner_stays()
    {
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));
        var (status, ann) = await admin.SendAsync("POST", Members, new { email = "Ann@example.com", role = "owner" });
        Assert.Equal((HttpStatusCode.Created, "ann@example.com", false), (status, ann.Text("email"), ann.GetProperty("hasSignedIn").GetBoolean()));
        string id = ann.Text("id")!;

        var again = await admin.SendAsync("POST", Members, new { email = "ann@example.com", role = "viewer" });
        Assert.Equal((HttpStatusCode.Conflict, "urn:weir:problem:member-exists"), (again.Status, again.Body.Text("type")));
        var demoted = await admin.SendAsync("PATCH", $"{Members}/{id}", new { role = "viewer" });
        Assert.Equal((HttpStatusCode.Conflict, "urn:weir:problem:last-owner"), (demoted.Status, demoted.Body.Text("type")));
        Assert.Equal(HttpStatusCode.Conflict, (await admin.SendAsync("DELETE", $"{Members}/{id}")).Status);

        await admin.SendAsync("POST", Members, new { email = "bob@example.com", role = "owner" });
        Assert.Equal("editor", (await admin.SendAsync("PATCH", $"{Members}/{id}", new { role = "editor" })).Body.Text("role"));
        var page = await admin.JsonAsync($"{Members}?limit=1");
        Assert.Equal(("ann@example.com", "ann@example.com"), (page.GetProperty("items")[0].Text("email"), page.Text("next")));
        Assert.Equal("bob@example.com", (await admin.JsonAsync($"{Members}?limit=1&cursor={page.Text("next")}")).GetProperty("items")[0].Text("email"));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", $"{Members}/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.SendAsync("DELETE", $"{Members}/{id}")).Status);
    }

    [Fact]
    public async Task Another_organisation_s_members_are_neither_seen_nor_changed()
    {
        using var acme = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));
        using var beta = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));
        string id = (await acme.SendAsync("POST", Members, new { email = "ann@example.com", role = "viewer" })).Body.Text("id")!;

        Assert.Empty((await beta.JsonAsync(Members)).GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await beta.SendAsync("PATCH", $"{Members}/{id}", new { role = "owner" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await beta.SendAsync("DELETE", $"{Members}/{id}")).Status);
    }

    [Theory]
    [InlineData("POST", Members, """{"email":"nobody","role":"owner"}""", "email")]
    [InlineData("POST", Members, """{"email":"a@b.example","role":"king"}""", "role")]
    [InlineData("POST", Members, """{"email":"a@b.example"}""", "role")]
    [InlineData("POST", Members, """{"email":7,"role":"owner"}""", "email")]
    [InlineData("POST", Members, """{"email":"a@b.example","role":"owner","tenant":"other"}""", "tenant")]
    [InlineData("POST", Members, "[]", "body")]
    [InlineData("POST", Members, "", "email")]
    [InlineData("PATCH", Members + "/x", """{"role":null}""", "role")]
    [InlineData("PATCH", "/v1/organisation", """{"name":""}""", "name")]
    [InlineData("PATCH", "/v1/organisation", """{"name":"a\nb"}""", "name")]
    [InlineData("GET", Members + "?limit=0", null, "limit")]
    public async Task Bad_wishes_name_the_field(string method, string path, string? body, string field)
    {
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));

        var (status, problem) = await admin.SendAsync(method, path, body is null ? null : new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task A_key_for_some_sites_has_no_business_with_members()
    {
        using var narrow = api.Client(await api.NewKeyAsync([Scopes.Admin], Tenant.Default, await api.NewSiteAsync()));

        Assert.Equal((403, "urn:weir:problem:only-some-sites"), Read(await narrow.RefusalAsync(Members)));

        static (int, string?) Read((int Status, JsonElement Problem) refusal) => (refusal.Status, refusal.Problem.Text("type"));
    }
}
