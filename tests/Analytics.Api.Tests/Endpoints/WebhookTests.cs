using System.Net;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Webhooks as an organisation keeps them. Each test has an organisation of its own.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class WebhookTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_webhook_is_made_read_changed_and_removed_and_its_secret_shown_once()
    {
        using var client = await NewClientAsync();
        var (status, made) = await client.SendAsync("POST", "/v1/webhooks", new { url = "https://hooks.example.com/weir?token=t0ken", events = new[] { "trigger.created", "scan.dead" } });
        Assert.Equal(HttpStatusCode.Created, status);
        string id = made.Text("id")!, secret = made.Text("secret")!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.StartsWith("whpk_", made.Text("publicKey"), StringComparison.Ordinal);
        Assert.Equal("hooks.example.com", made.Text("name"));

        var changed = (await client.SendAsync("PUT", $"/v1/webhooks/{id}", new { name = "Mine", events = new[] { "target.changed" }, isEnabled = false })).Body;
        Assert.Equal(("Mine", false, "It was switched off."), (changed.Text("name"), changed.GetProperty("isEnabled").GetBoolean(), changed.Text("disabled")));
        var (_, other) = await client.SendAsync("POST", $"/v1/webhooks/{id}/secret", new { overlapHours = 2 });
        Assert.NotEqual(secret, other.Text("secret"));
        Assert.Equal(JsonValueKind.String, other.GetProperty("oldSecretUntil").ValueKind);

        string[] answers = [await TextAsync(client, "/v1/webhooks"), await TextAsync(client, $"/v1/webhooks/{id}"), await TextAsync(client, "/v1/audit"), changed.GetRawText()];
        Assert.All(answers, a => Assert.False(a.Contains("whsec_", StringComparison.Ordinal) || a.Contains("whsk_", StringComparison.Ordinal) || a.Contains("t0ken", StringComparison.Ordinal), a));
        Assert.Equal(["webhook.secret", "webhook.put", "webhook.put"], (await client.JsonAsync($"/v1/audit?subject={id}")).GetProperty("items").EnumerateArray().Select(n => n.Text("action")));

        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync("DELETE", $"/v1/webhooks/{id}")).Status);
        Assert.Equal(404, (await client.RefusalAsync($"/v1/webhooks/{id}")).Status);
        Assert.Equal(404, (await client.RefusalAsync($"/v1/webhooks/{id}/deliveries")).Status);
    }

    [Theory]
    [InlineData("""{"events":["trigger.created"]}""", "url")]
    [InlineData("""{"url":"ftp://hooks.example.com","events":["trigger.created"]}""", "url")]
    [InlineData("""{"url":"https://user:pw@hooks.example.com","events":["trigger.created"]}""", "url")]
    [InlineData("""{"url":"https://hooks.example.com"}""", "events")]
    [InlineData("""{"url":"https://hooks.example.com","events":[]}""", "events")]
    [InlineData("""{"url":"https://hooks.example.com","events":["trigger.created","everything"]}""", "events")]
    [InlineData("""{"url":"https://hooks.example.com","events":[null]}""", "events")]
    [InlineData("""{"url":"https://hooks.example.com","events":["scan.dead"],"name":"a\nb"}""", "name")]
    public async Task A_wrong_webhook_is_refused_by_field(string body, string field)
    {
        using var client = await NewClientAsync();
        var (status, problem) = await client.SendAsync("POST", "/v1/webhooks", new StringContent(body, null, "application/json"));
        Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity, $"{(int)status}");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
        Assert.Empty((await client.JsonAsync("/v1/webhooks")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_test_is_logged_and_a_delivery_is_sent_again_under_its_id()
    {
        using var client = await NewClientAsync();
        string id = (await client.SendAsync("POST", "/v1/webhooks", new { url = "https://hooks.example.com/", events = new[] { "scan.dead" } })).Body.Text("id")!;
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await client.SendAsync("POST", $"/v1/webhooks/{id}/test")).Status);
        var first = await client.JsonAsync($"/v1/webhooks/{id}/deliveries?limit=2");
        var rest = await client.JsonAsync($"/v1/webhooks/{id}/deliveries?limit=2&cursor={first.Text("next")}");
        var ids = first.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()).Select(d => d.Text("id")).ToList();
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(HttpStatusCode.Accepted, (await client.SendAsync("POST", $"/v1/webhooks/{id}/replay", new { delivery = ids[0] })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync("POST", $"/v1/webhooks/{id}/replay", new { delivery = "msg_nobody" })).Status);
        Assert.Equal(0, (await client.SendAsync("POST", $"/v1/webhooks/{id}/replay", new { from = "2026-01-01T00:00:00Z" })).Body.GetProperty("deliveries").GetInt32());
        foreach (object wrong in (object[])[new { }, new { delivery = ids[0], from = "2026-01-01" }, new { from = "yesterday" }])
            Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync("POST", $"/v1/webhooks/{id}/replay", wrong)).Status);
        Assert.Equal(3, (await client.JsonAsync($"/v1/webhooks/{id}/deliveries")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task An_organisation_has_so_many_webhooks_and_no_more()
    {
        using var client = await NewClientAsync();
        for (int i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Created, (await client.SendAsync("POST", "/v1/webhooks", new { url = "https://hooks.example.com/", events = new[] { "scan.dead" } })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await client.SendAsync("POST", "/v1/webhooks", new { url = "https://hooks.example.com/", events = new[] { "scan.dead" } })).Status);
    }

    private static Task<string> TextAsync(HttpClient client, string url) => client.GetStringAsync(new Uri(url, UriKind.Relative));

    private async Task<HttpClient> NewClientAsync()
    {
        string tenant = api.NewTenant();
        await api.NewSiteAsync(tenant);
        return api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
    }
}
