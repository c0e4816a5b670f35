using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Access;

/// <summary>Sessions, sites that only the store knows, and what every answer carries; <see cref="EndpointMatrixTests"/> tries all endpoints.</summary>
[Collection(AnalyticsCollection.Name)]
public class AccessTests(AnalyticsFixture api)
{
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
    public async Task Wrong_keys_from_one_address_are_told_to_wait_and_good_ones_pass()
    {
        await using var app = await api.NewAppAsync(new AnalyticsOptions { Listen = AnalyticsFixture.AnyPort, WrongKeysMax = 3 });
        var url = new Uri(app.Urls.First());
        using var wrong = api.Client("weir_" + new string('0', 54), url);
        using var good = api.Client(api.AdminKey, url);
        for (int i = 0; i < 3; i++)
            Assert.Equal(401, (await wrong.RefusalAsync("/v1/sites")).Status);

        using var refused = await wrong.GetAsync(new Uri("/v1/sites", UriKind.Relative));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 300);
        await good.JsonAsync("/v1/sites");
        using var nobody = api.Client(null, url);
        Assert.Equal(401, (await nobody.RefusalAsync("/v1/sites")).Status);
    }

    [Fact]
    public async Task Sign_ins_by_key_are_logged_good_and_bad()
    {
        string tenant = api.NewTenant(), key = await api.NewKeyAsync([Scopes.Admin], tenant);
        using var browser = await api.SignedInAsync(key);
        (await browser.DeleteAsync(new Uri("/session", UriKind.Relative))).EnsureSuccessStatusCode();
        string wrong = key[..^1] + (key[^1] == 'a' ? 'b' : 'a');
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SendAsync("POST", "/session", new { key = wrong })).Status);

        using var admin = api.Client(key);
        Assert.Equal(["sign-out", "sign-in", "key.create"], (await admin.JsonAsync("/v1/audit")).GetProperty("items").EnumerateArray().Select(e => e.Text("action")));
        var bad = Assert.Single((await api.Api.JsonAsync($"/v1/audit?action=sign-in.refused&subject={key[5..15]}")).GetProperty("items").EnumerateArray());
        Assert.Equal(("nobody", "127.0.0.1"), (bad.GetProperty("actor").Text("kind"), bad.Text("address")));
        Assert.DoesNotContain(wrong[15..], bad.ToString(), StringComparison.Ordinal);
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
