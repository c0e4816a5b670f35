using System.Net;
using System.Text.Json;
using ClickHouse.Driver;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Ingest.ClickHouse;
using Weir.Scheduling;
using Weir.Scheduling.Suggestions;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Links that are suggested by the words of pages. Each test has an organisation of its own.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class SuggestionTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_page_is_suggested_for_the_query_that_it_answers_and_confirmed_for_all_its_engines()
    {
        var (client, tenant, site) = await NewTenantAsync();
        long target = await TargetAsync(client, "what does acme cost");
        await TargetAsync(client, "who repairs acme widgets");
        await StoreAsync(site, ("/pricing", "What Acme costs", "The price list: each plan and its cost."), ("/about", "About us", "Acme was founded in a garage."));

        var list = await client.JsonAsync("/v1/suggestions");
        Assert.Equal((2, 2L, JsonValueKind.Null), (list.GetProperty("queries").GetInt32(), list.Long("pages"), list.GetProperty("next").ValueKind));
        var row = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(("what does acme cost", site, "/pricing", "What Acme costs"), (row.Text("text"), row.Text("site"), row.Text("path"), row.Text("title")));
        Assert.Equal(["cost"], row.GetProperty("words").EnumerateArray().Select(w => w.GetString()));
        Assert.Contains("price list", row.Text("snippet"), StringComparison.Ordinal);
        Assert.Equal("/pricing", (await client.JsonAsync($"/v1/targets/{target}/suggestions")).GetProperty("items")[0].Text("path"));

        long query = row.Long("query");
        var (status, body) = await client.SendAsync("POST", "/v1/suggestions/confirm", Named(query, site, "/pricing"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("linked", 1.0), (body.GetProperty("links")[0].Text("change"), body.GetProperty("links")[0].GetProperty("weight").GetDouble()));
        foreach (long one in row.GetProperty("targets").EnumerateArray().Select(t => t.GetInt64()))
        {
            var page = Assert.Single((await client.JsonAsync($"/v1/targets/{one}")).GetProperty("pages").EnumerateArray());
            Assert.Equal((site, "/pricing", "suggested"), (page.Text("site"), page.Text("pattern"), page.Text("source")));
        }
        Assert.Empty((await client.JsonAsync("/v1/suggestions")).GetProperty("items").EnumerateArray());
        (_, body) = await client.SendAsync("POST", "/v1/suggestions/confirm", new { suggestions = new[] { new { target, site, path = "/pricing/" } } });
        Assert.Equal("unchanged", body.GetProperty("links")[0].Text("change"));
        Assert.Contains((await client.JsonAsync("/v1/audit")).GetProperty("items").EnumerateArray(), e => e.Text("action") == "suggestion.confirm" && e.Text("detail")!.Contains("/pricing", StringComparison.Ordinal));

        (_, body) = await client.SendAsync("POST", "/v1/suggestions/undo", Named(query, site, "/pricing"));
        Assert.Equal((0L, 2L), (body.Long("rejections"), body.Long("links")));
        Assert.Single((await client.JsonAsync("/v1/suggestions")).GetProperty("items").EnumerateArray());
        Assert.Equal(tenant, (await client.JsonAsync("/v1/organisation")).Text("id"));
    }

    [Fact]
    public async Task A_refused_page_is_not_suggested_again_until_the_refusal_is_taken_back()
    {
        var (client, _, site) = await NewTenantAsync();
        long target = await TargetAsync(client, "what does acme cost");
        await StoreAsync(site, ("/pricing", "What Acme costs", "The price list: each plan and its cost."), ("/x", "Else", "Nothing."));
        Assert.Equal(1, (await client.SendAsync("POST", "/v1/suggestions/reject", new { suggestions = new[] { new { target, site, path = "/pricing" } } })).Body.Long("rejected"));

        Assert.Empty((await client.JsonAsync($"/v1/targets/{target}/suggestions")).GetProperty("items").EnumerateArray());
        var refused = Assert.Single((await client.JsonAsync("/v1/suggestions/rejected")).GetProperty("items").EnumerateArray());
        Assert.Equal(("what does acme cost", "/pricing"), (refused.Text("text"), refused.Text("path")));
        await client.SendAsync("POST", "/v1/suggestions/undo", Named(refused.Long("query"), site, "/pricing"));
        Assert.Single((await client.JsonAsync($"/v1/targets/{target}/suggestions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Another_organisation_s_pages_are_never_suggested_and_a_key_of_one_site_gets_that_site_s()
    {
        var (client, tenant, site) = await NewTenantAsync();
        var (_, _, theirs) = await NewTenantAsync();
        string second = await api.NewSiteAsync(tenant);
        await StoreAsync(theirs, ("/secret-cost", "Secret: what Acme costs", "The cost of all."), ("/x", "Else", "Nothing."));
        await StoreAsync(site, ("/pricing", "What Acme costs", "Each plan and its cost."), ("/x", "Else", "Nothing."));
        await StoreAsync(second, ("/cost", "Costs", "What it will cost."), ("/x", "Else", "Nothing."), ("/y", "Other", "None."));
        long target = await TargetAsync(client, "what does acme cost", pages: [new { site, pattern = "/about" }]);

        Assert.Equal(new[] { second, site }.Order(), (await client.JsonAsync("/v1/suggestions?min_score=0")).GetProperty("items").EnumerateArray().Select(r => r.Text("site")).Order());
        Assert.Equal([second], (await client.JsonAsync($"/v1/suggestions?site={second}")).GetProperty("items").EnumerateArray().Select(r => r.Text("site")));
        using var narrow = api.Client(await api.NewKeyAsync([Scopes.TargetsRead, Scopes.TargetsWrite], tenant, site));
        Assert.Equal([site], (await narrow.JsonAsync("/v1/suggestions?min_score=0")).GetProperty("items").EnumerateArray().Select(r => r.Text("site")));
        Assert.Equal(HttpStatusCode.BadRequest, (await narrow.SendAsync("POST", "/v1/suggestions/confirm", new { suggestions = new[] { new { target, site = second, path = "/cost" } } })).Status);
        Assert.Equal(400, (await client.RefusalAsync($"/v1/suggestions?site={theirs}")).Status);
    }

    [Theory]
    [InlineData("{}", "suggestions", "1 to 100")]
    [InlineData("""{"suggestions":[]}""", "suggestions", "1 to 100")]
    [InlineData("""{"suggestions":[null]}""", "suggestions[0].query", "not both")]
    [InlineData("""{"suggestions":[{"query":1,"target":1,"site":"SITE","path":"/a"}]}""", "suggestions[0].query", "not both")]
    [InlineData("""{"suggestions":[{"query":987654321,"site":"SITE","path":"/a"}]}""", "suggestions[0].query", "knows no query")]
    [InlineData("""{"suggestions":[{"query":-1,"site":"SITE","path":"/a"}]}""", "suggestions[0].query", "knows no query")]
    [InlineData("""{"suggestions":[{"target":987654321,"site":"SITE","path":"/a"}]}""", "suggestions[0].target", "knows no target")]
    [InlineData("""{"suggestions":[{"query":QUERY,"site":"nobody","path":"/a"}]}""", "suggestions[0].site", "not a site of yours")]
    [InlineData("""{"suggestions":[{"query":QUERY,"site":"SITE","path":"/a*"}]}""", "suggestions[0].path", "/pricing")]
    [InlineData("""{"suggestions":[{"query":QUERY,"site":"SITE"}]}""", "suggestions[0].path", "/pricing")]
    [InlineData("""{"suggestions":[{"query":QUERY,"site":"SITE","path":"/pricing"},{"query":QUERY,"site":"SITE","path":"/nothing"}]}""", "suggestions[1]", "not suggested")]
    [InlineData("""{"suggestions":[{"query":{},"site":"SITE","path":"/a"}]}""", "suggestions[0].query", "wrong type")]
    [InlineData("""{"links":[]}""", "links", "Not a field")]
    public async Task A_wrong_confirmation_is_refused_by_field_and_links_nothing(string body, string field, string says)
    {
        var (client, _, site) = await NewTenantAsync();
        long target = await TargetAsync(client, "what does acme cost");
        await StoreAsync(site, ("/pricing", "What Acme costs", "The cost."), ("/x", "Else", "Nothing."));
        long query = (await client.JsonAsync("/v1/suggestions")).GetProperty("items")[0].Long("query");

        var (status, problem) = await client.SendAsync("POST", "/v1/suggestions/confirm",
            JsonElement.Parse(body.Replace("SITE", site, StringComparison.Ordinal).Replace("QUERY", $"{query}", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(says, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
        Assert.Empty((await client.JsonAsync($"/v1/targets/{target}")).GetProperty("pages").EnumerateArray());
    }

    [Theory]
    [InlineData("min_score=2", "min_score")]
    [InlineData("min_score=NaN", "min_score")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("brand=acme", "brand")]
    [InlineData("site=%00", "site")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=bnVsbA", "cursor")]
    public async Task A_wrong_parameter_is_named(string query, string name)
    {
        var (client, _, _) = await NewTenantAsync();
        var (status, problem) = await client.RefusalAsync($"/v1/suggestions?{query}");
        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(name, out _), $"{problem}");
    }

    [Fact]
    public async Task A_list_goes_on_behind_queries_without_any_page()
    {
        var (client, _, site) = await NewTenantAsync();
        await StoreAsync(site, ("/pricing", "What Acme costs", "The cost."), ("/x", "Else", "Nothing."));
        for (int i = 0; i < 5; i++)
            await TargetAsync(client, i == 4 ? "what does acme cost" : $"unheard of {i}");
        var rows = new List<JsonElement>();
        string? cursor = null;
        int calls = 0;
        do
        {
            var page = await client.JsonAsync($"/v1/suggestions?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            rows.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.Text("next");
            calls++;
        }
        while (cursor is not null && calls < 10);
        Assert.Equal("/pricing", Assert.Single(rows).Text("path"));
        Assert.InRange(calls, 3, 4);
    }

    private static object Named(long query, string site, string path) => new { suggestions = new[] { new { query, site, path } } };

    private static async Task<long> TargetAsync(HttpClient client, string query, object[]? pages = null)
    {
        var (status, made) = await client.SendAsync("POST", "/v1/targets", new { brand = "Acme", query, engines = new[] { "chatgpt", "perplexity" }, pages = pages ?? [] });
        Assert.True(status == HttpStatusCode.OK, $"{made}");
        return made.GetProperty("targets")[0].Long("id");
    }

    private async Task StoreAsync(string site, params (string Path, string Title, string Text)[] pages)
    {
        await api.Store.InsertBinaryAsync("weir.page_texts", ["time", "site", "host", "path", "title", "text", "hash"],
            pages.Select(p => new object[] { TimeProvider.System.GetUtcNow().UtcDateTime, site, $"www.{site}.example", p.Path, p.Title, p.Text, (ulong)(uint)p.Text.GetHashCode(StringComparison.Ordinal) }),
            new InsertOptions(), CancellationToken.None);
        // As the loop of the program does it.
        await new PageReader(new PageTextLog(api.Services.GetRequiredService<ClickHouseConnections>()), api.Services.GetRequiredService<PageIndexes>(), api.Control, new SchedulingSettings())
            .ReadAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(HttpClient Client, string Tenant, string Site)> NewTenantAsync()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        return (api.Client(await api.NewKeyAsync([Scopes.Admin], tenant)), tenant, site);
    }
}
