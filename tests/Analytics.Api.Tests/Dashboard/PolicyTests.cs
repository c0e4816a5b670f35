using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Detection;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Journey of a rule: seen in dry run with its figures, enforced by one click, returned to dry run.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class PolicyTests(AnalyticsFixture api, BrowserFixture browser)
{
    private static int _sites;

    [Fact]
    public async Task A_rule_is_enforced_by_one_click_and_a_second_to_be_sure()
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "policy", $"site={site}&range=30d");
        var rule = visitor.Page.Locator("[data-rule='spoofed-ai']");
        await Expect(rule).ToContainTextAsync("Would have blocked 312 of 9,840 hits in 30 days, 0 likely people");
        await Expect(rule.Locator(".mode")).ToHaveTextAsync("dry run");

        await rule.GetByRole(AriaRole.Button, new() { Name = "Enforce: spoofed-ai" }).ClickAsync();
        Assert.Equal("dry-run", await ModeAsync(site));
        await rule.GetByRole(AriaRole.Button, new() { Name = "Enforce now" }).ClickAsync();

        await Expect(rule.Locator(".mode")).ToHaveTextAsync("enforced");
        await Expect(visitor.Page.Locator(".said")).ToContainTextAsync("spoofed-ai is enforced");
        Assert.Equal("enforce", await ModeAsync(site));
        await rule.GetByRole(AriaRole.Button, new() { Name = "Return to dry run: spoofed-ai" }).ClickAsync();
        await rule.GetByRole(AriaRole.Button, new() { Name = "Return to dry run", Exact = true }).ClickAsync();
        await Expect(rule.Locator(".mode")).ToHaveTextAsync("dry run");
        Assert.Equal("dry-run", await ModeAsync(site));
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task A_keyboard_turns_a_rule_on_and_can_think_better_of_it()
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "policy", $"site={site}&range=30d");
        var enforce = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Enforce: spoofed-ai" });
        await enforce.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        var sure = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Enforce now" });
        await Expect(sure).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Escape");
        await Expect(enforce).ToBeFocusedAsync();
        Assert.Equal("dry-run", await ModeAsync(site));
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(sure).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Return to dry run: spoofed-ai" })).ToBeFocusedAsync();
        Assert.Equal("enforce", await ModeAsync(site));
    }

    [Fact]
    public async Task Rules_of_a_file_say_where_they_are_changed_and_have_no_switch()
    {
        string site = AnalyticsFixture.FileSite.Id.Value;
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()) { DryRunRule = "no-training", DryRunAction = "block" });
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "policy", $"site={site}&range=24h");
        var panel = visitor.Page.Locator("section:has(#policy)");
        await Expect(panel).ToContainTextAsync("These rules stand in weir.json: change a rule's \"mode\" there.");
        await Expect(panel).ToContainTextAsync("purposes ai-training");
        await Expect(panel).ToContainTextAsync("1 likely person");
        await Expect(panel.GetByRole(AriaRole.Button, new() { NameRegex = new("Enforce") })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_key_without_the_right_sees_the_figures_and_what_it_lacks()
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(await api.NewKeyAsync([Scopes.AnalyticsRead]), "policy", $"site={site}&range=30d");
        var panel = visitor.Page.Locator("section:has(#policy)");
        await Expect(panel).ToContainTextAsync("sites:write");
        await Expect(panel).ToContainTextAsync("312");
        await Expect(panel.GetByRole(AriaRole.Button, new() { NameRegex = new("Enforce") })).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    [InlineData(320, ColorScheme.Light)]
    public async Task Axe_finds_nothing_in_either_step_and_the_page_never_scrolls_sideways(int width, ColorScheme scheme)
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        await visitor.OpenAsync(api.AdminKey, "policy", $"site={site}&range=30d");
        var enforce = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Enforce: spoofed-ai" });
        await enforce.ScrollIntoViewIfNeededAsync();
        Assert.Empty(await visitor.AxeAsync());
        await enforce.ClickAsync();
        Assert.Empty(await visitor.AxeAsync());
        Assert.True(await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        await Screenshots.TakeAsync(visitor.Page, $"policy-{width}-{scheme}".ToLowerInvariant());
        visitor.AssertStayedHome(api.Log);
    }

    private async Task<string?> ModeAsync(string site)
    {
        var definition = await api.Definitions.FindAsync(SiteId.Parse(site));
        return SiteDefinitionText.TextOf(SiteDefinitionText.RulesOf(definition!.Json)[0], "mode");
    }

    /// <summary>A site in the control store whose first rule would have met 312 of 9,840 hits.</summary>
    private async Task<string> FillAsync()
    {
        string site = $"policy-{Interlocked.Increment(ref _sites)}";
        await api.Definitions.PutAsync(SiteId.Parse(site), Tenant.Default, $$"""
            {
              "id": "{{site}}", "hosts": ["{{site}}.example"], "origins": ["http://127.0.0.1:3000"],
              "policy": [
                { "name": "spoofed-ai", "action": "block", "mode": "dry-run", "identities": "spoofed", "purposes": ["ai-training", "ai-search"] },
                { "name": "be-gentle", "action": "limit", "mode": "enforce", "kinds": "automation", "requests": 60, "seconds": 60 },
                { "name": "pay", "action": "price", "purposes": "ai-training", "price": "USD 0.01" }
              ]
            }
            """, null, new Actor(ActorKind.Account, "test"));
        var now = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await api.StoreAsync(Enumerable.Range(0, 9840).Select(i =>
        {
            var hit = new TestHit(site, now.AddMinutes(-4 * i));
            return i < 312 ? hit.GptBot("spoofed") with { DryRunRule = "spoofed-ai", DryRunAction = "block" }
                : i < 500 ? hit.Library() with { PolicyRule = "be-gentle", PolicyAction = "limit", Status = 429 }
                : i == 600 ? hit with { PolicyRule = "be-gentle", PolicyAction = "within-limit" } : hit;
        }));
        return site;
    }
}
