using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Alerts;

[Collection(AnalyticsCollection.Name)]
public class AlertEndpointTests(AnalyticsFixture api)
{
    private const string HookUrl = "https://hooks.example.com/weir?token=t0ken";
    private const string ChatUrl = "https://hooks.slack.com/services/T0/B0/s3cret";

    [Fact]
    public async Task An_alert_is_made_read_changed_and_removed()
    {
        string url = await UrlAsync();
        var made = await SendAsync(HttpMethod.Post, url, Body(), HttpStatusCode.Created);
        string id = made.Text("id")!;
        Assert.Equal(20, made.GetProperty("rule").GetProperty("minHits").GetInt32());
        Assert.Equal(24, made.GetProperty("rule").GetProperty("windowHours").GetInt32());

        var listed = Assert.Single((await api.Api.JsonAsync(url)).GetProperty("items").EnumerateArray());
        Assert.Equal(id, listed.Text("id"));
        Assert.Empty(listed.GetProperty("firing").EnumerateArray());

        var changed = Body();
        changed["rule"] = new JsonObject { ["kind"] = "not-crawled", ["pathPrefix"] = "/pricing", ["days"] = 3 };
        changed["cooldownMinutes"] = 5;
        changed["isEnabled"] = false;
        await SendAsync(HttpMethod.Put, $"{url}/{id}", changed, HttpStatusCode.OK);
        var read = await api.Api.JsonAsync($"{url}/{id}");
        Assert.Equal("not-crawled", read.GetProperty("rule").Text("kind"));
        Assert.Equal((5, false), (read.GetProperty("cooldownMinutes").GetInt32(), read.GetProperty("isEnabled").GetBoolean()));

        await SendAsync(HttpMethod.Delete, $"{url}/{id}", null, HttpStatusCode.NoContent);
        Assert.Equal(404, (await api.Api.RefusalAsync($"{url}/{id}")).Status);
        await SendAsync(HttpMethod.Delete, $"{url}/{id}", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Secrets_are_shown_once_to_whoever_had_them_made_and_never_else()
    {
        string url = await UrlAsync();
        var body = Body();
        string own = "whsec_" + Convert.ToBase64String(new byte[32]);
        body["channels"]!.AsArray().Add(new JsonObject { ["kind"] = "webhook", ["url"] = HookUrl, ["secret"] = own });
        body["channels"]!.AsArray().Add(new JsonObject { ["kind"] = "slack", ["url"] = ChatUrl });
        var made = await SendAsync(HttpMethod.Post, url, body, HttpStatusCode.Created);
        string secret = made.GetProperty("channels")[0].Text("secret")!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        string id = made.Text("id")!;

        var kept = Body();
        kept["channels"] = new JsonArray([.. made.GetProperty("channels").EnumerateArray().Select(c => new JsonObject { ["id"] = c.Text("id") })]);
        var written = await SendAsync(HttpMethod.Put, $"{url}/{id}", kept, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Post, $"{url}/{id}/test", null, HttpStatusCode.Accepted);
        var noted = (await api.Api.JsonAsync($"/v1/audit?subject={id}")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["alert.put", "alert.put"], noted.Select(n => n.Text("action")));
        string[] answers =
        [
            await api.Api.GetStringAsync(new Uri($"/v1/audit?subject={id}", UriKind.Relative)),
            made.GetRawText().Replace(secret, "", StringComparison.Ordinal), written.GetRawText(), await api.Api.GetStringAsync(new Uri(url, UriKind.Relative)),
            await api.Api.GetStringAsync(new Uri($"{url}/{id}", UriKind.Relative)), await api.Api.GetStringAsync(new Uri($"{url}/{id}/deliveries", UriKind.Relative)),
        ];
        Assert.All(answers, a => Assert.DoesNotContain("whsec_", a, StringComparison.Ordinal));
        Assert.All(answers, a => Assert.DoesNotContain("s3cret", a, StringComparison.Ordinal));
        Assert.All(answers, a => Assert.DoesNotContain("t0ken", a, StringComparison.Ordinal));
        Assert.DoesNotContain("whsec_", api.Log.ToString(), StringComparison.Ordinal);
        Assert.Equal(["webhook", "webhook", "slack"], written.GetProperty("channels").EnumerateArray().Select(c => c.Text("kind")));
    }

    [Fact]
    public async Task A_test_is_queued_for_each_channel_and_can_be_replayed_under_its_id()
    {
        string url = await UrlAsync();
        var body = Body();
        body["channels"]!.AsArray().Add(new JsonObject { ["kind"] = "email", ["to"] = new JsonArray("ops@example.com") });
        string id = (await SendAsync(HttpMethod.Post, url, body, HttpStatusCode.Created)).Text("id")!;

        var sent = (await SendAsync(HttpMethod.Post, $"{url}/{id}/test", null, HttpStatusCode.Accepted)).GetProperty("deliveries").EnumerateArray().Select(d => d.GetString()).ToList();

        Assert.Equal(2, sent.Count);
        var log = (await api.Api.JsonAsync($"{url}/{id}/deliveries")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(sent.Order(), log.Select(d => d.Text("id")).Order());
        Assert.All(log, d => Assert.Equal(("alert.test", "waiting"), (d.Text("type"), d.Text("state"))));
        var first = await api.Api.JsonAsync($"{url}/{id}/deliveries?limit=1");
        var second = await api.Api.JsonAsync($"{url}/{id}/deliveries?limit=1&cursor={first.Text("next")}");
        Assert.Equal(sent.Order(), new[] { first, second }.Select(p => p.GetProperty("items")[0].Text("id")).Order());

        var replayed = await SendAsync(HttpMethod.Post, $"{url}/{id}/deliveries/{sent[0]}/replay", null, HttpStatusCode.Accepted);
        Assert.Equal(sent[0], replayed.Text("id"));
        await SendAsync(HttpMethod.Post, $"{url}/{id}/deliveries/msg_none/replay", null, HttpStatusCode.NotFound);
        // Of another alert's delivery nothing is said.
        string other = (await SendAsync(HttpMethod.Post, url, Body(), HttpStatusCode.Created)).Text("id")!;
        await SendAsync(HttpMethod.Post, $"{url}/{other}/deliveries/{sent[0]}/replay", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Tests_that_nobody_takes_are_bounded()
    {
        string url = await UrlAsync();
        string id = (await SendAsync(HttpMethod.Post, url, Body(), HttpStatusCode.Created)).Text("id")!;
        for (int i = 0; i < 20; i++)
            await SendAsync(HttpMethod.Post, $"{url}/{id}/test", null, HttpStatusCode.Accepted);
        await SendAsync(HttpMethod.Post, $"{url}/{id}/test", null, HttpStatusCode.TooManyRequests);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "name", """{"name":""}""" },
        { "name", """{"name":"a\nb"}""" },
        { "name", """{"name":5}""" },
        { "rule", """{"rule":null}""" },
        { "rule.kind", """{"rule":{}}""" },
        { "rule.kind", """{"rule":{"kind":"everything"}}""" },
        { "rule.kind", """{"rule":{"kind":null}}""" },
        { "rule.rate", """{"rule":{"kind":"spoofing","rate":1.5}}""" },
        { "rule.rate", """{"rule":{"kind":"spoofing","rate":"much"}}""" },
        { "rule.rate", """{"rule":{"kind":"robots","rate":0.5}}""" },
        { "rule.minHits", """{"rule":{"kind":"spoofing","minHits":0}}""" },
        { "rule.windowHours", """{"rule":{"kind":"spoofing","windowHours":5}}""" },
        { "rule.factor", """{"rule":{"kind":"crawl-stopped","factor":1}}""" },
        { "rule.days", """{"rule":{"kind":"not-crawled","pathPrefix":"/","days":29}}""" },
        { "rule.pathPrefix", """{"rule":{"kind":"not-crawled"}}""" },
        { "rule.pathPrefix", """{"rule":{"kind":"not-crawled","pathPrefix":"pricing"}}""" },
        { "rule.pathPrefix", """{"rule":{"kind":"not-crawled","pathPrefix":"/a\u0000b"}}""" },
        { "rule.crawlers", """{"rule":{"kind":"robots","crawlers":["'; DROP TABLE hits"]}}""" },
        { "rule.crawlers", """{"rule":{"kind":"robots","crawlers":[null]}}""" },
        { "rule.purposes", """{"rule":{"kind":"robots","purposes":["fun"]}}""" },
        { "rule.sql", """{"rule":{"kind":"robots","sql":"SELECT 1"}}""" },
        { "cooldownMinutes", """{"cooldownMinutes":-1}""" },
        { "channels", """{"channels":[]}""" },
        { "channels", """{"channels":[null]}""" },
        { "channels[0].kind", """{"channels":[{}]}""" },
        { "channels[0].kind", """{"channels":[{"kind":"pigeon"}]}""" },
        { "channels[0].id", """{"channels":[{"id":"chn_of_somebody_else"}]}""" },
        { "channels[0].url", """{"channels":[{"kind":"webhook"}]}""" },
        { "channels[0].url", """{"channels":[{"kind":"webhook","url":"ftp://example.com/"}]}""" },
        { "channels[0].url", """{"channels":[{"kind":"webhook","url":"https://u:p@example.com/"}]}""" },
        { "channels[0].url", """{"channels":[{"kind":"email","url":"https://example.com/","to":["a@example.com"]}]}""" },
        { "channels[0].secret", """{"channels":[{"kind":"webhook","url":"https://example.com/","secret":"short"}]}""" },
        { "channels[0].secret", """{"channels":[{"kind":"slack","url":"https://example.com/","secret":"x"}]}""" },
        { "channels[0].to", """{"channels":[{"kind":"email","to":[]}]}""" },
        { "channels[0].to", """{"channels":[{"kind":"email","to":["a@example.com\r\nBcc: b@example.com"]}]}""" },
        { "channels[0].to", """{"channels":[{"kind":"webhook","url":"https://example.com/","to":["a@example.com"]}]}""" },
        { "nonsense", """{"nonsense":1}""" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_cannot_be_used_is_named(string field, string json)
    {
        string url = await UrlAsync();
        var body = Body();
        foreach (var (name, value) in JsonNode.Parse(json)!.AsObject().ToList())
            body[name] = value?.DeepClone();

        var problem = await SendAsync(HttpMethod.Post, url, body, HttpStatusCode.BadRequest);

        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
        Assert.Empty((await api.Api.JsonAsync(url)).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\"a\"")]
    public async Task A_body_of_another_form_is_refused(string text)
    {
        using var content = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        using var response = await api.Api.PostAsync(new Uri(await UrlAsync(), UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/a%20b")]
    [InlineData("/alr_none")]
    [InlineData("/a'b")]
    [InlineData("/alr_none/deliveries")]
    public async Task An_id_that_is_none_is_unknown(string path) => Assert.Equal(404, (await api.Api.RefusalAsync(await UrlAsync() + path)).Status);

    [Fact]
    public async Task A_cursor_of_another_form_is_refused()
    {
        string url = await UrlAsync();
        string id = (await SendAsync(HttpMethod.Post, url, Body(), HttpStatusCode.Created)).Text("id")!;
        foreach (string cursor in (string[])["x", "1", "1-", "1-a%00b", "99999999999999999999-a"])
            Assert.Equal(400, (await api.Api.RefusalAsync($"{url}/{id}/deliveries?cursor={cursor}")).Status);
        Assert.Equal(400, (await api.Api.RefusalAsync($"{url}/{id}/deliveries?limit=0")).Status);
    }

    [Fact]
    public async Task An_alert_of_one_site_is_none_of_another()
    {
        string url = await UrlAsync(), other = await UrlAsync();
        string id = (await SendAsync(HttpMethod.Post, url, Body(), HttpStatusCode.Created)).Text("id")!;
        Assert.Equal(404, (await api.Api.RefusalAsync($"{other}/{id}")).Status);
        await SendAsync(HttpMethod.Put, $"{other}/{id}", Body(), HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Delete, $"{other}/{id}", null, HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Post, $"{other}/{id}/test", null, HttpStatusCode.NotFound);
        Assert.Equal(404, (await api.Api.RefusalAsync($"{other}/{id}/deliveries")).Status);
    }

    [Fact]
    public async Task A_key_that_reads_changes_nothing()
    {
        string url = await UrlAsync();
        string id = (await SendAsync(HttpMethod.Post, url, Body(), HttpStatusCode.Created)).Text("id")!;
        using var reader = api.Client(await api.NewKeyAsync([Scopes.SitesRead]));
        await reader.JsonAsync($"{url}/{id}");
        using var response = await reader.PostAsync(new Uri($"{url}/{id}/test", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static JsonObject Body() => new()
    {
        ["name"] = "Spoofed crawlers",
        ["rule"] = new JsonObject { ["kind"] = "spoofing" },
        ["channels"] = new JsonArray(new JsonObject { ["kind"] = "webhook", ["url"] = HookUrl }),
    };

    private async Task<string> UrlAsync() => $"/v1/sites/{await api.NewSiteAsync()}/alerts";

    private async Task<JsonElement> SendAsync(HttpMethod method, string url, JsonObject? body, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await api.Api.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{method} {url}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
