using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;
using Identity = Weir.Detection.Identity;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Targets, triggers and scans as programs use them. Each test has a tenant of its own.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class SchedulingTests(AnalyticsFixture api)
{
    private static int _tenants;
    private static ulong _hits;

    [Fact]
    public async Task A_target_is_posted_listed_found_and_deleted()
    {
        var (client, site, _) = await NewTenantAsync();
        string body = $$"""{"brand":"Acme","query":"best widgets","engines":["chatgpt","perplexity"],"pages":[{"site":"{{site}}","pattern":"/pricing"}]}""";
        var made = (await PostAsync(client, "/v1/targets", body)).GetProperty("targets");
        Assert.Equal(["created", "created"], made.EnumerateArray().Select(t => t.Text("change")));
        Assert.Equal("unchanged", (await PostAsync(client, "/v1/targets", $"[{body}]")).GetProperty("targets")[0].Text("change"));
        var page = await client.JsonAsync("/v1/targets?limit=1");
        Assert.Equal("chatgpt", Assert.Single(page.GetProperty("items").EnumerateArray()).Text("engine"));
        var rest = await client.JsonAsync($"/v1/targets?limit=1&cursor={page.Text("next")}");
        long id = rest.GetProperty("items")[0].Long("id");
        Assert.Equal(site, (await client.JsonAsync($"/v1/targets/{id}")).GetProperty("pages")[0].Text("site"));
        using var deleted = await client.DeleteAsync(new Uri($"/v1/targets/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(404, (await client.RefusalAsync($"/v1/targets/{id}")).Status);
    }

    [Theory]
    [InlineData("""{"brand":"A","query":"q","engines":["altavista"],"pages":[{"site":"SITE","pattern":"/a"}]}""", "engines[0]", "chatgpt")]
    [InlineData("""{"brand":"A","query":"q","engines":["chatgpt"],"pages":[{"site":"nobody","pattern":"/a"}]}""", "pages[0].site", "SITE")]
    [InlineData("""{"brand":"A","query":"q","engines":["chatgpt"],"pages":[{"site":"SITE","pattern":"a"}]}""", "pages[0].pattern", "/pricing")]
    [InlineData("""{"brand":"A","query":"q","engines":["chatgpt"],"pages":[{"site":"SITE","pattern":"/a","weight":2}]}""", "pages[0].weight", "up to 1")]
    [InlineData("""{"query":"q","engines":["chatgpt"],"pages":[{"site":"SITE","pattern":"/a"}]}""", "brand", "missing")]
    [InlineData("""{"brand":"A","query":"q","engine":"chatgpt","site":"SITE","pages":[]}""", "pages", "Name 1")]
    [InlineData("""[{"brand":"A","query":"q","engine":"chatgpt","pages":[{"site":"SITE","pattern":"/a"}]},{"brand":7}]""", "[1].brand", "wrong type")]
    [InlineData("""{"brand":"A","colour":1}""", "colour", "Fields:")]
    [InlineData("[]", "body", "1 to 1000")]
    [InlineData("{", "body", "not JSON")]
    [InlineData("3", "body", "object")]
    public async Task A_wrong_target_is_refused_by_field(string body, string field, string says)
    {
        var (client, site, _) = await NewTenantAsync();
        var (status, problem) = await RefusedAsync(client, "/v1/targets", body.Replace("SITE", site, StringComparison.Ordinal));
        Assert.Equal(400, status);
        Assert.Contains(says.Replace("SITE", site, StringComparison.Ordinal), problem.GetProperty("errors").GetProperty(field)[0].GetString());
        Assert.Empty((await client.JsonAsync("/v1/targets")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_file_is_imported_as_form_and_as_body()
    {
        var (client, site, _) = await NewTenantAsync();
        string csv = $"brand,query,engine,pattern\nAcme,q1,chatgpt,/a\nAcme,q2,altavista,/a\n";
        using var form = new MultipartFormDataContent { { new StringContent(csv, Encoding.UTF8, "text/csv"), "file", "queries.csv" } };
        using var answer = await client.PostAsync(new Uri($"/v1/targets/import?site={site}", UriKind.Relative), form);
        var summary = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((2, 1, 1), (summary.Long("rows"), summary.Long("created"), summary.Long("rejected")));
        Assert.Equal((3, "engines[0]"), (summary.GetProperty("errors")[0].Long("row"), summary.GetProperty("errors")[0].Text("field")));
        Assert.Equal(1, (await PostAsync(client, $"/v1/targets/import?site={site}", csv, "text/csv")).Long("unchanged"));
        Assert.Equal(1, (await PostAsync(client, $"/v1/targets/import?site={site}", csv, "application/x-www-form-urlencoded")).Long("unchanged"));
        var (status, problem) = await RefusedAsync(client, "/v1/targets/import", "colour\nred\n");
        Assert.Equal((400, "urn:weir:problem:import-unreadable"), (status, problem.Text("type")));
    }

    [Fact]
    public async Task A_crawl_is_leased_kept_by_heartbeat_and_completed_with_its_history()
    {
        var (client, site, tenant) = await NewTenantAsync();
        long target = await NewTargetAsync(client, site);
        await CrawlAsync(tenant, site, target, times: 3);
        Assert.Empty((await PostAsync(client, "/v1/scans/lease?engine=perplexity", "")).GetProperty("scans").EnumerateArray());
        var scan = Assert.Single((await PostAsync(client, "/v1/scans/lease", """{"engine":"chatgpt","max":10,"leaseSeconds":30,"worker":"w1"}"""))
            .GetProperty("scans").EnumerateArray());
        Assert.Equal(("Acme", "best widgets", "chatgpt", 1L), (scan.Text("brand"), scan.Text("query"), scan.Text("engine"), scan.Long("attempt")));
        Assert.Matches("^GPTBot \\(verified\\) fetched /pricing .* ago, 3 fetches, never scanned before; feeds chatgpt with weight 0.4.$", scan.Text("whyNow"));
        Assert.Equal(3, scan.GetProperty("triggers").GetArrayLength());
        string hold = $"\"id\":{scan.Long("id")},\"fencingToken\":{scan.Long("fencingToken")}";
        Assert.Equal("leased", (await PostAsync(client, "/v1/scans/heartbeat", $"{{{hold},\"leaseSeconds\":60}}")).Text("state"));
        string complete = $"{{{hold},\"result\":\"cited\",\"evidence\":{{\"url\":\"https://x/pricing\"}}}}";
        Assert.Equal("done", (await PostAsync(client, "/v1/scans/complete", complete)).Text("state"));
        Assert.Equal("done", (await PostAsync(client, "/v1/scans/complete", complete)).Text("state"));
        var seen = await client.JsonAsync($"/v1/scans/{scan.Long("id")}");
        Assert.Equal(("done", "cited", 3), (seen.Text("state"), seen.Text("result"), seen.GetProperty("triggers").GetArrayLength()));
        var result = (await client.JsonAsync($"/v1/targets/{target}/results")).GetProperty("items")[0];
        Assert.Equal("https://x/pricing", result.GetProperty("evidence").Text("url"));
    }

    [Fact]
    public async Task The_client_leases_a_scan_and_completes_it()
    {
        var (client, site, tenant) = await NewTenantAsync();
        long target = await NewTargetAsync(client, site);
        await CrawlAsync(tenant, site, target);
        using var weir = new Weir.Client.WeirClient(api.Url, await api.NewKeyAsync([Scopes.Admin], tenant));

        var scan = Assert.Single((await weir.LeaseScansAsync(new() { Engine = "chatgpt", Max = 10, Worker = "w1" })).Scans);
        Assert.Equal((target, "best widgets"), (scan.Target, scan.Query));
        Assert.Equal("leased", (await weir.HeartbeatScanAsync(new() { Id = scan.Id, FencingToken = scan.FencingToken, LeaseSeconds = 60 })).State);
        var late = await Assert.ThrowsAsync<Weir.Client.WeirException>(() => weir.CompleteScanAsync(
            new() { Id = scan.Id, FencingToken = scan.FencingToken + 1, Result = "gap" }));
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        var evidence = JsonSerializer.SerializeToElement(new { url = "https://x/pricing" });
        await weir.CompleteScanAsync(new() { Id = scan.Id, FencingToken = scan.FencingToken, Result = "cited", Evidence = evidence });

        var results = await weir.AllResultsAsync(target).ToListAsync();
        Assert.Equal("https://x/pricing", Assert.Single(results).Evidence?.GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_late_holder_is_told_who_holds_the_scan()
    {
        var (client, site, tenant) = await NewTenantAsync();
        await CrawlAsync(tenant, site, await NewTargetAsync(client, site));
        var early = (await PostAsync(client, "/v1/scans/lease?leaseSeconds=1&worker=slow", "")).GetProperty("scans")[0];
        JsonElement again = default;
        while (again.ValueKind == JsonValueKind.Undefined)
            again = (await PostAsync(client, "/v1/scans/lease?worker=quick", "")).GetProperty("scans").EnumerateArray().FirstOrDefault();
        Assert.Equal(early.Long("id"), again.Long("id"));
        var (status, problem) = await RefusedAsync(client, "/v1/scans/complete",
            $$"""{"id":{{early.Long("id")}},"fencingToken":{{early.Long("fencingToken")}},"result":"gap"}""");
        Assert.Equal((409, "quick", "leased"), (status, problem.Text("heldBy"), problem.Text("state")));
        string hold = $"\"id\":{again.Long("id")},\"fencingToken\":{again.Long("fencingToken")}";
        var failed = await PostAsync(client, "/v1/scans/fail", $"{{{hold},\"reason\":\"engine said 500\"}}");
        Assert.Equal("queued", failed.Text("state"));
        Assert.Equal("engine said 500", (await client.JsonAsync("/v1/scans?state=queued")).GetProperty("items")[0].Text("reason"));
        Assert.Equal(409, (await RefusedAsync(client, $"/v1/scans/{again.Long("id")}/replay", "")).Status);
    }

    [Fact]
    public async Task Many_scans_are_answered_each_in_one_call()
    {
        var (client, site, tenant) = await NewTenantAsync();
        long target = await NewTargetAsync(client, site);
        await CrawlAsync(tenant, site, target);
        var scan = (await PostAsync(client, "/v1/scans/lease", """{"worker":"w1"}""")).GetProperty("scans")[0];
        Assert.Equal(tenant, scan.Text("tenant"));
        string hold = $"\"id\":{scan.Long("id")},\"fencingToken\":{scan.Long("fencingToken")}";
        var kept = (await PostAsync(client, "/v1/scans/heartbeat/batch", $$"""{"leaseSeconds":60,"scans":[{{{hold}}},{"id":1,"fencingToken":1}]}""")).GetProperty("scans");
        Assert.Equal((200L, "leased", 404L), (kept[0].Long("status"), kept[0].Text("state"), kept[1].Long("status")));
        var queue = await client.JsonAsync("/v1/scans/queue");
        Assert.Equal((1L, 5L), (queue.Long("leased"), queue.GetProperty("engines")[0].Long("ceiling")));
        var failed = (await PostAsync(client, "/v1/scans/fail/batch", $$"""{"scans":[{{{hold}},"reason":"429","kind":"overload","retryAfterSeconds":0}]}""")).GetProperty("scans");
        Assert.Equal("queued", failed[0].Text("state"));
        Assert.Equal("429", (await client.JsonAsync("/v1/scans/queue")).GetProperty("engines")[0].Text("loweredBy"));
        var done = (await PostAsync(client, "/v1/scans/complete/batch", $$"""{"scans":[{{{hold}},"result":"gap"}]}""")).GetProperty("scans");
        Assert.Equal((409L, "w1"), (done[0].Long("status"), done[0].Text("heldBy")));
        Assert.Contains("w1", done[0].Text("detail"));
    }

    [Fact]
    public async Task The_installations_own_worker_leases_for_every_organisation_and_nobody_else_does()
    {
        var (client, site, tenant) = await NewTenantAsync();
        await CrawlAsync(tenant, site, await NewTargetAsync(client, site));
        Assert.Equal(400, (await RefusedAsync(client, "/v1/scans/lease", """{"allTenants":true}""")).Status);
        using var house = api.Client(await api.NewKeyAsync([Scopes.Admin]));
        JsonElement mine = default;
        while (mine.ValueKind == JsonValueKind.Undefined)
            mine = (await PostAsync(house, "/v1/scans/lease", """{"allTenants":true,"max":100,"leaseSeconds":3600}""")).GetProperty("scans").EnumerateArray().FirstOrDefault(s => s.Text("tenant") == tenant);
        string complete = $$"""{"scans":[{"id":{{mine.Long("id")}},"fencingToken":{{mine.Long("fencingToken")}},"result":"cited"}]}""";
        Assert.Equal(200, (await PostAsync(house, "/v1/scans/complete/batch", complete)).GetProperty("scans")[0].Long("status"));
    }

    [Fact]
    public async Task Dead_letters_are_replayed_together_and_the_log_says_who_did()
    {
        var (client, site, tenant) = await NewTenantAsync();
        await CrawlAsync(tenant, site, await NewTargetAsync(client, site));
        var replayed = await PostAsync(client, "/v1/scans/replay", """{"engine":"chatgpt","brand":"Acme"}""");
        Assert.Equal(0, replayed.Long("replayed"));
        Assert.Equal("0 dead letters of chatgpt, Acme", (await client.JsonAsync("/v1/audit?action=scans.replay")).GetProperty("items")[0].Text("detail"));
        Assert.Equal(400, (await RefusedAsync(client, "/v1/scans/replay", """{"engine":"altavista"}""")).Status);
    }

    [Theory]
    [InlineData("/v1/scans/lease", """{"max":0}""", "max")]
    [InlineData("/v1/scans/lease", """{"max":"many"}""", "max")]
    [InlineData("/v1/scans/lease?leaseSeconds=9999", "", "leaseSeconds")]
    [InlineData("/v1/scans/lease?engine=altavista", "", "engine")]
    [InlineData("/v1/scans/lease", """{"engines":"chatgpt"}""", "engines")]
    [InlineData("/v1/scans/complete", "", "id")]
    [InlineData("/v1/scans/complete", """{"id":1,"fencingToken":1,"result":"maybe"}""", "result")]
    [InlineData("/v1/scans/complete", """{"id":1,"result":"gap"}""", "fencingToken")]
    [InlineData("/v1/scans/fail", """{"id":1,"fencingToken":1}""", "reason")]
    [InlineData("/v1/scans/fail", """{"id":1,"fencingToken":1,"reason":"x","kind":"bored"}""", "kind")]
    [InlineData("/v1/scans/complete/batch", """{"scans":[]}""", "scans")]
    [InlineData("/v1/scans/complete/batch", """{"scans":[{"id":1,"fencingToken":1,"result":"gap"},null]}""", "scans[1].id")]
    [InlineData("/v1/scans/heartbeat/batch", """{"scans":[{"id":1}]}""", "scans[0].fencingToken")]
    [InlineData("/v1/scans/fail/batch", """{"scans":[{"id":1,"fencingToken":1}]}""", "scans[0].reason")]
    [InlineData("/v1/scans/heartbeat", """{"id":1,"fencingToken":1,"leaseSeconds":0}""", "leaseSeconds")]
    public async Task A_wrong_call_is_refused_by_field(string url, string body, string field)
    {
        var (client, _, _) = await NewTenantAsync();
        var (status, problem) = await RefusedAsync(client, url, body);
        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task Triggers_are_followed_from_where_one_stopped()
    {
        var (client, site, tenant) = await NewTenantAsync();
        long target = await NewTargetAsync(client, site);
        await CrawlAsync(tenant, site, target, times: 3);
        var first = await client.JsonAsync("/v1/triggers?limit=2");
        Assert.Equal(2, first.GetProperty("items").GetArrayLength());
        var second = await client.JsonAsync($"/v1/triggers?after={first.Text("next")}");
        Assert.Equal(target, Assert.Single(second.GetProperty("items").EnumerateArray()).GetProperty("targets")[0].GetInt64());
        var end = await client.JsonAsync($"/v1/triggers?after={second.Text("next")}");
        Assert.Equal((0, second.Text("next")), (end.GetProperty("items").GetArrayLength(), end.Text("next")));
        Assert.Equal(400, (await client.RefusalAsync("/v1/triggers?after=x")).Status);
        // Some are deleted by age: who stopped before them is told where to go on.
        long gone = long.Parse(first.Text("next")!, System.Globalization.CultureInfo.InvariantCulture);
        await api.Services.GetRequiredService<IControlStore>().WriteAsync(t => t.Connection!.ExecuteAsync(
            "INSERT INTO retention (name, tenant, deleted_id) VALUES ('triggers', @tenant, @gone)", new { tenant, gone }, t));
        Assert.Equal(410, (await client.RefusalAsync($"/v1/triggers?after={gone - 1}")).Status);
        Assert.Single((await client.JsonAsync($"/v1/triggers?after={gone}")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Another_tenant_finds_nothing_and_a_missing_scope_is_named()
    {
        var (client, site, tenant) = await NewTenantAsync();
        long target = await NewTargetAsync(client, site);
        await CrawlAsync(tenant, site, target);
        var scan = (await PostAsync(client, "/v1/scans/lease", "")).GetProperty("scans")[0];
        var (other, _, _) = await NewTenantAsync();
        foreach (string url in new[] { $"/v1/targets/{target}", $"/v1/targets/{target}/results", $"/v1/scans/{scan.Long("id")}" })
            Assert.Equal(404, (await other.RefusalAsync(url)).Status);
        string body = $$"""{"id":{{scan.Long("id")}},"fencingToken":{{scan.Long("fencingToken")}},"result":"gap"}""";
        Assert.Equal(404, (await RefusedAsync(other, "/v1/scans/complete", body)).Status);
        foreach (string url in new[] { "/v1/targets", "/v1/scans", "/v1/triggers" })
            Assert.Empty((await other.JsonAsync(url)).GetProperty("items").EnumerateArray());
        using var reader = api.Client(await api.NewKeyAsync([Scopes.ScansRead], tenant));
        Assert.Equal(403, (await RefusedAsync(reader, "/v1/scans/lease", "")).Status);
        Assert.Equal(403, (await reader.RefusalAsync("/v1/targets")).Status);
        Assert.Equal(403, (await reader.RefusalAsync("/v1/triggers")).Status);
        using var nobody = api.Client(null);
        Assert.Equal(401, (await nobody.RefusalAsync("/v1/scans")).Status);
    }

    private async Task<(HttpClient Client, string Site, string Tenant)> NewTenantAsync()
    {
        string tenant = $"scheduling-{Interlocked.Increment(ref _tenants)}";
        string site = await api.NewSiteAsync(tenant);
        return (api.Client(await api.NewKeyAsync([Scopes.Admin], tenant)), site, tenant);
    }

    private static async Task<long> NewTargetAsync(HttpClient client, string site) => (await PostAsync(client, "/v1/targets",
        $$"""{"brand":"Acme","query":"best widgets","engines":["chatgpt"],"pages":[{"site":"{{site}}","pattern":"/pricing"}]}"""))
        .GetProperty("targets")[0].Long("id");

    /// <summary>Verified crawls of the target's page some seconds ago, planned and due.</summary>
    private async Task CrawlAsync(string tenant, string site, long target, int times = 1)
    {
        var triggers = api.Services.GetRequiredService<ITriggers>();
        var at = TimeProvider.System.GetUtcNow().AddSeconds(-5);
        await triggers.RecordAsync(
            [.. Enumerable.Range(0, times).Select(_ => new NewTrigger(
                new CrawlerFetch(at, at, SiteId.Parse(site), Interlocked.Increment(ref _hits), "GET", "demo.test", "/pricing", 200, "gptbot", Identity.Verified),
                TriggerClass.CrawlChanged, FetchContent.Changed,
                tenant, "chatgpt", 0.4, TimeSpan.FromHours(6), [new TargetMatch(target, 1)]))],
            "test", at);
        await triggers.PlanAsync(new Weir.Scheduling.ScanPolicy.TriggerScanPolicy(new SchedulingSettings()));
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string url, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await client.PostAsync(new Uri(url, UriKind.Relative), content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{url}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<(int Status, JsonElement Problem)> RefusedAsync(HttpClient client, string url, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(url, UriKind.Relative), content);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }
}
