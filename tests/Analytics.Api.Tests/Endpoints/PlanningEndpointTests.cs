using System.Net;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Budgets, scans that somebody asks for, and why. Each test has an organisation of its own.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class PlanningEndpointTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_budget_is_written_read_and_noted_and_belongs_to_its_organisation_alone()
    {
        var (client, _) = await NewTenantAsync();
        Assert.Equal("event", (await client.JsonAsync("/v1/scheduling")).Text("policy"));
        var (status, written) = await client.SendAsync("PUT", "/v1/scheduling", new { share = 0.1, costs = new { chatgpt = 0.02 } });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("index", written.Text("policy"));
        var read = await client.JsonAsync("/v1/scheduling");
        Assert.Equal((0.1, 0.02, JsonValueKind.Null), (read.GetProperty("share").GetDouble(), read.GetProperty("costs").GetProperty("chatgpt").GetDouble(), read.GetProperty("scansPerDay").ValueKind));
        Assert.Contains((await client.JsonAsync("/v1/audit")).GetProperty("items").EnumerateArray(), e => e.Text("action") == "scheduling.put" && e.Text("detail") == "index, 0.1 of daily scanning");
        var (other, _) = await NewTenantAsync();
        Assert.Equal("event", (await other.JsonAsync("/v1/scheduling")).Text("policy"));
    }

    [Theory]
    [InlineData("""{"policy":"index"}""", "scansPerDay", "needs a budget")]
    [InlineData("""{"policy":"event","share":0.1}""", "policy", "no budget")]
    [InlineData("""{"policy":"often"}""", "policy", "index, tiers")]
    [InlineData("""{"share":0.1,"scansPerDay":5}""", "share", "not both")]
    [InlineData("""{"share":0}""", "share", "above 0")]
    [InlineData("""{"scansPerDay":1e12}""", "scansPerDay", "at most")]
    [InlineData("""{"share":0.1,"costs":{"altavista":1}}""", "costs", "altavista")]
    [InlineData("""{"share":0.1,"costs":{"chatgpt":-1}}""", "costs", "more than 0")]
    [InlineData("{}", "policy", "Say the policy")]
    [InlineData("""{"budget":1}""", "budget", "Not a field")]
    public async Task A_wrong_budget_is_refused_by_field_and_changes_nothing(string body, string field, string says)
    {
        var (client, _) = await NewTenantAsync();
        var (status, problem) = await client.SendAsync("PUT", "/v1/scheduling", JsonElement.Parse(body));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(says, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("event", (await client.JsonAsync("/v1/scheduling")).Text("policy"));
    }

    [Fact]
    public async Task A_scan_that_is_asked_for_can_be_leased_at_once_and_says_so()
    {
        var (client, site) = await NewTenantAsync();
        var made = (await client.SendAsync("POST", "/v1/targets", new { brand = "Acme", query = "best widgets", engine = "chatgpt", pages = new[] { new { site, pattern = "/pricing" } } })).Body;
        long target = made.GetProperty("targets")[0].Long("id");
        var (status, asked) = await client.SendAsync("POST", "/v1/scans", new { targets = new[] { target, 987654321 } });
        Assert.Equal(HttpStatusCode.Accepted, status);
        long scan = asked.GetProperty("scans")[0].Long("scan");
        Assert.Equal(987654321, asked.GetProperty("unknown")[0].GetInt64());
        var leased = (await client.SendAsync("POST", "/v1/scans/lease", new { max = 5 })).Body.GetProperty("scans")[0];
        Assert.Equal((scan, "Somebody asked for it; never scanned before."), (leased.Long("id"), leased.Text("whyNow")));
        var why = await client.JsonAsync($"/v1/scans/{scan}/why");
        Assert.Equal(("requested", "Somebody asked for it; never scanned before."), (why.GetProperty("decision").Text("rule"), why.Text("whyNow")));
        Assert.Equal(JsonValueKind.Null, (await client.JsonAsync($"/v1/targets/{target}/outlook")).GetProperty("volatilityScore").ValueKind);

        var (other, _) = await NewTenantAsync();
        Assert.Equal(404, (await other.RefusalAsync($"/v1/scans/{scan}/why")).Status);
        Assert.Equal(404, (await other.RefusalAsync($"/v1/targets/{target}/outlook")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await other.SendAsync("POST", "/v1/scans", new { targets = new[] { target } })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await other.SendAsync("POST", "/v1/scans", new { targets = Array.Empty<long>() })).Status);
    }

    private async Task<(HttpClient Client, string Site)> NewTenantAsync()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        return (api.Client(await api.NewKeyAsync([Scopes.Admin], tenant)), site);
    }
}
