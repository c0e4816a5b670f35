using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Scans as people look at them: in sum, result by result, by brand, and what they may cost.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class ScanViewTests(AnalyticsFixture api, BrowserFixture browser)
{
    private static readonly string[] Tabs = ["overview", "queue", "results", "brands", "triggers", "targets", "budget"];

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(320, ColorScheme.Dark)]
    public async Task Every_tab_with_data_is_whole_for_every_eye_and_width(int width, ColorScheme scheme)
    {
        var (visitor, site, target) = await OpenAsync(width, scheme);
        await using var _ = visitor;
        long brand = (await visitor.Client.JsonAsync("/v1/brands/report")).GetProperty("items")[0].Long("id");
        foreach (string tab in Tabs)
        {
            await visitor.Browser.GoAsync($"/scans?site={site}&tab={tab}{(tab == "brands" ? $"&brand={brand}" : tab == "targets" ? $"&target={target}" : "")}");
            await visitor.Browser.SettleAsync();
            Assert.Equal((tab, ""), (tab, string.Join('\n', await visitor.Browser.AxeAsync())));
            await visitor.Browser.AssertNotSidewaysAsync();
            await Screenshots.TakeAsync(visitor.Browser.Page, $"scans-{tab}-{width}-{scheme}".ToLowerInvariant(), isWhole: true);
        }
        visitor.Browser.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task The_sum_says_what_was_saved_and_results_lead_to_what_was_lost()
    {
        var (visitor, site, _) = await OpenAsync();
        await using var own = visitor;
        var page = visitor.Browser.Page;
        await visitor.Browser.GoAsync($"/scans?site={site}");
        await Expect(page.Locator("[data-figure='Coverage']")).ToContainTextAsync("1 of 2 targets");
        await Expect(page.Locator("[data-figure='Changes found']")).ToContainTextAsync("0 won, 1 lost");
        await Expect(page.Locator("tr:has-text('Dead letters')")).ToContainTextAsync("1");

        await page.GetByRole(AriaRole.Link, new() { Name = "Results", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Found") }).SelectOptionAsync("lost_citation");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GetByText("Show", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByText("https://x/pricing")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_dead_letter_is_replayed_and_a_budget_written()
    {
        var (visitor, site, _) = await OpenAsync();
        await using var own = visitor;
        var page = visitor.Browser.Page;
        await visitor.Browser.GoAsync($"/scans?site={site}&tab=queue&state=dead");
        await page.GetByRole(AriaRole.Button, new() { Name = "Queue best widgets on perplexity again" }).ClickAsync();
        await Expect(page.GetByText("No scan is in this state.")).ToBeVisibleAsync();
        Assert.Empty((await visitor.Client.JsonAsync("/v1/scans?state=dead")).GetProperty("items").EnumerateArray());

        await page.GetByRole(AriaRole.Link, new() { Name = "Budget", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Policy") }).SelectOptionAsync("index");
        await page.GetByRole(AriaRole.Button, new() { Name = "Write" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("needs a budget");
        await page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Budget") }).SelectOptionAsync("share");
        await page.GetByLabel("Per cent").FillAsync("10");
        await page.GetByLabel("Cost of a scan, by engine").FillAsync("chatgpt=0.05");
        await page.GetByRole(AriaRole.Button, new() { Name = "Write" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("are written");
        await Expect(page.GetByLabel("Per cent")).ToHaveValueAsync("10");

        var plan = await visitor.Client.JsonAsync("/v1/scheduling");
        Assert.Equal(("index", 0.1, 0.05), (plan.Text("policy"), plan.GetProperty("share").GetDouble(), plan.GetProperty("costs").GetProperty("chatgpt").GetDouble()));
    }

    private async Task<(Looker Visitor, string Site, long Target)> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant, "shop.example");
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow().AddMinutes(-5)) { Path = "/pricing" }.GptBot());
        string key = await api.NewKeyAsync([Scopes.Admin], tenant);
        var client = api.Client(key);
        using var made = await client.PostAsJsonAsync(new Uri("/v1/targets", UriKind.Relative),
            new { brand = "Acme", query = "best widgets", engines = new[] { "chatgpt", "perplexity" }, pages = new[] { new { site, pattern = "/pricing" } } });
        var targets = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("targets");
        await api.ScanAsync(tenant, targets[0].Long("id"), ScanResult.Cited, ScanResult.LostCitation);
        await KillAsync(targets[1].Long("id"));
        var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        await visitor.OpenAsync(key, "scans", $"site={site}");
        return (new Looker(visitor, client), site, targets[0].Long("id"));
    }

    /// <summary>A dead letter of a target: five attempts would take hours of waiting between them.</summary>
    private async Task KillAsync(long target)
    {
        await api.Services.GetRequiredService<IScanQueue>().EnqueueAsync([new NewScan(target, TimeProvider.System.GetUtcNow().AddSeconds(-1), 1)]);
        await api.Control.WriteAsync(async transaction =>
        {
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"UPDATE scans SET state = 'dead', attempts = 5, reason = 'the engine said 500', finished_ms = due_ms WHERE target_id = {target}";
            return await command.ExecuteNonQueryAsync();
        });
    }

    private sealed record Looker(Visitor Browser, HttpClient Client) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Client.Dispose();
            return Browser.DisposeAsync();
        }
    }
}
