using System.Net;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class AuditTests(AnalyticsFixture api)
{
    [Fact]
    public async Task Keys_members_definitions_and_rules_are_logged_with_who_changed_them_from_where()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant), key = await api.NewKeyAsync([Scopes.Admin], tenant);
        using var admin = api.Client(key);
        await admin.SendAsync("POST", "/v1/organisation/members", new { email = "ann@example.com", role = "owner" });
        string made = (await admin.SendAsync("POST", "/v1/keys", new { scopes = new[] { Scopes.AnalyticsRead } })).Body.GetProperty("row").Text("id")!;
        await admin.SendAsync("DELETE", $"/v1/keys/{made}");
        await admin.SendAsync("DELETE", $"/v1/keys/{made}");
        await admin.SendAsync("PUT", $"/v1/sites/{site}/definition", new
        {
            hosts = new[] { $"{site}.example" },
            origins = new[] { "https://origin.example" },
            policy = new[] { new { name = "spoofed", identities = "spoofed", action = "block" } },
        });
        await admin.SendAsync("POST", $"/v1/sites/{site}/policy/rules/spoofed/enforce");
        await admin.SendAsync("DELETE", $"/v1/sites/{site}/definition");

        var log = (await admin.JsonAsync("/v1/audit")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(
            ["definition.remove", "rule.enforce", "definition.put", "key.revoke", "key.create", "member.invite", "key.create"], log.Select(e => e.Text("action")!));
        Assert.All(log.SkipLast(1), e => Assert.Equal(("key", key[5..15], "127.0.0.1"),
            (e.GetProperty("actor").Text("kind"), e.GetProperty("actor").Text("id"), e.Text("address"))));
        Assert.Equal((site, "spoofed"), (log[1].Text("subject"), log[1].Text("detail")));
        Assert.Equal(made, log[4].Text("subject"));
        Assert.Equal("account", log[^1].GetProperty("actor").Text("kind"));

        var second = await admin.JsonAsync($"/v1/audit?limit=2&cursor={log[1].Long("id")}");
        Assert.Equal(log.Skip(2).Take(2).Select(e => e.Long("id")), second.GetProperty("items").EnumerateArray().Select(e => e.Long("id")));
        Assert.Equal(2, (await admin.JsonAsync("/v1/audit?action=key.create")).GetProperty("items").GetArrayLength());
        Assert.Equal((int)HttpStatusCode.BadRequest, (await admin.RefusalAsync("/v1/audit?action=nothing")).Status);
        Assert.Equal((int)HttpStatusCode.BadRequest, (await admin.RefusalAsync("/v1/audit?cursor=x")).Status);
    }

    [Fact]
    public async Task Another_organisation_s_log_is_not_shown()
    {
        await api.NewKeyAsync([Scopes.Admin], api.NewTenant());
        using var stranger = api.Client(await api.NewKeyAsync([Scopes.Admin], api.NewTenant()));

        Assert.Single((await stranger.JsonAsync("/v1/audit")).GetProperty("items").EnumerateArray());
    }
}
