using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Every view as people reach it: by links and keyboard, with its state in the URL, for every eye and width.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class ViewTests(AnalyticsFixture api, BrowserFixture browser)
{
    private static readonly string[] Names =
        ["", "crawlers", "crawler?crawler=gptbot", "pages", "pages?tab=changes", "referrals", "identity", "robots", "policy", "hits", "alerts", "live", "scans", "scans?tab=queue", "scans?tab=results",
            "scans?tab=brands", "scans?tab=triggers", "scans?tab=targets", "scans?tab=budget", "report", "settings", "start"];

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(320, ColorScheme.Dark)]
    public async Task Axe_finds_nothing_on_any_view_and_none_scrolls_sideways(int width, ColorScheme scheme)
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        await visitor.OpenAsync(api.AdminKey, "", $"site={site}&range=7d");
        foreach (string name in Names)
        {
            await visitor.GoAsync($"/{name}{(name.Contains('?', StringComparison.Ordinal) ? '&' : '?')}site={site}&range=7d");
            await visitor.SettleAsync();
            Assert.Equal((name, ""), (name, string.Join('\n', await visitor.AxeAsync())));
            await visitor.AssertNotSidewaysAsync();
            string file = name.Length == 0 ? "overview" : name.Replace("?tab=", "-", StringComparison.Ordinal).Split('?')[0];
            await Screenshots.TakeAsync(visitor.Page, $"view-{file}-{width}-{scheme}".ToLowerInvariant(), isWhole: true);
        }
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task Links_lead_to_every_view_the_heading_takes_the_focus_and_back_leads_back()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.SignInAsync(api.AdminKey, site, "7d");
        var links = visitor.Page.GetByRole(AriaRole.Navigation, new() { Name = "Views" }).GetByRole(AriaRole.Link);
        string[] labels = [.. await links.AllTextContentsAsync()];
        Assert.Contains("Crawlers", labels);

        foreach (string label in labels)
        {
            await links.GetByText(label, new() { Exact = true }).FocusAsync();
            await visitor.Page.Keyboard.PressAsync("Enter");
            var heading = visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = label, Exact = true });
            await Expect(heading).ToBeVisibleAsync();
            if (label != "Overview")
                await Expect(heading).ToBeFocusedAsync();
            await Expect(visitor.Page).ToHaveTitleAsync($"{label} · shop.example · Weir");
            Assert.Contains($"site={site}&range=7d", visitor.Page.Url, StringComparison.Ordinal);
        }
        Assert.Equal(1, visitor.Requests.Count(url => new Uri(url).AbsolutePath.StartsWith("/assets/index", StringComparison.Ordinal) && url.EndsWith(".js", StringComparison.Ordinal)));
        await visitor.Page.GoBackAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(labels[^2]);
        await visitor.Page.GoForwardAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(labels[^1]);
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task Filters_stand_in_the_url_survive_a_reload_and_a_way_back()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "hits", $"site={site}&range=7d");
        var page = visitor.Page;
        await page.GetByLabel("Identity").SelectOptionAsync("spoofed");
        await page.GetByLabel("Path").FillAsync("/pricing");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Time zone").SelectOptionAsync("Asia/Tokyo");
        await Expect(page.Locator(".hits .path:not([title='/pricing'])")).ToHaveCountAsync(0);
        await Expect(page.Locator(".hits tbody tr td:nth-child(3)").First).ToHaveTextAsync("spoofed");
        Assert.Contains("tz=Asia%2FTokyo", page.Url, StringComparison.Ordinal);
        string first = await page.Locator(".hits time").First.InnerTextAsync();

        await page.ReloadAsync();

        await Expect(page.GetByLabel("Identity")).ToHaveValueAsync("spoofed");
        await Expect(page.GetByLabel("Path")).ToHaveValueAsync("/pricing");
        await Expect(page.Locator(".hits time").First).ToHaveTextAsync(first);
        foreach (string path in await page.Locator(".hits .path").AllInnerTextsAsync())
            Assert.Equal("GET /pricing", path);
        await page.GoBackAsync();
        await page.GoBackAsync();
        await Expect(page.GetByLabel("Path")).ToHaveValueAsync("");
        await Expect(page.GetByLabel("Identity")).ToHaveValueAsync("spoofed");
    }

    [Fact]
    public async Task Chosen_days_are_those_of_the_time_zone()
    {
        string site = await api.NewSiteAsync();
        // 23:30 of 9 March in New York, which is the 10th in London; summer time began on the 8th.
        await api.StoreAsync(new TestHit(site, new DateTimeOffset(2026, 3, 10, 3, 30, 0, TimeSpan.Zero)));
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.OpenAsync(api.AdminKey, "", $"site={site}&range=dates&from=2026-03-08&to=2026-03-09&tz=America/New_York");
        await Expect(visitor.Page.Locator("[data-figure='likely-human'] [data-value='1']")).ToBeVisibleAsync();
        await visitor.Page.GetByLabel("Time zone").SelectOptionAsync("Europe/London");
        await Expect(visitor.Page.Locator("[data-figure='likely-human'] [data-value='0']")).ToBeVisibleAsync();
        await visitor.Page.GetByLabel("Last day").FillAsync("2026-03-10");
        await Expect(visitor.Page.Locator("[data-figure='likely-human'] [data-value='1']")).ToBeVisibleAsync();
        Assert.Contains("from=2026-03-08&to=2026-03-10", visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_leads_to_its_hits_and_they_say_why()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "crawlers", $"site={site}&range=7d");
        var page = visitor.Page;

        await page.Locator("tr:has(th:has-text('GPTBot')) a[href*='identity=spoofed']").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Hits");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Crawler") })).ToHaveValueAsync("gptbot");
        await page.Locator(".hits summary").First.ClickAsync();
        await Expect(page.Locator(".why").First).ToContainTextAsync("list gptbot@2026-06-01");
        await Expect(page.Locator(".why").First).ToContainTextAsync("./weir classify --ua 'Mozilla/5.0 (compatible; gptbot/1.0)' --ip 198.51.100.");
        visitor.AssertStayedHome(api.Log);
    }

    [Fact]
    public async Task A_long_list_is_read_page_by_page()
    {
        string site = await api.NewSiteAsync();
        var now = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        await api.StoreAsync(Enumerable.Range(0, 250).Select(i => new TestHit(site, now.AddSeconds(-i)) { Path = $"/{i:000}" }));
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "hits", $"site={site}&range=24h");
        var rows = visitor.Page.Locator(".hits tbody tr");
        await Expect(rows).ToHaveCountAsync(100);

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Show more" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(200);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Show more" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(250);

        await Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Show more" })).ToHaveCountAsync(0);
        Assert.Equal(250, (await visitor.Page.Locator(".hits .path").AllInnerTextsAsync()).Distinct().Count());
    }

    [Theory]
    [InlineData("CSV")]
    [InlineData("JSON lines")]
    [InlineData("Parquet")]
    public async Task A_chart_s_file_is_saved_by_its_link(string format)
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "", $"site={site}&range=7d");
        long figure = await visitor.FigureAsync("ai-crawler");

        var download = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Page.GetByRole(AriaRole.Link, new() { Name = $"Save hits over time as {format}" }).ClickAsync());

        Assert.StartsWith($"{site}-series.", download.SuggestedFilename, StringComparison.Ordinal);
        byte[] file = await File.ReadAllBytesAsync(await download.PathAsync());
        if (format == "CSV")
        {
            var rows = System.Text.Encoding.UTF8.GetString(file).TrimEnd().Split("\r\n").Select(line => line.Split(',')).ToList();
            int column = Array.IndexOf(rows[0], "ai-crawler");
            Assert.Equal(figure, rows.Skip(1).Sum(row => long.Parse(row[column], System.Globalization.CultureInfo.InvariantCulture)));
        }
        Assert.NotEmpty(file);
    }

    [Fact]
    public async Task Pages_that_nobody_crawled_are_named_once_a_sitemap_says_which_there_are()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url, 320);
        await visitor.OpenAsync(api.AdminKey, "pages", $"site={site}&range=7d&tab=uncrawled");
        await Expect(visitor.Page.GetByText($"-T sitemap.xml {api.Url}v1/sites/{site}/sitemap")).ToBeVisibleAsync();
        Assert.Empty(await visitor.AxeAsync());
        using var sitemap = new StringContent($"https://{site}.test/pricing\nhttps://{site}.test/hidden\n");
        (await api.Api.PutAsync(new Uri($"/v1/sites/{site}/sitemap", UriKind.Relative), sitemap)).EnsureSuccessStatusCode();

        await visitor.Page.ReloadAsync();

        var panel = visitor.Page.Locator("section:has(#uncrawled)");
        await Expect(panel).ToContainTextAsync("1 of 2 pages were fetched (50 %)");
        await Expect(panel.Locator("tbody th")).ToHaveTextAsync(["/hidden"]);
        Assert.Empty(await visitor.AxeAsync());
        await visitor.AssertNotSidewaysAsync();
    }

    [Fact]
    public async Task Lines_are_chosen_and_stand_in_the_url()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.SignInAsync(api.AdminKey, site, "7d");
        await visitor.Page.GetByLabel("Lines by").SelectOptionAsync("status");
        await Expect(visitor.Page.Locator(".legend")).ToContainTextAsync("404");
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.Locator(".legend")).ToContainTextAsync("404");
        Assert.Empty(await visitor.AxeAsync());
    }

    [Fact]
    public async Task Scripts_stay_within_their_budget()
    {
        using var nobody = api.Client(null);
        nobody.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        using var plain = api.Client(null);
        string page = await plain.GetStringAsync(new Uri("/", UriKind.Relative));
        long first = 0, all = 0;
        foreach (string name in typeof(AnalyticsHost).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("dashboard/assets/", StringComparison.Ordinal) && n.EndsWith(".js", StringComparison.Ordinal)))
        {
            string path = name["dashboard".Length..];
            long bytes = (await nobody.GetByteArrayAsync(new Uri(path, UriKind.Relative))).Length;
            all += bytes;
            first += page.Contains(path, StringComparison.Ordinal) ? bytes : 0;
        }
        Assert.InRange(first, 1, 60 * 1024);
        Assert.InRange(all, first, 120 * 1024);
    }

    [Fact]
    public async Task An_address_of_no_view_is_no_page()
    {
        using var nobody = api.Client(null);
        Assert.Equal(404, (await nobody.RefusalAsync("/nothing")).Status);
    }

    [Fact]
    public async Task A_key_that_lacks_a_scope_is_told_which()
    {
        string site = await SampleSite.FillAsync(api);
        await using var visitor = await Visitor.NewAsync(browser, api.Url);

        await visitor.OpenAsync(await api.NewKeyAsync([Scopes.AnalyticsRead]), "scans", $"site={site}");

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("scans:read");
        Assert.Empty(await visitor.AxeAsync());
    }

    [Fact]
    public async Task An_unknown_site_is_told_and_a_quiet_range_says_what_to_do()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow().AddDays(-20)).GptBot());
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "crawlers", $"site={site}&range=24h");
        await Expect(visitor.Page.GetByText("No crawler came in this range. Choose a longer one above.")).ToBeVisibleAsync();
        Assert.Empty(await visitor.AxeAsync());

        await visitor.GoAsync("/crawlers?site=nobody-s");

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("knows no site “nobody-s”");
    }
}
