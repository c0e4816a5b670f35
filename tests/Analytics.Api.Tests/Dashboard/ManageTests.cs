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

    private async Task<Visitor> OpenAsync(string view)
    {
        await api.Sites.EnsureAsync(Weir.Detection.SiteId.Parse("managed-site"), Tenant, "managed.example");
        var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(await api.NewKeyAsync([Scopes.Admin], Tenant), view, "site=managed-site");
        return visitor;
    }
}
