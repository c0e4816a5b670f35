using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Access;

/// <summary>Every endpoint of the OpenAPI document as nobody, as a key without the scope, as another tenant, and with a key for other sites.</summary>
[Collection(AnalyticsCollection.Name)]
public class AccessTests(AnalyticsFixture api)
{
    // What anybody may ask: health, and the sign-in itself.
    private static readonly string[] Open = ["GET /health/live", "GET /health/ready", "POST /session", "DELETE /session"];

    private async Task<List<(HttpMethod Method, string Path)>> EndpointsAsync()
    {
        using var nobody = api.Client(null);
        var paths = (await nobody.JsonAsync("/openapi/v1.json")).GetProperty("paths");
        return [.. from path in paths.EnumerateObject()
                   from operation in path.Value.EnumerateObject()
                   let method = HttpMethod.Parse(operation.Name.ToUpperInvariant())
                   where !Open.Contains($"{method} {path.Name}")
                   select (method, path.Name)];
    }

    [Fact]
    public async Task Nobody_gets_data()
    {
        using var nobody = api.Client(null);
        using var wrong = api.Client("weir_" + new string('0', 54));
        string site = await api.NewSiteAsync();
        var endpoints = await EndpointsAsync();
        Assert.NotEmpty(endpoints);
        foreach (var (method, path) in endpoints.Append((HttpMethod.Get, "/metrics")).Append((HttpMethod.Get, "/v1/nothing")))
        {
            await AssertRefusedAsync(nobody, method, Fill(path, site), HttpStatusCode.Unauthorized);
            await AssertRefusedAsync(wrong, method, Fill(path, site), HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task A_key_without_the_scope_is_told_which_one_it_lacks()
    {
        // Each key has one scope; none of the other family's endpoints takes it.
        using var reader = api.Client(await api.NewKeyAsync([Scopes.AnalyticsRead]));
        using var writer = api.Client(await api.NewKeyAsync([Scopes.TriggersWrite]));
        string site = await api.NewSiteAsync();
        foreach (var (method, path) in await EndpointsAsync())
        {
            bool isAnalytics = path.StartsWith("/v1/sites", StringComparison.Ordinal) || path is "/v1/live" or "/v1/top";
            await AssertRefusedAsync(isAnalytics ? writer : reader, method, Fill(path, site), HttpStatusCode.Forbidden);
        }
        await AssertRefusedAsync(reader, HttpMethod.Get, "/metrics", HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Another_tenant_s_site_is_as_unknown_as_none()
    {
        string mine = await api.NewSiteAsync(), theirs = await api.NewSiteAsync("acme");
        await api.StoreAsync(new TestHit(theirs, TimeProvider.System.GetUtcNow()) { Path = "/secret-of-acme" });
        using var acme = api.Client(await api.NewKeyAsync([Scopes.Admin], "acme"));
        using var narrow = api.Client(await api.NewKeyAsync([Scopes.Admin], Tenant.Default, await api.NewSiteAsync()));
        var endpoints = (await EndpointsAsync()).Where(e => e.Path.Contains("{site}", StringComparison.Ordinal) || e.Path == "/v1/live").ToList();
        Assert.True(endpoints.Count >= 7);
        foreach (var (method, path) in endpoints)
        {
            await AssertRefusedAsync(api.Api, method, Fill(path, theirs), HttpStatusCode.NotFound);
            await AssertRefusedAsync(acme, method, Fill(path, mine), HttpStatusCode.NotFound);
            await AssertRefusedAsync(narrow, method, Fill(path, mine), HttpStatusCode.NotFound);
            // A new site is made by this one, and by no other.
            if (method != HttpMethod.Put)
                await AssertRefusedAsync(api.Api, method, Fill(path, "never-heard-of"), HttpStatusCode.NotFound);
        }
        Assert.DoesNotContain((await api.Api.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray(), s => s.Text("site") == theirs);
        Assert.Equal([theirs], (await acme.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray().Select(s => s.Text("site")).Where(s => s == theirs || s == mine));
        Assert.Single((await narrow.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_site_that_only_the_store_knows_is_the_default_tenant_s()
    {
        string site = $"import-{Guid.NewGuid():n}";
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()));
        using var acme = api.Client(await api.NewKeyAsync([Scopes.Admin], "acme"));

        Assert.Equal(1, (await api.Api.JsonAsync($"/v1/sites/{site}/summary?to=2100-01-01&from=2020-01-01")).Long("hits"));
        await AssertRefusedAsync(acme, HttpMethod.Get, $"/v1/sites/{site}/summary", HttpStatusCode.NotFound);
        Assert.DoesNotContain((await acme.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray(), s => s.Text("site") == site);
    }

    [Fact]
    public async Task A_session_reads_what_its_key_reads_and_changes_nothing()
    {
        string site = await api.NewSiteAsync();
        using var browser = new HttpClient { BaseAddress = api.Url };
        using var signedIn = await browser.PostAsJsonAsync(new Uri("/session", UriKind.Relative), new { key = api.AdminKey });
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        string cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        await browser.JsonAsync($"/v1/sites/{site}/summary");
        await AssertRefusedAsync(browser, HttpMethod.Post, "/v1/anything", HttpStatusCode.Forbidden);

        using var signedOut = await browser.DeleteAsync(new Uri("/session", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        await AssertRefusedAsync(browser, HttpMethod.Get, $"/v1/sites/{site}/summary", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Revoking_a_key_ends_its_sessions()
    {
        var key = await api.Keys.CreateAsync(new NewApiKey([Scopes.AnalyticsRead]));
        using var browser = new HttpClient { BaseAddress = api.Url };
        (await browser.PostAsJsonAsync(new Uri("/session", UriKind.Relative), new { key = key.Text })).EnsureSuccessStatusCode();
        await browser.JsonAsync("/v1/sites");

        await api.Keys.RevokeAsync(key.Key.Id);

        await AssertRefusedAsync(browser, HttpMethod.Get, "/v1/sites", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var nobody = api.Client(null);
        foreach (string path in (string[])["/", "/v1/sites", "/nothing", "/docs", "/openapi/v1.json", "/health/live"])
        {
            using var response = await nobody.GetAsync(new Uri(path, UriKind.Relative));
            Assert.False(response.Headers.Contains("Server"), path);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Contains("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_are_for_admin_keys()
    {
        string text = await api.Api.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Contains("# TYPE", text, StringComparison.Ordinal);
    }

    private static string Fill(string path, string site) =>
        path == "/v1/live" ? $"{path}?site={site}" : path.Replace("{site}", site, StringComparison.Ordinal).Replace("{id}", "1", StringComparison.Ordinal);

    private static async Task AssertRefusedAsync(HttpClient client, HttpMethod method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post || method == HttpMethod.Put || method == HttpMethod.Patch)
            request.Content = JsonContent.Create(new { });
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} instead of {(int)status}");
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.False(string.IsNullOrEmpty(problem.Text("next")), $"{method} {path}: the problem does not say what to do");
    }
}
