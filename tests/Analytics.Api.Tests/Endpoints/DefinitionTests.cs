using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class DefinitionTests(AnalyticsFixture api)
{
    private static int _sites;

    private readonly string _site = $"defined-{Interlocked.Increment(ref _sites)}";

    private string Path => $"/v1/sites/{_site}/definition";

    [Fact]
    public async Task Only_whoever_runs_the_installation_makes_the_edge_reach_inside()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant), own = await api.NewSiteAsync();
        using var acme = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        using var editor = api.Client(await api.NewKeyAsync([Scopes.SitesWrite, Scopes.SitesRead]));
        object inside = new { hosts = new[] { $"{site}.example" }, origins = new[] { "http://127.0.0.1:8123" } };
        object file = new { hosts = new[] { $"{site}.example" }, origins = new[] { "https://origin.example" }, originCa = "/etc/passwd" };
        object names = new { hosts = new[] { $"{site}.example" }, origins = new[] { "https://origin.example" }, privateOrigins = true };
        foreach (object definition in (object[])[inside, file, names])
        {
            var (status, problem) = await acme.SendAsync("PUT", $"/v1/sites/{site}/definition", definition);
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "urn:weir:problem:definition"), (status, problem.Text("type")));
            Assert.Contains("whoever runs the installation", problem.GetProperty("errors")[0].GetString(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await editor.SendAsync("PUT", $"/v1/sites/{own}/definition", definition)).Status);
        }

        // What an admin of the installation wrote may stay as it is while somebody else edits the rest.
        Assert.Equal(HttpStatusCode.OK, (await api.Api.SendAsync("PUT", $"/v1/sites/{own}/definition", inside)).Status);
        Assert.Equal(HttpStatusCode.OK, (await editor.SendAsync("PUT", $"/v1/sites/{own}/definition",
            new { hosts = new[] { $"{own}.example" }, origins = new[] { "http://127.0.0.1:8123", "https://origin.example" } })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await editor.SendAsync("PUT", $"/v1/sites/{own}/definition",
            new { hosts = new[] { $"{own}.example" }, origins = new[] { "http://127.0.0.1:9000" } })).Status);
    }

    [Fact]
    public async Task A_site_is_made_read_changed_and_removed_and_its_version_is_the_etag()
    {
        var made = await PutAsync(Json($"{_site}.example"));
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        using var found = await api.Api.GetAsync(Path);
        Assert.Equal(made.Headers.ETag, found.Headers.ETag);
        Assert.Equal("application/json", found.Content.Headers.ContentType!.MediaType);
        var definition = JsonDocument.Parse(await found.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(_site, definition.Text("id"));
        Assert.Equal($"{_site}.example", definition.GetProperty("hosts")[0].GetString());
        var changed = await PutAsync(Json($"new.{_site}.example"), found.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Contains($"new.{_site}.example", (await api.Definitions.FindAsync(SiteId.Parse(_site)))!.Json);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, changed.Headers.ETag)).StatusCode);
        Assert.Equal((404, "urn:weir:problem:definition-unknown"), await RefusalAsync(await api.Api.GetAsync(Path)));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete)).StatusCode);
    }

    [Fact]
    public async Task A_client_that_has_the_version_is_told_so()
    {
        var made = await PutAsync(Json($"{_site}.example"));
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.IfNoneMatch.Add(made.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await api.Api.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Who_writes_over_a_version_that_is_gone_gets_412_and_changes_nothing()
    {
        var first = await PutAsync(Json($"{_site}.example"));
        await PutAsync(Json($"b.{_site}.example"));
        Assert.Equal((412, "urn:weir:problem:version"), await RefusalAsync(await PutAsync(Json("c.example"), first.Headers.ETag)));
        Assert.Equal((412, "urn:weir:problem:version"), await RefusalAsync(await SendAsync(HttpMethod.Delete, first.Headers.ETag)));
        Assert.Equal((412, "urn:weir:problem:version"), await RefusalAsync(await PutAsync(Json("c.example"), new EntityTagHeaderValue("\"x\""))));
        Assert.Equal((412, "urn:weir:problem:version"), await RefusalAsync(await PutAsync(Json("c.example"), isNew: true)));
        Assert.Contains($"b.{_site}.example", (await api.Definitions.FindAsync(SiteId.Parse(_site)))!.Json);
    }

    [Fact]
    public async Task Every_error_of_a_definition_is_listed()
    {
        using var response = await PutAsync("""{ "hosts": 1, "origins": 2 }""");
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal(["hosts: A list is needed.", "origins: A list is needed."], problem.GetProperty("errors").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(422, (await RefusalAsync(await PutAsync("no json"))).Status);
        Assert.Equal(422, (await RefusalAsync(await PutAsync($$"""{ "hosts": [], "origins": [], "x": "{{new string('x', SiteDefinition.JsonCharsMax)}}" }"""))).Status);
        Assert.Equal(413, (await RefusalAsync(await PutAsync(new string('x', SiteDefinition.JsonCharsMax * 3 + 1)))).Status);
        Assert.Null(await api.Definitions.FindAsync(SiteId.Parse(_site)));
    }

    [Fact]
    public async Task A_host_of_another_site_is_named_with_its_site()
    {
        await PutAsync(Json($"{_site}.example"));
        using var response = await PutAsync(Json($"{_site}.example"), of: $"{_site}-b");
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains($"'{_site}.example' belongs to site {_site}", JsonDocument.Parse(text).RootElement.Text("detail"));
    }

    [Fact]
    public async Task Another_tenants_site_is_no_site_whatever_is_asked_of_it()
    {
        await PutAsync(Json($"{_site}.example"));
        using var other = api.Client(await api.NewKeyAsync([Scopes.Admin], "somebody-else"));
        Assert.Equal((404, "urn:weir:problem:site-unknown"), await RefusalAsync(await other.GetAsync(Path)));
        Assert.Equal((404, "urn:weir:problem:site-unknown"), await RefusalAsync(await PutAsync(Json("x.example"), client: other)));
        Assert.Equal((404, "urn:weir:problem:site-unknown"), await RefusalAsync(await SendAsync(HttpMethod.Delete, client: other)));
        Assert.Equal((404, "urn:weir:problem:site-unknown"), await RefusalAsync(await SwitchAsync("a", "enforce", other)));
        Assert.Empty((await other.JsonAsync("/v1/definitions")).GetProperty("items").EnumerateArray());
        Assert.Empty((await other.JsonAsync("/v1/changes")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_site_with_hits_of_the_default_tenant_cannot_be_taken_by_another()
    {
        await api.StoreAsync(new TestHit(_site, TimeProvider.System.GetUtcNow()));
        using var other = api.Client(await api.NewKeyAsync([Scopes.Admin], "somebody-else"));
        Assert.Equal(404, (await RefusalAsync(await PutAsync(Json($"{_site}.example"), client: other))).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(Json($"{_site}.example"))).StatusCode);
    }

    [Fact]
    public async Task Reading_and_writing_need_their_scopes_and_the_site_in_the_keys_list()
    {
        await PutAsync(Json($"{_site}.example"));
        using var reader = api.Client(await api.NewKeyAsync([Scopes.SitesRead]));
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync(Path)).StatusCode);
        Assert.Equal(403, (await RefusalAsync(await PutAsync(Json("x.example"), client: reader))).Status);
        using var writer = api.Client(await api.NewKeyAsync([Scopes.SitesWrite]));
        Assert.Equal(403, (await RefusalAsync(await writer.GetAsync(Path))).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(Json($"{_site}.example"), client: writer)).StatusCode);
        using var elsewhere = api.Client(await api.NewKeyAsync([Scopes.SitesWrite, Scopes.SitesRead], Tenant.Default, "other"));
        Assert.Equal(404, (await RefusalAsync(await PutAsync(Json("x.example"), client: elsewhere))).Status);
        Assert.Empty((await elsewhere.JsonAsync($"/v1/changes?site={_site}")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Definitions_are_listed_in_pages()
    {
        foreach (string suffix in (string[])["-1", "-2", "-3"])
            await PutAsync(Json($"{_site}{suffix}.example"), of: _site + suffix);
        var found = new List<string?>();
        string? cursor = _site;
        while (cursor is not null && found.Count < 3)
        {
            var page = await api.Api.JsonAsync($"/v1/definitions?limit=2&cursor={cursor}");
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(d => d.Text("site")));
            cursor = page.Text("next");
        }
        Assert.Equal([$"{_site}-1", $"{_site}-2", $"{_site}-3"], found.Take(3));
        Assert.Equal(400, (await api.Api.RefusalAsync("/v1/definitions?cursor=-")).Status);
    }

    [Fact]
    public async Task Rules_are_listed_in_order_and_one_call_enforces_and_returns_to_dry_run()
    {
        await PutAsync(Json($"{_site}.example"));
        var rules = await api.Api.JsonAsync($"/v1/sites/{_site}/policy/rules");
        Assert.Equal(("control", true), (rules.Text("source"), rules.GetProperty("mayChange").GetBoolean()));
        Assert.Equal(["a dry-run allow", "b dry-run block", "c enforce tag"], Rules(rules));
        Assert.Equal(["crawlers gptbot, ccbot", "scoreMin 50"], rules.GetProperty("items")[1].GetProperty("settings").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync("b", "enforce")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync("c", "dry-run")).StatusCode);
        Assert.Equal(["a dry-run allow", "b enforce block", "c dry-run tag"], Rules(await api.Api.JsonAsync($"/v1/sites/{_site}/policy/rules")));
        Assert.Equal((404, "urn:weir:problem:rule-unknown"), await RefusalAsync(await SwitchAsync("nobody", "enforce")));
        var changes = (await api.Api.JsonAsync($"/v1/changes?site={_site}")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(3, changes.Count);
        Assert.All(changes, c => Assert.StartsWith("key ", c.Text("actor")));
    }

    [Fact]
    public async Task A_site_of_a_file_shows_its_rules_and_says_where_to_change_them()
    {
        var rules = await api.Api.JsonAsync("/v1/sites/in-file/policy/rules");
        Assert.Equal(("file", "weir.json", false), (rules.Text("source"), rules.Text("place"), rules.GetProperty("mayChange").GetBoolean()));
        Assert.Equal(["no-training dry-run block"], Rules(rules));
        Assert.Equal(["purposes ai-training"], rules.GetProperty("items")[0].GetProperty("settings").EnumerateArray().Select(s => s.GetString()));
        using var response = await SwitchAsync("no-training", "enforce", of: "in-file");
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("weir.json", JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Text("next"));
        Assert.Equal((409, "urn:weir:problem:site-in-file"), await RefusalAsync(await PutAsync(Json("x.example"), of: "in-file")));
    }

    [Fact]
    public async Task Rules_need_no_right_to_change_to_be_read()
    {
        await PutAsync(Json($"{_site}.example"));
        using var reader = api.Client(await api.NewKeyAsync([Scopes.AnalyticsRead]));
        Assert.False((await reader.JsonAsync($"/v1/sites/{_site}/policy/rules")).GetProperty("mayChange").GetBoolean());
        Assert.Equal(403, (await RefusalAsync(await SwitchAsync("b", "enforce", reader))).Status);
    }

    [Fact]
    public async Task A_session_switches_rules_with_the_dashboards_header_and_writes_nothing_else()
    {
        await PutAsync(Json($"{_site}.example"));
        using var browser = api.Client(null);
        using var signIn = await browser.PostAsync("/session", new StringContent(JsonSerializer.Serialize(new { key = api.AdminKey }), Encoding.UTF8, "application/json"));
        browser.DefaultRequestHeaders.Add("Cookie", signIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        Assert.Equal((403, "urn:weir:problem:session-only-reads"), await RefusalAsync(await SwitchAsync("b", "enforce", browser)));
        browser.DefaultRequestHeaders.Add("X-Weir-Dashboard", "1");
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync("b", "enforce", browser)).StatusCode);
        Assert.Equal((403, "urn:weir:problem:session-only-reads"), await RefusalAsync(await PutAsync(Json("x.example"), client: browser)));
        Assert.Equal((403, "urn:weir:problem:session-only-reads"), await RefusalAsync(await SendAsync(HttpMethod.Delete, client: browser)));
    }

    private static string Json(string host) => $$"""
        {
          "hosts": ["{{host}}"], "origins": ["http://127.0.0.1:3000"],
          "policy": [
            { "name": "a", "action": "allow" },
            { "name": "b", "action": "block", "crawlers": ["gptbot", "ccbot"], "scoreMin": 50 },
            { "name": "c", "action": "tag", "mode": "enforce" }
          ]
        }
        """;

    private static IEnumerable<string> Rules(JsonElement rules) =>
        rules.GetProperty("items").EnumerateArray().Select(r => $"{r.Text("rule")} {r.Text("mode")} {r.Text("action")}");

    private async Task<HttpResponseMessage> PutAsync(string json, EntityTagHeaderValue? ifMatch = null, bool isNew = false, string? of = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/sites/{of ?? _site}/definition") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
            request.Headers.IfMatch.Add(ifMatch);
        if (isNew)
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        return await (client ?? api.Api).SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, EntityTagHeaderValue? ifMatch = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(method, Path);
        if (ifMatch is not null)
            request.Headers.IfMatch.Add(ifMatch);
        return await (client ?? api.Api).SendAsync(request);
    }

    private Task<HttpResponseMessage> SwitchAsync(string rule, string mode, HttpClient? client = null, string? of = null) =>
        (client ?? api.Api).PostAsync($"/v1/sites/{of ?? _site}/policy/rules/{rule}/{mode}", null);

    private static async Task<(int Status, string? Type)> RefusalAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{(int)response.StatusCode} {text}");
        response.Dispose();
        return ((int)response.StatusCode, JsonDocument.Parse(text).RootElement.Text("type"));
    }
}
