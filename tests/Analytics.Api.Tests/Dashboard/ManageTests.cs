using System.Net.Http.Json;
using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>What the dashboard changes: keys, members, alerts.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class ManageTests(AnalyticsFixture api, BrowserFixture browser)
{
    private const string Tenant = "managed";

    [Fact]
    public async Task A_key_is_made_shown_once_opens_what_it_says_and_is_revoked()
    {
        await using var visitor = await OpenAsync("settings");
        var panel = visitor.Page.Locator("section:has(#keys)");
        await panel.GetByLabel("Name of a new key").FillAsync("for reports");
        await visitor.Page.Keyboard.PressAsync("Enter");

        string key = await panel.Locator(".secret").InnerTextAsync();
        using (var client = api.Client(key))
        {
            var sites = (await client.JsonAsync("/v1/sites")).GetProperty("items").EnumerateArray().Select(s => s.Text("site")).ToList();
            Assert.Equal(["managed-site"], sites);
        }
        Assert.Empty(await visitor.AxeAsync());
        await visitor.Page.ReloadAsync();
        await Expect(panel.GetByText("for reports")).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator(".secret")).ToHaveCountAsync(0);

        await panel.GetByRole(AriaRole.Button, new() { Name = "Revoke: for reports" }).ClickAsync();
        await Expect(panel.GetByRole(AriaRole.Button, new() { Name = "Revoke now" })).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");

        await Expect(panel.Locator("tr:has-text('for reports')")).ToContainTextAsync("revoked");
        using var late = api.Client(key);
        Assert.Equal(401, (await late.RefusalAsync("/v1/sites")).Status);
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task A_member_is_invited_gets_another_role_and_is_removed()
    {
        await using var visitor = await OpenAsync("settings");
        var panel = visitor.Page.Locator("section:has(#members)");
        await panel.GetByLabel("E-mail of a new member").FillAsync("ada@example.com");
        await panel.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        var role = panel.GetByLabel("Role of ada@example.com");
        await Expect(role).ToHaveValueAsync("viewer");

        await role.SelectOptionAsync("editor");
        await Expect(panel.Locator(".said")).ToContainTextAsync("ada@example.com is editor now.");
        await visitor.Page.ReloadAsync();
        await Expect(role).ToHaveValueAsync("editor");
        await panel.GetByRole(AriaRole.Button, new() { Name = "Remove: ada@example.com" }).ClickAsync();
        await panel.GetByRole(AriaRole.Button, new() { Name = "Remove now" }).ClickAsync();

        await Expect(role).ToHaveCountAsync(0);
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task An_alert_is_made_with_its_secret_shown_once_and_removed()
    {
        await using var visitor = await OpenAsync("alerts");
        var page = visitor.Page;
        await page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^When") }).SelectOptionAsync("spoofing");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name", Exact = true }).FillAsync("Fakes");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "URL" }).FillAsync("https://receiver.example/hook");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make alert" }).ClickAsync();

        await Expect(page.GetByText("whsec_")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Messages of Fakes" })).ToBeVisibleAsync();
        await Expect(page.Locator("tr:has-text('Fakes')").First).ToContainTextAsync("above 20 %");
        Assert.Empty(await visitor.AxeAsync());
        await Screenshots.TakeAsync(page, "alerts", isWhole: true);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Messages of Fakes" })).ToBeVisibleAsync();
        await Expect(page.GetByText("whsec_")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove: Fakes" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it with its log" }).ClickAsync();

        await Expect(page.GetByText("No alert yet.")).ToBeVisibleAsync();
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task An_alert_is_changed_and_keeps_its_channel_and_what_nobody_touched()
    {
        await using var visitor = await OpenAsync("start", "edited-site");
        using var client = api.Client(await api.NewKeyAsync([Scopes.Admin], Tenant));
        using var made = await client.PostAsJsonAsync(new Uri("/v1/sites/edited-site/alerts", UriKind.Relative), new
        {
            name = "Many fakes",
            rule = new { kind = "spoofing", rate = 0.3, minHits = 7, windowHours = 6, purposes = (string[])["ai-search"] },
            channels = new[] { new { kind = "webhook", url = "https://first.example/hook" } },
        });
        string alert = made.Headers.Location!.ToString();
        var page = visitor.Page;
        await visitor.GoAsync("/alerts?site=edited-site");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit Many fakes" }).ClickAsync();
        var form = page.Locator("section:has(#edit-alert)");
        await Expect(form.GetByLabel("More than, in %")).ToHaveValueAsync("30");
        Assert.Empty(await visitor.AxeAsync());
        await Screenshots.TakeAsync(page, "alert-form", isWhole: true);

        await form.GetByRole(AriaRole.Textbox, new() { Name = "Name", Exact = true }).FillAsync("Far too many fakes");
        await form.GetByLabel("More than, in %").FillAsync("45.5");
        await form.GetByLabel("Minutes between messages").FillAsync("15");
        await form.GetByLabel("Looks").UncheckAsync();
        await form.GetByLabel("Tell also by").SelectOptionAsync("webhook");
        await form.GetByRole(AriaRole.Textbox, new() { Name = "URL" }).FillAsync("https://second.example/hook");
        await form.GetByRole(AriaRole.Button, new() { Name = "Change alert" }).ClickAsync();

        await Expect(form.GetByText("whsec_")).ToBeVisibleAsync();
        await Expect(page.Locator("tr:has-text('Far too many fakes')")).ToContainTextAsync("above 46 %");
        var written = await client.JsonAsync(alert);
        var rule = written.GetProperty("rule");
        Assert.Equal((0.455, 7, 6), (rule.GetProperty("rate").GetDouble(), rule.Long("minHits"), rule.Long("windowHours")));
        Assert.Equal("ai-search", Assert.Single(rule.GetProperty("purposes").EnumerateArray()).GetString());
        Assert.Equal((15, false, true), (written.Long("cooldownMinutes"), written.GetProperty("isEnabled").GetBoolean(), written.GetProperty("sendResolved").GetBoolean()));
        Assert.Equal(["https://first.example/hook", "https://second.example/hook"], written.GetProperty("channels").EnumerateArray().Select(c => c.Text("address")));

        await form.GetByLabel("Goes to webhook https://first.example/hook").UncheckAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Change alert" }).ClickAsync();
        await Expect(page.Locator("tr:has-text('Far too many fakes')")).Not.ToContainTextAsync("first.example");
        Assert.Single((await client.JsonAsync(alert)).GetProperty("channels").EnumerateArray());
        using var removed = await client.DeleteAsync(new Uri(alert, UriKind.Relative));
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task A_share_link_shows_the_site_s_figures_and_no_settings_until_it_is_revoked()
    {
        await using var visitor = await OpenAsync("settings");
        var panel = visitor.Page.Locator("section:has(#shares)");
        await panel.GetByLabel("Name of a new link").FillAsync("for the board");
        await panel.GetByRole(AriaRole.Button, new() { Name = "Make link" }).ClickAsync();
        string link = await panel.Locator("[data-share]").InnerTextAsync();
        Assert.Empty(await visitor.AxeAsync());

        await using (var guest = await Visitor.NewAsync(browser, api.Url))
        {
            await guest.GoAsync(new Uri(link).PathAndQuery);
            var views = guest.Page.GetByRole(AriaRole.Navigation, new() { Name = "Views" });
            await Expect(views.GetByRole(AriaRole.Link, new() { Name = "Crawlers" })).ToBeVisibleAsync();
            await Expect(views.GetByRole(AriaRole.Link, new() { NameRegex = new("^(Settings|Alerts|Scans)$") })).ToHaveCountAsync(0);
        }
        await panel.GetByRole(AriaRole.Button, new() { Name = "Revoke: for the board" }).ClickAsync();
        await panel.GetByRole(AriaRole.Button, new() { Name = "Revoke now" }).ClickAsync();

        await Expect(panel.Locator("tr:has-text('for the board')")).ToContainTextAsync("revoked");
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task A_refusal_names_what_is_wrong()
    {
        await using var visitor = await OpenAsync("alerts");
        await visitor.Page.GetByRole(AriaRole.Textbox, new() { Name = "URL" }).FillAsync("no address");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Make alert" }).ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("url");
    }

    private async Task<Visitor> OpenAsync(string view, string site = "managed-site")
    {
        await api.Sites.EnsureAsync(Weir.Detection.SiteId.Parse(site), Tenant, "managed.example");
        var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(await api.NewKeyAsync([Scopes.Admin], Tenant), view, $"site={site}");
        return visitor;
    }
}
