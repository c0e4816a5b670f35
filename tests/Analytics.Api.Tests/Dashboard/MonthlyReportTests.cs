using Microsoft.Playwright;
using UglyToad.PdfPig;
using Weir.Analytics.Api.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>The report of a month, as a browser shows and prints it.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class MonthlyReportTests(AnalyticsFixture api, BrowserFixture browser)
{
    private const int HitsADay = 30;

    [Fact]
    public async Task A_month_prints_on_at_most_two_pages_with_its_figures_and_without_the_controls()
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url, scheme: ColorScheme.Dark);
        await visitor.OpenAsync(api.AdminKey, "report", $"site={site}&month=2026-10");
        await visitor.Page.Locator("[data-ready='2026-10']").WaitForAsync();

        byte[] file = await visitor.Page.PdfAsync(new PagePdfOptions { PreferCSSPageSize = true, PrintBackground = true });

        await Screenshots.SaveAsync("report.pdf", file);
        using var pdf = PdfDocument.Open(file);
        Assert.InRange(pdf.NumberOfPages, 1, 2);
        Assert.Equal(595, pdf.GetPage(1).Width, 1.0);
        // The font joins f and i.
        string text = string.Join(' ', pdf.GetPages().SelectMany(page => page.GetWords()).Select(word => word.Text)).Replace("ﬁ", "fi", StringComparison.Ordinal);
        await Screenshots.SaveAsync("report.txt", System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Contains("printed.example: October 2026", text, StringComparison.Ordinal);
        Assert.Contains("Every hit of the month is counted, none lost.", text, StringComparison.Ordinal);
        // Of thirty hits a day ten are of each: GPTBot (one of them spoofed), Googlebot, people (one of them sent by ChatGPT).
        Assert.Matches(@"AI crawlers\s+279\s+0\s+new\s+279 of them verified", text);
        Assert.Matches(@"Likely humans\s+310\s+0\s+new\s+33 % of 930 hits", text);
        Assert.Matches(@"Spoofed\s+31\s", text);
        Assert.Matches(@"GPTBot\s+OpenAI, AI training\s+310\s+279\s+31\s+10 %", text);
        Assert.Matches(@"chatgpt\s+31: /pricing \(31\)", text);
        Assert.DoesNotContain("Print", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Sign out", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Overview", text, StringComparison.Ordinal);
        visitor.AssertStayedHome(api.Log);
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(320, ColorScheme.Light)]
    public async Task Axe_finds_nothing_on_a_full_report(int width, ColorScheme scheme)
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url, width, 900, scheme);
        await visitor.OpenAsync(api.AdminKey, "report", $"site={site}&month=2026-10");
        await visitor.Page.Locator("[data-ready='2026-10']").WaitForAsync();

        Assert.Empty(await visitor.AxeAsync());
        await visitor.AssertNotSidewaysAsync();
        await Screenshots.TakeAsync(visitor.Page, $"report-{width}-{scheme}".ToLowerInvariant(), isWhole: true);
    }

    [Fact]
    public async Task A_month_is_chosen_and_a_wrong_one_in_the_url_gives_the_last_whole_month()
    {
        string site = await FillAsync();
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(api.AdminKey, "report", $"site={site}&month=2026-13");
        string last = TimeProvider.System.GetUtcNow().AddMonths(-1).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        await Expect(visitor.Page.GetByLabel("Month", new() { Exact = true })).ToHaveValueAsync(last);

        await visitor.Page.GetByLabel("Month", new() { Exact = true }).FillAsync("2026-09");

        await visitor.Page.Locator("[data-ready='2026-09']").WaitForAsync();
        await Expect(visitor.Page.Locator(".report h2")).ToHaveTextAsync("printed.example: September 2026");
        Assert.Contains("month=2026-09", visitor.Page.Url, StringComparison.Ordinal);
    }

    private async Task<string> FillAsync()
    {
        string site = await api.NewSiteAsync(name: "printed.example");
        var first = new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);
        await api.StoreAsync(Enumerable.Range(0, 31 * HitsADay).Select(i =>
        {
            var hit = new TestHit(site, first.AddDays(i / HitsADay).AddMinutes(i % HitsADay * 45)) { Path = $"/docs/a-page-with-a-rather-long-name/{i % 14}" };
            return (i % HitsADay) switch
            {
                0 => hit.GptBot("spoofed"),
                < 10 => hit.GptBot(),
                < 20 => hit.Googlebot(),
                20 => (hit with { Path = "/pricing" }).From("chatgpt", "ai"),
                _ => hit,
            };
        }));
        return site;
    }
}
