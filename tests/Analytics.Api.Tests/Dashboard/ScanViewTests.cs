using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Delivery;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Suggestions;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Scans as people look at them: in sum, result by result, by brand, and what they may cost.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class ScanViewTests(AnalyticsFixture api, BrowserFixture browser)
{
    private static readonly string[] Tabs = ["overview", "queue", "results", "brands", "triggers", "targets", "suggestions", "budget", "webhooks"];

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
        string webhook = await TellAsync(visitor.Client);
        foreach (string tab in Tabs)
        {
            string more = tab switch { "brands" => $"&brand={brand}", "targets" => $"&target={target}", "webhooks" => $"&webhook={webhook}", _ => "" };
            await visitor.Browser.GoAsync($"/scans?site={site}&tab={tab}{more}");
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
        await Expect(page.Locator("[data-figure='Coverage']")).ToContainTextAsync("1 of 4 targets");
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
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay best widgets on perplexity" }).ClickAsync();
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

    [Fact]
    public async Task A_webhook_is_made_with_its_secret_shown_once_sees_a_delivery_and_replays_it()
    {
        await using var receiver = Receiver();
        receiver.Urls.Add("http://127.0.0.1:0");
        var got = new ConcurrentQueue<string>();
        receiver.MapPost("/hook", (HttpRequest request) =>
        {
            got.Enqueue(request.Headers["webhook-id"].ToString());
            return Results.StatusCode(got.Count == 1 ? 500 : 204);
        });
        await receiver.StartAsync();
        using var sender = ActivatorUtilities.CreateInstance<DeliveryService>(api.Services);
        await sender.StartAsync(CancellationToken.None);
        var (visitor, site, _) = await OpenAsync();
        await using var own = visitor;
        var page = visitor.Browser.Page;
        await visitor.Browser.GoAsync($"/scans?site={site}&tab=webhooks");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "URL" }).FillAsync($"{receiver.Urls.First()}/hook?token=t0ken");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name", Exact = true }).FillAsync("Mine");
        await page.GetByLabel("trigger.created").UncheckAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("code.secret")).ToContainTextAsync("whsec_");
        await Expect(page.GetByText("Nothing was sent yet.")).ToBeVisibleAsync();
        await Expect(page.Locator("main")).Not.ToContainTextAsync("t0ken");

        await page.GetByRole(AriaRole.Button, new() { Name = "Test Mine" }).ClickAsync();
        var first = page.Locator("section:has(#deliveries) tbody tr");
        await UntilAsync(page, first, "500 in");
        Assert.Empty(await visitor.Browser.AxeAsync());
        string id = (await visitor.Client.JsonAsync("/v1/webhooks")).GetProperty("items")[0].Text("id")!;
        await GiveUpAsync(id);
        await UntilAsync(page, first, "given up");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Replay Test of Mine") }).ClickAsync();
        await UntilAsync(page, first, "204 in");
        Assert.Equal(2, got.Count);
        Assert.Single(got.Distinct());

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause Mine" }).ClickAsync();
        await Expect(page.Locator("section:has(#webhooks) tbody tr")).ToContainTextAsync("It was switched off.");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Deliveries to Mine" })).ToBeVisibleAsync();
        await Expect(page.GetByText("whsec_")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete: Mine" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete it with its log" }).ClickAsync();
        await Expect(page.GetByText("No webhook yet.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Make endpoint" }).ClickAsync();
        await Expect(page.Locator("section:has(#inbound) code.secret")).ToContainTextAsync("whsec_");
        Assert.StartsWith("/v1/events/inbound/in_", (await visitor.Client.JsonAsync("/v1/events/inbound")).GetProperty("items")[0].Text("path"), StringComparison.Ordinal);
        await sender.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Triggers_are_filtered_by_class_and_say_what_it_means()
    {
        var (visitor, site, _) = await OpenAsync();
        await using var own = visitor;
        var page = visitor.Browser.Page;
        await visitor.Browser.GoAsync($"/scans?site={site}&tab=triggers");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(4);
        await page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Class") }).SelectOptionAsync("trending");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.GetByText("A question is asked more often than usual")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Class") }).SelectOptionAsync("sitemap");
        await Expect(page.GetByText("No trigger of this class yet.")).ToBeVisibleAsync();
        Assert.Equal(400, (await visitor.Client.RefusalAsync("/v1/triggers?class=weather")).Status);
    }

    private static WebApplication Receiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    // The page does not look by itself; whoever waits for a delivery looks again.
    private static async Task UntilAsync(IPage page, ILocator row, string says)
    {
        for (int i = 0; i < 100 && !string.Concat(await row.AllInnerTextsAsync()).Contains(says, StringComparison.Ordinal); i++)
        {
            await page.RunAndWaitForResponseAsync(
                () => page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync(), r => r.Url.Contains("/deliveries", StringComparison.Ordinal));
        }
        await Expect(row.First).ToContainTextAsync(says);
    }

    // The ten attempts of a delivery take three days.
    private Task GiveUpAsync(string webhook) => api.Control.WriteAsync(async transaction =>
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"UPDATE deliveries SET state = 'dead', finished_ms = created_ms WHERE owner = 'webhook/{webhook}'";
        return await command.ExecuteNonQueryAsync();
    });

    /// <summary>A webhook with a delivery that was given up, and an endpoint for events.</summary>
    private async Task<string> TellAsync(HttpClient client)
    {
        string id = (await client.SendAsync("POST", "/v1/webhooks", new { name = "Ours", url = "https://hooks.example.com/weir", events = new[] { "trigger.created", "scan.dead" } })).Body.Text("id")!;
        Assert.Equal(HttpStatusCode.Accepted, (await client.SendAsync("POST", $"/v1/webhooks/{id}/test")).Status);
        string delivery = (await client.JsonAsync($"/v1/webhooks/{id}/deliveries")).GetProperty("items")[0].Text("id")!;
        await GiveUpAsync(id);
        await api.Control.WriteAsync(async transaction =>
        {
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"INSERT INTO delivery_attempts (delivery, number, at_ms, status, duration_ms, error) VALUES ('{delivery}', 1, 1, 0, 10000, 'No answer came within 10 s.'), ('{delivery}', 2, 2, 503, 41, 'The receiver answered 503.')";
            return await command.ExecuteNonQueryAsync();
        });
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync("POST", "/v1/events/inbound", new { name = "news" })).Status);
        return id;
    }

    [Fact]
    public async Task A_suggestion_is_confirmed_by_the_keyboard_and_taken_back()
    {
        var (visitor, site, _) = await OpenAsync();
        await using var own = visitor;
        var page = visitor.Browser.Page;
        await visitor.Browser.GoAsync($"/scans?site={site}&tab=suggestions");
        await Expect(page.Locator("tbody tr:has-text('after a month')")).ToContainTextAsync("Returns: how to return a gadget");
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm /help/returns for which gadgets can be returned after a month" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        // The keyboard stands where it stood, on the way back.
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Undo /help/returns" })).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "is linked" })).ToBeVisibleAsync();
        Assert.Equal(2, await SuggestedLinksAsync(visitor.Client));

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Confirm /help/returns" })).ToBeFocusedAsync();
        Assert.Equal(0, await SuggestedLinksAsync(visitor.Client));
        await page.GetByRole(AriaRole.Button, new() { Name = "Reject /help/returns" }).ClickAsync();
        await Expect(page.Locator("tbody tr:has-text('after a month')")).ToContainTextAsync("refused");
        await page.ReloadAsync();
        await Expect(page.GetByText("None of 2 queries has a page that answers it and is not linked yet; 3 pages are known.")).ToBeVisibleAsync();
    }

    private static async Task<int> SuggestedLinksAsync(HttpClient client) => (await client.JsonAsync("/v1/targets")).GetProperty("items").EnumerateArray()
        .Sum(t => t.GetProperty("pages").EnumerateArray().Count(p => p.Text("source") == "suggested"));

    private async Task<(Looker Visitor, string Site, long Target)> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant, "shop.example");
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow().AddMinutes(-5)) { Path = "/pricing" }.GptBot());
        string adminKey = await api.NewKeyAsync([Scopes.Admin], tenant);
        var client = api.Client(adminKey);
        using var made = await client.PostAsJsonAsync(new Uri("/v1/targets", UriKind.Relative),
            new { brand = "Acme", query = "best widgets", engines = new[] { "chatgpt", "perplexity" }, pages = new[] { new { site, pattern = "/pricing" } } });
        var targets = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("targets");
        await api.ScanAsync(tenant, targets[0].Long("id"), ScanResult.Cited, ScanResult.LostCitation);
        await KillAsync(targets[1].Long("id"));
        await SuggestAsync(client, tenant, site);
        foreach (var (kind, key) in new[] { ("competitor_published", "1"), ("query_trending", "2") })
            Assert.Equal(HttpStatusCode.OK, (await client.SendAsync("POST", "/v1/events", new[] { new { key, kind, aim = new { brand = "Acme" }, note = "Rival launched a plan" } })).Status);
        var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        await visitor.OpenAsync(adminKey, "scans", $"site={site}");
        return (new Looker(visitor, client), site, targets[0].Long("id"));
    }

    /// <summary>A query without pages, and pages of which one answers it.</summary>
    private async Task SuggestAsync(HttpClient client, string tenant, string site)
    {
        using var made = await client.PostAsJsonAsync(new Uri("/v1/targets", UriKind.Relative), new { brand = "Acme", query = "which gadgets can be returned after a month", engines = new[] { "chatgpt", "perplexity" } });
        made.EnsureSuccessStatusCode();
        api.Services.GetRequiredService<PageIndexes>().Change(tenant, index => index.Put(
        [
            new IndexedPage(new PageKey(site, "www.shop.example", "/help/returns"), "Returns: how to return a gadget | Acme", "Gadgets can be returned within a month after delivery. Print the label, drop the parcel at any shop, and the money is back in five days.", 1),
            new IndexedPage(new PageKey(site, "www.shop.example", "/about"), "About Acme", "Two sisters began in a garage.", 2),
            new IndexedPage(new PageKey(site, "www.shop.example", "/jobs"), "Jobs", "We look for welders.", 3),
        ]));
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
