using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>One person with one browser window, who notes what the page should never do.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _origin;

    private Visitor(IBrowserContext context, IPage page, Uri origin)
    {
        (_context, Page, _origin) = (context, page, origin);
        page.Request += (_, request) => Requests.Add(request.Url);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                Errors.Add(message.Text);
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                Errors.Add($"{response.Status} {response.Url}");
        };
        page.PageError += (_, error) => Errors.Add(error);
    }

    public IPage Page { get; }

    public ConcurrentBag<string> Requests { get; } = [];

    /// <summary>Errors on the console, breaches of the content security policy among them.</summary>
    public ConcurrentBag<string> Errors { get; } = [];

    public static async Task<Visitor> NewAsync(
        BrowserFixture browser, Uri origin, int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await (await browser.BrowserAsync()).NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            TimezoneId = "UTC",
            Locale = "en-GB",
        });
        return new Visitor(context, await context.NewPageAsync(), origin);
    }

    public Task GoAsync(string path) => Page.GotoAsync(new Uri(_origin, path).ToString());

    /// <summary>Signs in on a view, and waits for its heading and for everything that it asks for.</summary>
    public async Task OpenAsync(string key, string view, string query)
    {
        await GoAsync($"/{view}?{query}#key={key}");
        await SettleAsync();
    }

    /// <summary>Waits until a view stands: its heading, and nothing that is still loading.</summary>
    public async Task SettleAsync()
    {
        await Page.Locator("main h1, main h2").First.WaitForAsync();
        await Assertions.Expect(Page.Locator(".waiting, .loading")).ToHaveCountAsync(0);
    }

    /// <summary>Asserts that the page is as wide as its window.</summary>
    public async Task AssertNotSidewaysAsync() =>
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{Page.Url} scrolls sideways.");

    /// <summary>Opens the dashboard as `weir up` prints its address, and waits for its figures.</summary>
    public async Task SignInAsync(string key, string site, string range = "24h")
    {
        await GoAsync($"/?site={site}&range={range}#key={key}");
        await Page.Locator("[data-figure='likely-human'] [data-value]:not([data-value=''])").WaitForAsync();
        await Page.Locator(".chart canvas").WaitForAsync();
    }

    /// <summary>A figure of the overview, once it is there.</summary>
    public async Task<long> FigureAsync(string key)
    {
        await Page.Locator($"[data-figure='{key}'] [data-value]:not([data-value=''])").WaitForAsync();
        return long.Parse((await Page.Locator($"[data-figure='{key}'] .value").GetAttributeAsync("data-value"))!);
    }

    /// <summary>What axe-core finds against WCAG 2.2 A and AA and its own best practices.</summary>
    public async Task<IReadOnlyList<string>> AxeAsync()
    {
        await Page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Dashboard, "node_modules/axe-core/axe.min.js")) + "; undefined");
        var found = await Page.EvaluateAsync<JsonElement>("axe.run(document)");
        return [.. found.GetProperty("violations").EnumerateArray().Select(v =>
            $"{v.Text("id")}: {v.Text("help")}: {string.Join(" | ", v.GetProperty("nodes").EnumerateArray().Select(n => n.Text("html")))}")];
    }

    /// <summary>Asserts that nothing left the origin and nothing broke the page's policy.</summary>
    public void AssertStayedHome(TestLog log)
    {
        Assert.All(Requests, url => Assert.True(url.StartsWith(_origin.ToString(), StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal), url));
        Assert.True(Errors.IsEmpty, $"{string.Join('\n', Errors)}\nLog of the API:\n{log}");
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
