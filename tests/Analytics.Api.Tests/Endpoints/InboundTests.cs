using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Delivery;
using Weir.Scheduling.Webhooks;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Events that come in signed, by a library that is not ours. Each test has an organisation of its own.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class InboundTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_signed_event_becomes_triggers_once_and_one_that_is_not_signed_none()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        using var client = api.Client(await api.NewKeyAsync([Scopes.Admin], tenant));
        using var nobody = api.Client(null);
        await client.SendAsync("POST", "/v1/targets", new { brand = "Acme", query = "best widgets", engines = new[] { "chatgpt" }, pages = new[] { new { site, pattern = "/pricing" } } });
        var (status, made) = await client.SendAsync("POST", "/v1/events/inbound", new { name = "news" });
        Assert.Equal(HttpStatusCode.Created, status);
        string path = made.Text("path")!, secret = made.Text("secret")!;
        Assert.DoesNotContain("whsec_", (await client.JsonAsync("/v1/events/inbound")).GetRawText(), StringComparison.Ordinal);

        string body = JsonSerializer.Serialize(new { type = "competitor_published", timestamp = TimeProvider.System.GetUtcNow(), data = new { strength = "high", aim = new { brand = "Acme" } } });
        var (first, taken) = await PostAsync(nobody, path, secret, "evt_1", body);
        Assert.True(first == HttpStatusCode.OK, taken.GetRawText());
        Assert.Equal(("recorded", 1), (taken.Text("status"), taken.GetProperty("triggers").GetArrayLength()));
        Assert.Equal("duplicate", (await PostAsync(nobody, path, secret, "evt_1", body)).Body.Text("status"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(nobody, path, WebhookSecret.New(), "evt_2", body)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync("POST", path, new StringContent(body, null, "application/json"))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(nobody, path, secret, "evt_3", body.Replace("Acme", "Nobody", StringComparison.Ordinal))).Status);
        foreach (string odd in (string[])["", "[]", "{", "{\"type\":1}", "{\"type\":\"x\",\"data\":{}}"])
            Assert.True((await PostAsync(nobody, path, secret, "evt_4", odd)).Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity, odd);
        Assert.Single((await client.JsonAsync("/v1/triggers")).GetProperty("items").EnumerateArray());

        // As an older Weir stored it: sealed at the next start, and the same secret still.
        Assert.Equal("sealed", (await StoredAsync(made.Text("id")!))[..6]);
        await WriteAsync($"UPDATE inbound_endpoints SET secret = '{secret}' WHERE id = '{made.Text("id")}'");
        Assert.Equal(1, await api.Services.GetRequiredService<SqlInboundEndpoints>().SealAllAsync());
        Assert.Equal("sealed", (await StoredAsync(made.Text("id")!))[..6]);
        Assert.Equal("recorded", (await PostAsync(nobody, path, secret, "evt_6", body)).Body.Text("status"));

        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync("DELETE", path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(nobody, path, secret, "evt_5", body)).Status);
    }

    private async Task<string> StoredAsync(string id)
    {
        await using var connection = await api.Control.ReadAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT secret FROM inbound_endpoints WHERE id = '{id}'";
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private Task<int> WriteAsync(string sql) => api.Control.WriteAsync(async transaction =>
    {
        await using var command = transaction.Connection!.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, sql);
        return await command.ExecuteNonQueryAsync();
    });

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpClient client, string path, string secret, string id, string body)
    {
        long seconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        string folder = Path.Combine(AppContext.BaseDirectory, "webhooks");
        var (code, signature) = await NodePackages.RunAsync(
            "node", ["sign.mjs", await NodePackages.InstallAsync(folder)], folder, JsonSerializer.Serialize(new { secret, id, seconds, body }));
        Assert.True(code == 0, signature);
        var content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in new[] { ("webhook-id", id), ("webhook-timestamp", $"{seconds}"), ("webhook-signature", signature.Trim()) })
            content.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync("POST", path, content);
    }
}
