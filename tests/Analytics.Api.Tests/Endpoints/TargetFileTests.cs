using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Targets by the file, and what targets have in common. Each test has a tenant of its own.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class TargetFileTests(AnalyticsFixture api)
{
    private const string Header = "brand,query,engine,site,pattern\n";

    [Fact]
    public async Task A_large_file_is_taken_followed_and_its_errors_saved()
    {
        var (client, site) = await NewTenantAsync();
        var csv = new StringBuilder(Header);
        for (int i = 0; i < 30_000; i++)
            csv.Append($"Acme,a question of some length about number {i},{(i % 1000 == 3 ? "altavista" : "chatgpt")},{site},/page-{i}\n");
        byte[] packed = Gzip(csv.ToString());
        using var form = new MultipartFormDataContent { { new StringContent("x"), "comment" }, { new ByteArrayContent(packed), "file", "queries.csv.gz" } };
        using var taken = await client.PostAsync(new Uri("/v1/targets/import", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        string at = taken.Headers.Location!.OriginalString;
        JsonElement job;
        while ((job = await client.JsonAsync(at)).Text("state") is "waiting" or "running")
            await Task.Yield();
        Assert.Equal(("done", 30_000L, 29_970L, 30L), (job.Text("state"), job.Long("rows"), job.Long("created"), job.Long("rejected")));
        Assert.True(job.Long("rowsPerSecond") > 0);
        var errors = await client.JsonAsync($"{at}/errors?limit=20");
        Assert.Equal((5L, "engines[0]"), (errors.GetProperty("items")[0].Long("line"), errors.GetProperty("items")[0].Text("field")));
        Assert.Equal(10, (await client.JsonAsync($"{at}/errors?limit=20&cursor={errors.Text("next")}")).GetProperty("items").GetArrayLength());
        string saved = await client.GetStringAsync(new Uri($"{at}/errors?format=csv&limit=10000", UriKind.Relative));
        Assert.StartsWith("line,field,error\r\n5,engines[0],", saved, StringComparison.Ordinal);
        Assert.Equal(31, saved.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single((await client.JsonAsync("/v1/targets/imports")).GetProperty("items").EnumerateArray());

        using var stranger = api.Client(await api.NewKeyAsync([Scopes.Admin], "acme"));
        Assert.Equal(404, (await stranger.RefusalAsync(at)).Status);
        Assert.Equal(404, (await stranger.RefusalAsync($"{at}/errors")).Status);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public async Task An_export_is_imported_again_and_changes_nothing(string format)
    {
        var (client, site) = await NewTenantAsync();
        var first = await ImportAsync(client, $"{Header.TrimEnd()},topics\nAcme,\"q, with comma\",chatgpt;gemini,{site},/a;/b,prices\n{"Acme"},q2,chatgpt,,,prices|plans\n");
        Assert.Equal((2L, 3L), (first.Long("rows"), first.Long("created")));
        string export = await client.GetStringAsync(new Uri($"/v1/targets/export?format={format}", UriKind.Relative));
        var again = await ImportAsync(client, export);
        // CSV has a row for each page.
        Assert.Equal((0L, 0L, 0L, format == "csv" ? 5L : 3L), (again.Long("created"), again.Long("linked"), again.Long("rejected"), again.Long("unchanged")));
        Assert.Equal(400, (await client.RefusalAsync("/v1/targets/export?format=xlsx")).Status);
    }

    [Fact]
    public async Task A_pattern_without_a_crawled_page_is_warned_of()
    {
        var (client, site) = await NewTenantAsync();
        var now = TimeProvider.System.GetUtcNow();
        await api.StoreAsync((new TestHit(site, now) { Path = "/pricing/" }).GptBot());
        var summary = await ImportAsync(client, $"{Header}Acme,q,chatgpt,{site},/pricing\nAcme,q,chatgpt,{site},/prices/*\n");
        var warning = Assert.Single(summary.GetProperty("warnings").EnumerateArray());
        Assert.Equal(("/prices/*", 0L), (warning.Text("pattern"), warning.Long("pages")));
        using var made = await client.PostAsJsonAsync("/v1/targets", new { brand = "Acme", query = "q", engine = "chatgpt", pages = new[] { new { site, pattern = "/Pricing" } } });
        Assert.Equal("/Pricing", Assert.Single((await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("warnings").EnumerateArray()).Text("pattern"));
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n", "no file")]
    [InlineData("multipart/form-data", "brand", "no boundary")]
    [InlineData("text/csv", "\u001f\u008bno gzip at all", "unpacked")]
    public async Task A_broken_upload_says_what_is_wrong(string type, string body, string says)
    {
        var (client, _) = await NewTenantAsync();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await client.PostAsync(new Uri("/v1/targets/import", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, (await answer.Content.ReadFromJsonAsync<JsonElement>()).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topics_and_brands_are_written_listed_renamed_and_deleted()
    {
        var (client, site) = await NewTenantAsync();
        await ImportAsync(client, $"brand,query,engine,topics\nAcme,q1,chatgpt,prices\nAcme,q2,chatgpt,prices\nOther,q3,chatgpt,plans\n");
        var (status, topic) = await client.SendAsync("POST", "/v1/topics", new { name = "prices", pages = new[] { new { site, pattern = "/pricing" } } });
        Assert.Equal((HttpStatusCode.OK, 2L), (status, topic.Long("queries")));
        Assert.Single(topic.GetProperty("warnings").EnumerateArray());
        Assert.Equal(2, (await client.JsonAsync("/v1/topics")).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.Conflict, (await client.SendAsync("PATCH", $"/v1/topics/{topic.Long("id")}", new { name = "plans" })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync("PATCH", $"/v1/topics/{topic.Long("id")}", new { name = "" })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync("PATCH", $"/v1/topics/{topic.Long("id")}", new { name = "pricing" })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync("DELETE", $"/v1/topics/{topic.Long("id")}")).Status);
        var brands = (await client.JsonAsync("/v1/brands")).GetProperty("items");
        Assert.Equal([("Acme", 2L), ("Other", 1L)], brands.EnumerateArray().Select(b => (b.Text("name")!, b.Long("targets"))));
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync("DELETE", $"/v1/brands/{brands[0].Long("id")}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync("DELETE", $"/v1/brands/{brands[0].Long("id")}")).Status);
        Assert.Single((await client.JsonAsync("/v1/targets")).GetProperty("items").EnumerateArray());
        var actions = (await client.JsonAsync("/v1/audit")).GetProperty("items").EnumerateArray().Select(a => a.Text("action")).ToList();
        Assert.Equal(["brand.remove", "topic.remove", "topic.rename", "topic.put", "target.import"], actions.Take(5));
    }

    [Fact]
    public async Task Events_are_answered_each_for_itself()
    {
        var (client, site) = await NewTenantAsync();
        await ImportAsync(client, $"{Header}Acme,q1,chatgpt;gemini,{site},/pricing\n");
        var (status, answer) = await client.SendAsync("POST", "/v1/events", new object[]
        {
            new { key = "a", kind = "competitor_published", strength = "high", aim = new { brand = "Acme" } },
            new { key = "a", kind = "competitor_published", aim = new { brand = "Acme" } },
            new { key = "b", kind = "query_trending", aim = new { query = "q9" } },
            new { key = "c", kind = "ai_model_updated", aim = new { engine = "altavista" } },
            new { key = "d", kind = "query_trending", aim = new { url = $"https://{site}/pricing?x=1" } },
            new { key = "e", kind = "rain", at = "yesterday", strength = "very", aim = new { }, colour = 1 },
        });
        Assert.Equal((HttpStatusCode.OK, 2L, 1L, 3L), (status, answer.Long("recorded"), answer.Long("duplicates"), answer.Long("rejected")));
        var events = answer.GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(["recorded", "duplicate", "rejected", "rejected", "recorded", "rejected"], events.Select(e => e.Text("status")));
        Assert.Equal(["aim.query", "aim.engine", "colour"], events.Where(e => e.Text("status") == "rejected").Select(e => e.GetProperty("errors")[0].Text("field")));
        Assert.Equal(2, events[4].Long("targets"));
        var triggers = (await client.JsonAsync("/v1/triggers")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["competitor", "competitor", "trending", "trending"], triggers.Select(t => t.Text("class")));
        Assert.Equal(["a", "a", "d", "d"], triggers.Select(t => t.Text("event")));
    }

    [Fact]
    public async Task An_address_on_a_host_of_a_stored_definition_is_its_owners_page_and_nobody_elses()
    {
        var (client, site) = await NewTenantAsync();
        object definition = new { hosts = new[] { $"www.{site}.example", $"*.{site}.test" }, origins = new[] { "https://origin.example" } };
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync("PUT", $"/v1/sites/{site}/definition", definition)).Status);
        var (status, made) = await client.SendAsync("POST", "/v1/targets", new { brand = "Acme", query = "q1", engine = "chatgpt", pages = new[] { new { pattern = $"https://www.{site}.example/pricing" } } });
        Assert.True(status == HttpStatusCode.OK, made.GetRawText());
        Assert.Equal(site, (await client.JsonAsync("/v1/targets")).GetProperty("items")[0].GetProperty("pages")[0].Text("site"));
        object news = new { kind = "query_trending", aim = new { url = $"https://shop.{site}.TEST/pricing?x=1" } };
        Assert.Equal(1, (await client.SendAsync("POST", "/v1/events", news)).Body.GetProperty("events")[0].Long("targets"));

        var (other, _) = await NewTenantAsync();
        var (refused, problem) = await other.SendAsync("POST", "/v1/events", news);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "aim.url"), (refused, problem.GetProperty("events")[0].GetProperty("errors")[0].Text("field")));
        Assert.DoesNotContain($"'{site}'", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_are_all_wrong_are_refused_with_every_reason()
    {
        var (client, _) = await NewTenantAsync();
        var (status, problem) = await client.SendAsync("POST", "/v1/events", new { kind = "rain", at = "yesterday", strength = "very" });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "urn:weir:problem:events"), (status, problem.Text("type")));
        Assert.Equal(["kind", "strength", "at"], problem.GetProperty("events")[0].GetProperty("errors").EnumerateArray().Select(e => e.Text("field")));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync("POST", "/v1/events", Array.Empty<object>())).Status);
    }

    [Fact]
    public async Task A_sitemap_that_names_a_new_page_or_a_newer_date_makes_triggers_of_linked_pages()
    {
        var (client, site) = await NewTenantAsync();
        await ImportAsync(client, $"{Header}Acme,q1,chatgpt,{site},/docs/*\n");
        static string Xml(params (string Path, string Date)[] pages) => "<urlset>" + string.Concat(pages.Select(p => $"<url><loc>https://x.test{p.Path}</loc><lastmod>{p.Date}</lastmod></url>")) + "</urlset>";
        Assert.Equal(JsonValueKind.Null, (await PutAsync(client, site, Xml(("/docs/a", "2026-01-01"), ("/docs/b", "2026-01-01"), ("/about", "2026-01-01")))).GetProperty("changes").ValueKind);
        var changed = (await PutAsync(client, site, Xml(("/docs/a", "2026-01-01"), ("/docs/b", "2026-01-02"), ("/docs/c", "2026-01-01"), ("/about", "2026-02-01")))).GetProperty("changes");
        Assert.Equal((3L, 2L, 0L), (changed.Long("pages"), changed.Long("triggers"), changed.Long("passedOver")));
        var triggers = (await client.JsonAsync("/v1/triggers")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([("/docs/b", "sitemap"), ("/docs/c", "sitemap")], triggers.Select(t => (t.Text("path")!, t.Text("class")!)).Order());
        Assert.Equal(0, (await PutAsync(client, site, Xml(("/docs/a", "2026-01-01"), ("/docs/b", "2026-01-02"), ("/docs/c", "2026-01-01")))).GetProperty("changes").Long("pages"));
    }

    private static async Task<JsonElement> PutAsync(HttpClient client, string site, string xml)
    {
        using var content = new StringContent(xml, Encoding.UTF8, "application/xml");
        using var answer = await client.PutAsync(new Uri($"/v1/sites/{site}/sitemap", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<(HttpClient Client, string Site)> NewTenantAsync()
    {
        string tenant = api.NewTenant();
        string site = await api.NewSiteAsync(tenant);
        return (api.Client(await api.NewKeyAsync([Scopes.Admin], tenant)), site);
    }

    private static async Task<JsonElement> ImportAsync(HttpClient client, string file)
    {
        using var content = new StringContent(file, Encoding.UTF8, "text/csv");
        using var answer = await client.PostAsync(new Uri("/v1/targets/import", UriKind.Relative), content);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body.ToString());
        return body;
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
