using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>The first page as people use it, in a real browser over real hits.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class DashboardTests(AnalyticsFixture api, BrowserFixture browser)
{
    [Fact]
    public async Task A_key_in_the_fragment_signs_in_once_and_leaves_the_address_bar()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.SignInAsync(api.AdminKey, site);

        Assert.DoesNotContain("key", visitor.Page.Url, StringComparison.Ordinal);
        await visitor.Page.ReloadAsync();
        await visitor.Page.Locator("[data-figure]").First.WaitForAsync();
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task An_imported_log_of_years_ago_is_what_the_first_look_shows()
    {
        string site = await api.NewSiteAsync(name: "old.example");
        var then = new DateTimeOffset(2015, 5, 18, 12, 0, 0, TimeSpan.Zero);
        await api.StoreAsync(Enumerable.Range(0, 7).Select(i => new TestHit(site, then.AddHours(i)).Googlebot()));
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.GoAsync($"/?site={site}#key={api.AdminKey}");
        await Expect(visitor.Page.Locator("[data-figure='other-bot'] [data-value='7']")).ToBeVisibleAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Radio, new() { Name = "all time" })).ToBeCheckedAsync();
        await Expect(visitor.Page.Locator(".hits time").First).ToContainTextAsync("18 May 2015");
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task Figures_equal_the_api_s()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.SignInAsync(api.AdminKey, site, "7d");

        var summary = await api.Api.JsonAsync($"/v1/sites/{site}/summary?from={DateTimeOffset.UnixEpoch.AddYears(40):O}".Replace("+", "%2B", StringComparison.Ordinal));
        Assert.Equal(summary.Long("kinds", "likely-human"), await visitor.FigureAsync("likely-human"));
        Assert.Equal(summary.Long("aiCrawlers"), await visitor.FigureAsync("ai-crawler"));
        Assert.Equal(summary.Long("otherBots"), await visitor.FigureAsync("other-bot"));
        Assert.Equal(summary.Long("referrals", "ai"), await visitor.FigureAsync("ai-referral"));
    }

    [Fact]
    public async Task Figures_go_by_what_is_known_now_and_on_request_by_what_hits_were_first_taken_for()
    {
        string site = await api.NewSiteAsync();
        var time = TimeProvider.System.GetUtcNow().AddMinutes(-10);
        await api.StoreAsync(
            (new TestHit(site, time) { Address = "203.0.113.77" }).GptBot("pending"), (new TestHit(site, time) { Address = "203.0.113.78" }).GptBot());
        await api.Store.ExecuteNonQueryAsync(
            $"INSERT INTO verifications (as_of, client_address, crawler, identity, identity_method) SELECT fromUnixTimestamp64Milli({time.ToUnixTimeMilliseconds()}), toIPv6('203.0.113.77'), 'gptbot', 'spoofed', 'reverse-dns'");
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.SignInAsync(api.AdminKey, site, "24h");
        Assert.Equal(1, await visitor.FigureAsync("ai-crawler"));
        await Expect(visitor.Page.Locator(".hits")).ToContainTextAsync("spoofed");

        await visitor.Page.GetByLabel("Verdicts").SelectOptionAsync("original");

        await Expect(visitor.Page.Locator("[data-figure='ai-crawler'] [data-value='2']")).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator(".hits")).ToContainTextAsync("pending");
        Assert.Contains("verdict=original", visitor.Page.Url, StringComparison.Ordinal);
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task A_new_hit_appears_by_itself_and_hostile_text_stays_text()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.SignInAsync(api.AdminKey, site);
        await Expect(visitor.Page.Locator(".stream")).ToHaveTextAsync("Live");

        var hit = new TestHit(site, TimeProvider.System.GetUtcNow()) { Path = "/<img src=x onerror=alert(1)>", UserAgent = "<script>alert(2)</script>" };
        await api.StoreAsync(hit);

        var row = visitor.Page.Locator($"[data-request='{hit.HitId:x16}']");
        await Expect(row).ToContainTextAsync("/<img src=x onerror=alert(1)>", new() { Timeout = 5_000 });
        await row.Locator("summary").ClickAsync();
        await Expect(row).ToContainTextAsync("<script>alert(2)</script>");
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task Pausing_holds_the_list_and_going_on_fills_the_gap()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.SignInAsync(api.AdminKey, site);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(visitor.Page.Locator(".stream")).ToHaveTextAsync("Paused");

        var hit = new TestHit(site, TimeProvider.System.GetUtcNow()) { Path = "/while-paused" };
        await api.StoreAsync(hit);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();

        await Expect(visitor.Page.Locator($"[data-request='{hit.HitId:x16}']")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_wrong_key_is_refused_with_words_and_the_right_one_opens()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.GoAsync($"/?site={site}");

        await visitor.Page.GetByLabel("API key").FillAsync("weir_wrong");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("opens nothing");
        await visitor.Page.GetByLabel("API key").FillAsync(api.AdminKey);
        await visitor.Page.Keyboard.PressAsync("Enter");

        await Expect(visitor.Page.Locator("[data-figure]").First).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(visitor.Page.GetByLabel("API key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_site_without_hits_says_how_to_get_some()
    {
        string site = await api.NewSiteAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.GoAsync($"/?site={site}#key={api.AdminKey}");

        await Expect(visitor.Page.GetByText($"./weir import access.log --site {site}")).ToBeVisibleAsync();
        Assert.Empty(await visitor.AxeAsync());
        await Screenshots.TakeAsync(visitor.Page, "first-steps");
    }

    [Fact]
    public async Task First_steps_are_marked_as_they_are_done()
    {
        string site = await api.NewSiteAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "start", $"site={site}");
        var steps = visitor.Page.Locator(".guide ol > li");
        await Expect(steps.Nth(1)).Not.ToContainTextAsync("Done");

        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()));

        await Expect(steps.Nth(1)).ToContainTextAsync("Done: 1 hits came through the edge", new() { Timeout = 20_000 });
        await Expect(steps.Nth(0)).Not.ToContainTextAsync("Done");
    }

    [Fact]
    public async Task Everything_is_reached_and_changed_by_keyboard()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.SignInAsync(api.AdminKey, site);

        await visitor.Page.Keyboard.PressAsync("Tab");
        await Expect(visitor.Page.Locator(".skip")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Tab");
        await Expect(visitor.Page.GetByLabel("Site")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Shift+Tab");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.Keyboard.PressAsync("Tab");
        await visitor.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(visitor.Page.GetByRole(AriaRole.Radio, new() { Name = "7 days" })).ToBeCheckedAsync();
        Assert.Contains("range=7d", visitor.Page.Url, StringComparison.Ordinal);

        var table = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Table" });
        await table.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Page.GetByRole(AriaRole.Columnheader, new() { Name = "AI crawlers" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    [InlineData(320, ColorScheme.Light)]
    public async Task Axe_finds_nothing_and_the_page_never_scrolls_sideways(int width, ColorScheme scheme)
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        await visitor.SignInAsync(api.AdminKey, site);
        await Expect(visitor.Page.Locator(".hits tbody tr").First).ToBeVisibleAsync();

        Assert.Empty(await visitor.AxeAsync());
        Assert.True(await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        await Screenshots.TakeAsync(visitor.Page, $"dashboard-{width}-{scheme}".ToLowerInvariant());
        await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Newest hits" }).ScrollIntoViewIfNeededAsync();
        await visitor.Page.Locator(".hits summary").First.ClickAsync();
        await visitor.Page.Locator(".hits").HoverAsync();
        Assert.Empty(await visitor.AxeAsync());
        await Screenshots.TakeAsync(visitor.Page, $"hits-{width}-{scheme}".ToLowerInvariant());
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task Axe_finds_nothing_on_the_sign_in_form()
    {
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.GoAsync("/");
        await visitor.Page.GetByLabel("API key").WaitForAsync();

        Assert.Empty(await visitor.AxeAsync());
        await Screenshots.TakeAsync(visitor.Page, "sign-in");
    }

    [Fact]
    public async Task The_api_reference_works_without_any_other_host()
    {
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.GoAsync("/docs");

        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Crawlers of a site, by hits" }).First).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Screenshots.TakeAsync(visitor.Page, "docs");
        visitor.AssertStayedHome(api.Log);
    }
}
