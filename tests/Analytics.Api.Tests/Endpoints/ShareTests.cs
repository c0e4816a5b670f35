using System.Net;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class ShareTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_link_opens_one_site_until_it_is_revoked()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant), other = await api.NewSiteAsync(tenant);
        using var admin = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        using var nobody = api.Client(null);
        var (status, made) = await admin.SendAsync("POST", $"/v1/sites/{site}/shares", new { name = "for the board", expires = "2100-01-01" });
        Assert.Equal((HttpStatusCode.Created, $"/share/{made.Text("token")}"), (status, made.Text("path")));
        string link = made.Text("path")!, id = made.GetProperty("row").Text("id")!;

        Assert.Equal(site, Assert.Single((await nobody.JsonAsync($"{link}/v1/sites")).GetProperty("items").EnumerateArray()).Text("site"));
        await nobody.JsonAsync($"{link}/v1/sites/{site}/summary");
        Assert.Equal((404, "urn:weir:problem:site-unknown"), await ReadAsync($"{link}/v1/sites/{other}/summary"));
        Assert.Equal((403, "urn:weir:problem:not-shared"), await ReadAsync($"{link}/v1/organisation"));
        var listed = Assert.Single((await admin.JsonAsync($"/v1/sites/{site}/shares")).GetProperty("items").EnumerateArray());
        Assert.Equal((id, "active", "for the board"), (listed.Text("id"), listed.Text("state"), listed.Text("name")));
        Assert.DoesNotContain(made.Text("token")![16..], listed.ToString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NotFound, (await admin.SendAsync("DELETE", $"/v1/sites/{other}/shares/{id}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", $"/v1/sites/{site}/shares/{id}")).Status);
        Assert.Equal((404, "urn:weir:problem:share-unknown"), await ReadAsync($"{link}/v1/sites/{site}/summary"));

        async Task<(int, string?)> ReadAsync(string path) => await nobody.RefusalAsync(path) is var (code, problem) ? (code, problem.Text("type")) : default;
    }

    [Fact]
    public async Task Hits_are_shown_without_what_tells_who_the_visitor_is_whoever_asked_before()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow().AddMinutes(-1)) { Address = "203.0.113.77" });
        // Answers are kept here, as they are in service.
        await using var app = await api.NewAppAsync(new AnalyticsOptions { Listen = AnalyticsFixture.AnyPort });
        using var admin = api.Client(api.AdminKey, new Uri(app.Urls.First()));
        using var nobody = api.Client(null, admin.BaseAddress);
        string link = (await admin.SendAsync("POST", $"/v1/sites/{site}/shares", new { })).Body.Text("path")!, hits = $"/v1/sites/{site}/hits";

        Assert.Contains("203.0.113.77", (await admin.JsonAsync(hits)).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.77", (await nobody.JsonAsync(link + hits)).ToString(), StringComparison.Ordinal);
        Assert.Contains("203.0.113.77", (await admin.JsonAsync(hits)).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.77", await nobody.GetStringAsync(new Uri($"{link}{hits}?format=csv", UriKind.Relative)), StringComparison.Ordinal);
        using var live = await nobody.GetAsync(new Uri($"{link}/v1/live?site={site}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var reader = new StreamReader(await live.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync();
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()) { Address = "203.0.113.78", Path = "/seen-live" });
        string line;
        do
            line = (await reader.ReadLineAsync())!;
        while (!line.Contains("/seen-live", StringComparison.Ordinal));
        Assert.DoesNotContain("203.0.113.78", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_shares_what_they_may_not_read()
    {
        string site = await api.NewSiteAsync();
        using var writer = api.Client(await api.NewKeyAsync([Scopes.SitesWrite]));

        var (status, problem) = await writer.SendAsync("POST", $"/v1/sites/{site}/shares", new { });

        Assert.Equal((HttpStatusCode.Forbidden, "urn:weir:problem:scope-missing"), (status, problem.Text("type")));
    }

    [Fact]
    public async Task A_link_s_page_sets_no_cookie_and_is_kept_out_of_search_engines()
    {
        using var nobody = api.Client(null);

        using var page = await nobody.GetAsync(new Uri("/share/share_anything", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.False(page.Headers.Contains("Set-Cookie"));
        Assert.Contains("noindex", Assert.Single(page.Headers.GetValues("X-Robots-Tag")), StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(page.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":7}""", "name")]
    [InlineData("""{"name":"a\nb"}""", "name")]
    [InlineData("""{"expires":"1999-01-01"}""", "expires")]
    [InlineData("""{"site":"other"}""", "site")]
    public async Task Bad_wishes_name_the_field(string body, string field)
    {
        string site = await api.NewSiteAsync();

        var (status, problem) = await api.Api.SendAsync("POST", $"/v1/sites/{site}/shares", new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }
}
