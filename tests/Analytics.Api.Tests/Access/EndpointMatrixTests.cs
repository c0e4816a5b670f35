using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Scheduling.Suggestions;

namespace Weir.Analytics.Api.Tests.Access;

/// <summary>Every endpoint that the application has, as everybody whom it must not serve. The list is the application's own, so that none can be forgotten.</summary>
[Collection(AnalyticsCollection.Name)]
public partial class EndpointMatrixTests(AnalyticsFixture api)
{
    // Health, the way in, and files that hold no data. An endpoint that belongs here shows nobody's data to anybody.
    private static readonly string[] Public =
    [
        "GET /health/live", "GET /health/ready", "GET /session", "GET /session", "POST /session", "DELETE /session", "GET /session/oidc", "GET /session/oidc", "GET /openapi/{documentName}.json",
        "GET /assets/{**file}", "HEAD /assets/{**file}", "GET /favicon.svg", "HEAD /favicon.svg", "GET /favicon.ico", "HEAD /favicon.ico",
        "GET /docs/{documentName?}", "POST /v1/events/inbound/{inbound}", "GET /docs/favicon.svg", "GET /docs/scalar.js", "GET /docs/scalar.aspnetcore.js",
        .. DashboardFiles.Views.Select(view => $"GET {view}"), .. DashboardFiles.Views.Select(view => $"HEAD {view}"),
    ];

    private List<EndpointRow> All => [.. from endpoint in api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                                         from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
                                         select new EndpointRow(endpoint, HttpMethod.Parse(method))];

    private List<EndpointRow> Guarded => [.. All.Where(e => e.Scope is not null)];

    [Fact]
    public void Every_endpoint_declares_its_scope_or_is_on_the_list_of_public_ones()
    {
        Assert.Equal([], All.Where(e => e.Scope is null).Select(e => e.Name).Except(Public));
        Assert.Equal([], All.Where(e => e.Scope is not null).Select(e => e.Name).Intersect(Public));
        Assert.True(Guarded.Count > 30, $"{Guarded.Count} endpoints are not all there are.");
    }

    [Fact]
    public async Task Nobody_and_keys_that_open_nothing_are_asked_for_a_key()
    {
        string revoked = await api.NewKeyAsync([Scopes.Admin]), expired = await api.NewExpiredKeyAsync();
        await api.Keys.RevokeAsync(revoked[5..15]);
        foreach (string? key in (string?[])[null, "weir_" + new string('0', 54), "nonsense", revoked, expired])
        {
            using var client = api.Client(key);
            foreach (var endpoint in Guarded)
                await RefusedAsync(client, endpoint, HttpStatusCode.Unauthorized, "key-needed");
        }
        using var nobody = api.Client(null);
        Assert.Equal(401, (await nobody.RefusalAsync("/v1/nothing")).Status);
    }

