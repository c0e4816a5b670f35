using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Weir.Reporting;

namespace Weir.Storage.Api;

/// <summary>Opens the dashboard's first view in Debian's Chromium, each time in a new window with an empty cache, signed in.</summary>
internal static class PageRun
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private const string Figures = "[data-figure='likely-human'] [data-value]:not([data-value=''])";

    // Painted first; the page's own controls answer; the site's figures stand there.
    private const string Times = """
        () => ({
            paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
            interactive: performance.getEntriesByName("weir-interactive")[0].startTime,
            figures: performance.getEntriesByName("weir-figures")[0].startTime,
            script: performance.getEntriesByType("resource").filter((r) => new URL(r.name).pathname.endsWith(".js")).reduce((sum, r) => sum + r.encodedBodySize, 0),
        })
        """;

    // Marks the moments as they come, so that no polling rounds them up.
    private const string Marks = $$"""
        new MutationObserver((_, self) => {
            const has = (name) => performance.getEntriesByName(name).length > 0;
            if (!has("weir-interactive") && document.querySelector("nav a[href]")) performance.mark("weir-interactive");
            if (!has("weir-figures") && document.querySelector("{{Figures}}")) {
                performance.mark("weir-figures");
                self.disconnect();
            }
        }).observe(document, { childList: true, subtree: true, attributes: true });
        """;

    /// <summary>Opens each site's overview of the last day so many times.</summary>
    public static async Task<PageFigures> GoAsync(Uri api, string key, IReadOnlyList<string> sites, int times)
    {
        string? program = Environment.GetEnvironmentVariable("WEIR_CHROMIUM") ?? Array.Find(Programs, File.Exists);
        if (program is null)
            return new PageFigures([], [], [], 0);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] });
        var cookies = await SignInAsync(browser, api, key);
        List<double> paint = [], interactive = [], figures = [];
        long script = 0;
        for (int i = 0; i < times * sites.Count; i++)
        {
            await using var window = await browser.NewContextAsync(new BrowserNewContextOptions { TimezoneId = "UTC" });
            await window.AddCookiesAsync(cookies);
            var page = await window.NewPageAsync();
            await page.AddInitScriptAsync(Marks);
            await page.GotoAsync(new Uri(api, $"/?site={sites[i % sites.Count]}&range=all").ToString());
            await page.Locator(Figures).First.WaitForAsync();
            var seen = await page.EvaluateAsync<JsonElement>(Times);
            paint.Add(seen.GetProperty("paint").GetDouble());
            interactive.Add(seen.GetProperty("interactive").GetDouble());
            figures.Add(seen.GetProperty("figures").GetDouble());
            script = Math.Max(script, seen.GetProperty("script").GetInt64());
        }
        return new PageFigures([.. paint.Order()], [.. interactive.Order()], [.. figures.Order()], script);
    }

    private static async Task<List<Cookie>> SignInAsync(IBrowser browser, Uri api, string key)
    {
        await using var window = await browser.NewContextAsync();
        var page = await window.NewPageAsync();
        await page.GotoAsync(new Uri(api, $"/#key={key}").ToString());
        await page.Locator("nav a[href]").First.WaitForAsync();
        return [.. (await window.CookiesAsync()).Select(c => new Cookie { Name = c.Name, Value = c.Value, Domain = c.Domain, Path = c.Path })];
    }
}

/// <summary>Moments of the first view after its address was opened, in milliseconds, sorted; and the script that it took.</summary>
/// <param name="Paint">Something is seen.</param>
/// <param name="Interactive">The page's own controls are there and answer.</param>
/// <param name="Figures">The site's figures are there.</param>
/// <param name="ScriptBytes">Script, compressed as it was sent.</param>
internal sealed record PageFigures(double[] Paint, double[] Interactive, double[] Figures, long ScriptBytes)
{
    /// <summary>For people.</summary>
    public MarkdownTable Table()
    {
        var table = new MarkdownTable("moment", "must", "median ms", "worst ms");
        foreach (var (name, must, times) in new[] { ("something is painted", "", Paint), ("its controls are there", "≤ 1,000", Interactive), ("the figures are there", "", Figures) })
            table.Add(name, must, Ms(times, times.Length / 2), Ms(times, times.Length - 1));
        table.Add("script, kB compressed", "≤ 120", $"{ScriptBytes / 1000.0:0.0}", "");
        return table;
    }

    /// <summary>For programs.</summary>
    public JsonObject Json() => new() { ["opened"] = Paint.Length, ["paint"] = At(Paint), ["interactive"] = At(Interactive), ["figures"] = At(Figures), ["scriptBytes"] = ScriptBytes };

    private static double At(double[] times) => times.Length == 0 ? 0 : Math.Round(times[times.Length / 2], 1);

    private static string Ms(double[] times, int at) => times.Length == 0 ? "no browser" : times[at].ToString("0", CultureInfo.InvariantCulture);
}
