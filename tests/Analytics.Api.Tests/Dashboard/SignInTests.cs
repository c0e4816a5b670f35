using Microsoft.Playwright;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>The ways into the dashboard without a key, in a real browser: a provider, and a share link.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class SignInTests(AnalyticsFixture api, BrowserFixture browser)
{
    [Fact]
    public async Task A_member_comes_in_by_the_provider_and_a_stranger_is_told_why_not()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant, "members.example");
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()).GptBot());
        await using var provider = await OidcProvider.StartAsync();
        (provider.Subject, provider.Email) = (tenant, $"ann@{tenant}.example");
        await using var app = await api.NewAppAsync(new AnalyticsOptions
        {
            Listen = AnalyticsFixture.AnyPort,
            Oidc = new OidcOptions { Authority = provider.Url, ClientId = OidcProvider.ClientId, ClientSecret = OidcProvider.ClientSecret },
        });
        await using var visitor = await Visitor.NewAsync(browser, new Uri(app.Urls.First()));
        var way = visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your organisation" });

        await visitor.GoAsync("/");
        await way.ClickAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("no member here yet");
        Assert.Empty(await visitor.AxeAsync());

        await api.Organisations.InviteAsync(tenant, provider.Email, Roles.Viewer, Actor.Account);
        await way.ClickAsync();
        await Expect(visitor.Page.Locator("header.top")).ToContainTextAsync("members.example");
        Assert.DoesNotContain("code=", visitor.Page.Url, StringComparison.Ordinal);

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(way).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_share_link_shows_the_dashboard_of_its_site_and_leaves_no_cookie()
    {
        string site = await SampleSite.FillAsync(api);
        var made = await Shares.CreateAsync(Tenant.Default, Detection.SiteId.Parse(site), "", null, Actor.Account);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.GoAsync($"/share/{made.Token}");
        await Expect(visitor.Page.Locator("header.top")).ToContainTextAsync("shop.example");
        await visitor.Page.Locator("[data-figure='likely-human'] [data-value]:not([data-value=''])").WaitForAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Crawlers", Exact = true }).First.ClickAsync();
        await Expect(visitor.Page.Locator("main")).ToContainTextAsync("GPTBot");
        Assert.Contains($"/share/{made.Token}/crawlers", visitor.Page.Url, StringComparison.Ordinal);
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.Locator("main")).ToContainTextAsync("GPTBot");

        Assert.Equal(0, await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).CountAsync());
        Assert.Equal(0, await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).CountAsync());
        Assert.Empty(await visitor.Page.Context.CookiesAsync());
        Assert.Empty(await visitor.AxeAsync());
        visitor.AssertStayedHome(api.Log);

        await Shares.RevokeAsync(Tenant.Default, Detection.SiteId.Parse(site), made.Share.Id, Actor.Account);
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.Locator("main")).ToContainTextAsync("The link was revoked");
    }

    private Control.Sql.SqlShares Shares => new(api.Control, TimeProvider.System);
}
