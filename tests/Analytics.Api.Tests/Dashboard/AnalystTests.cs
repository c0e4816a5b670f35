using System.Security.Cryptography;
using System.Text;
using ClickHouse.Driver;
using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>An analyst's way: from the overview to one crawler, to the line of robots.txt that it broke, to the hits and why they were judged so.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class AnalystTests(AnalyticsFixture api, BrowserFixture browser)
{
    private const string Old = "User-agent: *\nDisallow: /old\n";
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(320, ColorScheme.Dark)]
    public async Task From_the_overview_to_a_crawler_to_a_broken_line_to_its_hits(int width, ColorScheme scheme)
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        var page = visitor.Page;
        await visitor.OpenAsync(api.AdminKey, "", $"site={site}&range=dates&from=2026-03-10&to=2026-03-10");
        Assert.Equal(8, await visitor.FigureAsync("ai-crawler"));
        Assert.Equal(2, await visitor.FigureAsync("spoofed"));

        await page.GetByRole(AriaRole.Link, new() { Name = "GPTBot", Exact = true }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Crawler gptbot");
        await Expect(page.Locator(".facts-list")).ToContainTextAsync("20 % of what can be told (95 % interval");
        await Expect(page.Locator(".facts-list")).ToContainTextAsync("after 10 min (median)");
        await LookAsync(visitor, $"analyst-crawler-{width}");

        await GoToAsync(page, "Robots");
        var row = page.Locator("section:has(#compliance) tr:has-text('GPTBot')");
        await Expect(row).ToContainTextAsync("Disallow: /old");
        string before = await row.InnerTextAsync();
        await LookAsync(visitor, $"analyst-robots-{width}");
        await row.GetByRole(AriaRole.Link, new() { NameRegex = new("^version ") }).ClickAsync();
        await Expect(page.Locator("pre.file")).ToHaveTextAsync(Old);

        // A later file changes nothing about what was judged.
        await StoreVersionAsync(site, Noon.AddHours(3), "User-agent: *\nAllow: /\n");
        await page.ReloadAsync();
        await Expect(page.Locator("section:has(#versions) tbody tr")).ToHaveCountAsync(2);
        Assert.Equal(before, await row.InnerTextAsync());

        await row.Locator("a[href*='path=%2Fold']").ClickAsync();
        await Expect(page.Locator(".hits .path").First).ToContainTextAsync("/old");
        await page.Locator(".hits summary").First.ClickAsync();
        await Expect(page.Locator(".why").First).ToContainTextAsync("The user agent names GPTBot");

        await GoToAsync(page, "Identity");
        await Expect(page.Locator("section:has(#sources)")).ToContainTextAsync("203.0.113.0/24");
        await LookAsync(visitor, $"analyst-identity-{width}");
        visitor.AssertStayedHome(api.Log);
    }

    private static async Task GoToAsync(IPage page, string view)
    {
        var menu = page.GetByRole(AriaRole.Button, new() { NameRegex = new("all views") });
        if (await menu.IsVisibleAsync())
            await menu.ClickAsync();
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Views" }).GetByRole(AriaRole.Link, new() { Name = view, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(view);
    }

    private static async Task LookAsync(Visitor visitor, string name)
    {
        await visitor.SettleAsync();
        Assert.Empty(await visitor.AxeAsync());
        await visitor.AssertNotSidewaysAsync();
        await Screenshots.TakeAsync(visitor.Page, name, isWhole: true);
    }

    private async Task<string> FillAsync()
    {
        string site = await api.NewSiteAsync(name: "analysed.example");
        await StoreVersionAsync(site, Noon.AddDays(-9), Old);
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(Enumerable.Range(0, 8).Select(i => (hit with { Path = i % 2 == 0 ? "/old/page" : "/pricing", Time = Noon.AddMinutes(5 * i) }).GptBot())
            .Concat(Enumerable.Range(0, 2).Select(i => (hit with { Address = $"203.0.113.{i + 1}", Time = Noon.AddMinutes(i) }).GptBot("spoofed"))));
        return site;
    }

    private async Task StoreVersionAsync(string site, DateTimeOffset time, string text) => await api.Store.InsertBinaryAsync(
        "weir.robots_versions", ["time", "site", "host", "status", "mode", "hash", "text", "edge"],
        [[time.UtcDateTime, site, $"{site}.test", (ushort)200, "pass", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), text, "e"]],
        new InsertOptions(), CancellationToken.None);
}