    [Fact]
    public async Task A_key_with_every_scope_but_the_one_needed_is_told_which()
    {
        foreach (var endpoints in Guarded.GroupBy(e => e.Scope!))
        {
            using var client = api.Client(await api.NewKeyAsync([.. Scopes.All.Where(s => s != endpoints.Key && s != Scopes.Admin)]));
            foreach (var endpoint in endpoints)
                Assert.Contains($"'{endpoints.Key}'", (await RefusedAsync(client, endpoint, HttpStatusCode.Forbidden, "scope-missing")).Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Roles_open_what_their_scopes_say_and_nothing_else()
    {
        string tenant = api.NewTenant();
        foreach (string role in Roles.All)
        {
            var member = await api.Organisations.InviteAsync(tenant, $"{role}@example.com", role, Actor.Account);
            using var client = await api.SignedInAsync(member);
            client.DefaultRequestHeaders.Add(AccessExtensions.SessionHeader, "1");
            foreach (var endpoint in Guarded.Where(e => !Roles.ScopesOf(role).Contains(e.Scope) && role != Roles.Owner))
                await RefusedAsync(client, endpoint, HttpStatusCode.Forbidden, "scope-missing");
            await client.JsonAsync("/v1/sites");
        }
    }

    [Fact]
    public async Task Another_organisation_s_things_are_as_unknown_as_none()
    {
        var acme = await Belongings.OfAsync(api, "acme");
        string mine = await api.NewSiteAsync();
        foreach (string tenant in (string[])[Tenant.Default, api.NewTenant()])
        {
            using var stranger = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
            foreach (var endpoint in Guarded.Where(e => e.Path.StartsWith("/v1/", StringComparison.Ordinal)))
            {
                var (status, body) = await AskAsync(stranger, endpoint, endpoint.Fill(acme.Ids));
                Assert.DoesNotContain(acme.Secret, body, StringComparison.OrdinalIgnoreCase);
                if (endpoint.IsAboutSite)
                    Assert.True(status == HttpStatusCode.NotFound, $"{endpoint.Name}: {(int)status}");
                else if (endpoint.Parameters.Any())
                    Assert.True(status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{endpoint.Name}: {(int)status}");
            }
        }
        Assert.Equal(acme.Ids["site"], (await acme.Client.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray().Select(s => s.Text("site")).First(s => s == acme.Ids["site"]));
    }

    [Fact]
    public async Task A_key_for_one_site_neither_reads_nor_changes_another_nor_the_organisation()
    {
        var whole = await Belongings.OfAsync(api, Tenant.Default);
        using var narrow = api.Client(await api.NewKeyAsync([Scopes.Admin], Tenant.Default, await api.NewSiteAsync()));
        foreach (var endpoint in Guarded)
        {
            if (endpoint.Marks<WholeOrganisation>())
            {
                await RefusedAsync(narrow, endpoint, HttpStatusCode.Forbidden, "only-some-sites");
                continue;
            }
            var (status, body) = await AskAsync(narrow, endpoint, endpoint.Fill(whole.Ids));
            Assert.DoesNotContain(whole.Secret, body, StringComparison.OrdinalIgnoreCase);
            if (endpoint.IsAboutSite)
                Assert.True(status == HttpStatusCode.NotFound, $"{endpoint.Name}: {(int)status}");
        }
    }

    [Fact]
    public async Task What_concerns_all_organisations_is_for_whoever_runs_the_installation()
    {
        using var acme = api.Client(await api.NewKeyAsync([Scopes.Admin], "acme"));
        var endpoints = Guarded.Where(e => e.Marks<WholeInstallation>()).ToList();
        Assert.Contains(endpoints, e => e.Path == "/metrics");
        foreach (var endpoint in endpoints)
            await RefusedAsync(acme, endpoint, HttpStatusCode.Forbidden, "installation-only");
    }

    [Fact]
    public async Task A_share_link_reads_what_is_open_to_shares_of_its_site_and_nothing_else()
    {
        var acme = await Belongings.OfAsync(api, api.NewTenant());
        string token = (await acme.Client.SendAsync("POST", $"/v1/sites/{acme.Ids["site"]}/shares", new { })).Body.Text("token")!;
        var other = await Belongings.OfAsync(api, (await acme.Client.JsonAsync("/v1/organisation")).Text("id")!);
        // Whoever opens a link may be signed in besides: that counts for nothing.
        using var visitor = await api.SignedInAsync(api.AdminKey);
        visitor.DefaultRequestHeaders.Add(AccessExtensions.SessionHeader, "1");
        foreach (var endpoint in Guarded)
        {
            bool isReading = endpoint.Method == HttpMethod.Get || endpoint.Method == HttpMethod.Head;
            var (status, body) = await AskAsync(visitor, endpoint, $"/share/{token}{endpoint.Fill(other.Ids)}");
            Assert.DoesNotContain(other.Secret, body, StringComparison.OrdinalIgnoreCase);
            bool isOpen = endpoint.Marks<SharesMayRead>();
            var expected = !isReading || !endpoint.Path.StartsWith("/v1/", StringComparison.Ordinal) || (isOpen && endpoint.IsAboutSite) ? HttpStatusCode.NotFound
                : isOpen ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
            Assert.True(status == expected, $"{endpoint.Name}: {(int)status} instead of {(int)expected}\n{body}");
            if (isOpen && endpoint.Parameters.All(p => p == "site"))
            {
                (status, body) = await AskAsync(visitor, endpoint, $"/share/{token}{endpoint.Fill(acme.Ids)}");
                // The site may have nothing of the kind, such as a sitemap; that it is known is what counts.
                Assert.True(status == HttpStatusCode.OK || (status == HttpStatusCode.NotFound && !body.Contains("site-unknown", StringComparison.Ordinal)
                    && !body.Contains("share-unknown", StringComparison.Ordinal)), $"{endpoint.Name}: {(int)status}");
            }
            (status, _) = await AskAsync(visitor, endpoint, $"/share/share_{new string('0', 54)}{endpoint.Fill(acme.Ids)}");
            Assert.True(status == HttpStatusCode.NotFound, $"{endpoint.Name}: {(int)status} by an unknown link");
        }
        foreach (string path in (string[])["/session", "/session/oidc", "/health/live", "/docs", "/openapi/v1.json", "/share/x"])
            Assert.Equal(HttpStatusCode.NotFound, (await visitor.SendAsync("GET", $"/share/{token}{path}")).Status);
    }

    [Fact]
    public async Task A_session_changes_nothing_without_the_dashboard_s_header()
    {
        using var browser = await api.SignedInAsync(api.AdminKey);
        var changing = Guarded.Where(e => e.Method != HttpMethod.Get && e.Method != HttpMethod.Head).ToList();
        foreach (var endpoint in changing)
            await RefusedAsync(browser, endpoint, HttpStatusCode.Forbidden, "session-only-reads");
        browser.DefaultRequestHeaders.Add(AccessExtensions.SessionHeader, "1");
        foreach (var endpoint in changing.Where(e => !e.Marks<SessionMayWrite>()))
            await RefusedAsync(browser, endpoint, HttpStatusCode.Forbidden, "session-only-reads");
    }

    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal) { ["site"] = "never-heard-of" };

    private static async Task<JsonElement> RefusedAsync(HttpClient client, EndpointRow endpoint, HttpStatusCode status, string type)
    {
        var (answered, body) = await AskAsync(client, endpoint, endpoint.Fill(Nothing));
        Assert.True(answered == status, $"{endpoint.Name}: {(int)answered} instead of {(int)status}\n{body}");
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal($"urn:weir:problem:{type}", problem.Text("type"));
        Assert.False(string.IsNullOrEmpty(problem.Text("next")), $"{endpoint.Name}: the problem does not say what to do");
        return problem;
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, EndpointRow endpoint, string path)
    {
        using var request = new HttpRequestMessage(endpoint.Method, path);
        if (endpoint.Method == HttpMethod.Post || endpoint.Method == HttpMethod.Put || endpoint.Method == HttpMethod.Patch)
            request.Content = new StringContent("{}", null, endpoint.Takes);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        // A stream that is let in never ends; what it would send is tested where streams are.
        bool isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        return (response.StatusCode, isStream ? "" : await response.Content.ReadAsStringAsync());
    }

    private sealed partial record EndpointRow(RouteEndpoint Endpoint, HttpMethod Method)
    {
        public string Path => $"/{Endpoint.RoutePattern.RawText!.TrimStart('/')}";

        public string Name => $"{Method} {Path}";

        public string? Scope => Endpoint.Metadata.GetMetadata<ScopeRequirement>()?.Scope;

        /// <summary>A type of body that it takes: another one is refused before anybody is asked for a key.</summary>
        public string Takes => Endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes is { Count: > 0 } types && !types.Contains("application/json")
            ? types[0] : "application/json";

        public IEnumerable<string> Parameters => Endpoint.RoutePattern.Parameters.Select(p => p.Name);

        public bool IsAboutSite => Parameters.Contains("site") || Path == "/v1/live";

        public bool Marks<T>()
            where T : class => Endpoint.Metadata.GetMetadata<T>() is not null;

        /// <summary>The path with these ids; 1 for those not named.</summary>
        public string Fill(IReadOnlyDictionary<string, string> ids) =>
            Parameter().Replace(Path, m => ids.GetValueOrDefault(m.Groups[1].Value, "1")) + (Method == HttpMethod.Get ? $"?site={ids["site"]}" : "");

        [GeneratedRegex(@"\{\**(\w+)[^}]*\}")]
        private static partial Regex Parameter();
    }

    /// <summary>One of everything that an organisation may have, with a word in it that no other one may ever see.</summary>
    private sealed record Belongings(string Secret, HttpClient Client, Dictionary<string, string> Ids)
    {
        public static async Task<Belongings> OfAsync(AnalyticsFixture api, string tenant)
        {
            // Refusals may repeat the id that was asked for, so the word is not in it.
            string secret = $"secret-{Guid.NewGuid():n}", site = await api.NewSiteAsync(tenant, secret);
            var now = TimeProvider.System.GetUtcNow();
            await api.StoreAsync(new TestHit(site, now) { Path = $"/{secret}" }.GptBot());
            string key = await api.NewKeyAsync([Scopes.Admin], tenant);
            var client = api.Client(key);
            var member = await api.Organisations.InviteAsync(tenant, $"{secret}@example.com", Roles.Viewer, Actor.Account);
            var (status, _) = await client.SendAsync("PUT", $"/v1/sites/{site}/definition", new
            {
                hosts = new[] { $"{secret}.example" },
                origins = new[] { "https://origin.example" },
                policy = new[] { new { name = secret, identities = "spoofed", action = "block" } },
            });
            Assert.Equal(HttpStatusCode.OK, status);
            var made = await client.SendAsync("POST", "/v1/targets", new { brand = secret, query = secret, engines = new[] { "chatgpt" }, pages = new[] { new { site, pattern = "/*" } } });
            long target = made.Body.GetProperty("targets")[0].Long("id");
            await client.SendAsync("POST", "/v1/targets", new { brand = secret, query = $"what is {secret}-here", engines = new[] { "chatgpt" } });
            api.Services.GetRequiredService<PageIndexes>().Change(tenant, index => index.Put([new IndexedPage(new PageKey(site, $"{secret}.example", "/here"), $"{secret}-here", $"here {secret}", 1)]));
            Assert.Contains(secret, $"{await client.JsonAsync("/v1/suggestions?min_score=0")}", StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await client.SendAsync("POST", "/v1/suggestions/reject", new { suggestions = new[] { new { target, site, path = $"/{secret}" } } })).Status);
            var hook = await client.SendAsync("POST", "/v1/webhooks", new { name = secret, url = $"https://{secret}.example/hook", events = new[] { "trigger.created" } });
            Assert.Equal(HttpStatusCode.Created, hook.Status);
            return new Belongings(secret, client, new(StringComparer.Ordinal)
            {
                ["site"] = site,
                ["id"] = $"{target}",
                ["member"] = member.Id,
                ["key"] = key[5..15],
                ["rule"] = secret,
                ["inbound"] = "in_0123456789abcdef01234567",
                ["webhook"] = hook.Body.Text("id")!,
                ["documentName"] = "v1",
            });
        }
    }
}
