using System.Net;
using System.Text.RegularExpressions;
using Weir.Proxy.SampleSite;

namespace Weir.Proxy.Tests.SampleSite;

public partial class SampleSiteTests
{
    [Fact]
    public async Task Every_link_of_every_page_leads_somewhere()
    {
        await using var site = SampleSiteHost.Create();
        await site.StartAsync();
        using var client = new HttpClient { BaseAddress = site.BoundUrls()[0] };

        foreach (string page in SampleSiteHost.Pages.Append("/sitemap.xml").Append("/robots.txt"))
        {
            string text = await client.GetStringAsync(page);
            foreach (string link in Link().Matches(text).Select(m => m.Groups["path"].Value).Distinct())
            {
                using var linked = await client.GetAsync(link);
                Assert.True(linked.IsSuccessStatusCode, $"{page} -> {link}");
            }
        }
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_what_has_not_changed_is_304()
    {
        await using var site = SampleSiteHost.Create();
        await site.StartAsync();
        using var client = new HttpClient { BaseAddress = site.BoundUrls()[0] };

        using var missing = await client.GetAsync("/nothing");
        using var page = await client.GetAsync("/pricing");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/pricing");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using var unchanged = await client.SendAsync(again);
        using var post = await client.PostAsync("/", null);

        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.NotModified, HttpStatusCode.MethodNotAllowed),
            (missing.StatusCode, unchanged.StatusCode, post.StatusCode));
    }

    [Fact]
    public async Task The_sitemap_names_every_page_under_the_name_that_was_asked()
    {
        await using var site = SampleSiteHost.Create();
        await site.StartAsync();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("*", site.BoundUrls()[0])]);

        string sitemap = await edge.Client.GetStringAsync("http://demo.example:8080/sitemap.xml");

        Assert.All(SampleSiteHost.Pages, p => Assert.Contains($"<loc>http://demo.example:8080{p}</loc>", sitemap, StringComparison.Ordinal));
    }

    [GeneratedRegex("""(href|src)="(?<path>/[^"]*)"|Sitemap: (?<path>/\S+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
