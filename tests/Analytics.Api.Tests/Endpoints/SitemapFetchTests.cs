using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ClickHouse.Driver;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Sitemaps;
using Weir.Analytics.Api.Tests.Dashboard;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Detection;
using static Microsoft.Playwright.Assertions;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Sitemaps that Weir fetches itself, from a site that runs here.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class SitemapFetchTests(AnalyticsFixture api, BrowserFixture browser) : IAsyncLifetime
{
    private readonly string _host = $"fetch-{Guid.NewGuid():n}.example";
    private readonly Dictionary<string, (byte[] Body, int Status, string? To)> _files = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];
    private WebApplication _origin = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(AnalyticsFixture.AnyPort.ToString());
        builder.Logging.ClearProviders();
        _origin = builder.Build();
        _origin.Run(async http =>
        {
            lock (_asked)
                _asked.Add($"{http.Request.Headers["X-Forwarded-Proto"]}://{http.Request.Host}{http.Request.Path}");
            var (body, status, to) = _files.GetValueOrDefault(http.Request.Path.Value!, ([], 404, null));
            http.Response.StatusCode = status;
            if (to is not null)
                http.Response.Headers.Location = to;
            await http.Response.Body.WriteAsync(body);
        });
        await _origin.StartAsync();
    }

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task An_index_is_fetched_with_all_its_files_from_the_origin()
    {
        string site = await NewSiteAsync();
        Serve("/sitemap.xml", $"<sitemapindex><sitemap><loc>https://{_host}/a.xml</loc></sitemap><sitemap><loc>https://{_host}/b.xml.gz</loc></sitemap></sitemapindex>");
        Serve("/a.xml", Pages("/1", "/2"));
        Serve("/b.xml.gz", Packed(Pages("/2", "/3")));

        var (status, fetched) = await FetchAsync(site, new { });

        Assert.True(status == 200, fetched.ToString());
        Assert.Equal((3, 3, false), (fetched.Long("files"), fetched.Long("pages"), fetched.GetProperty("daily").GetBoolean()));
        Assert.Equal([$"https://{_host}/sitemap.xml", $"https://{_host}/a.xml", $"https://{_host}/b.xml.gz"], _asked);
        Assert.Equal(3, (await api.Api.JsonAsync($"/v1/sites/{site}/sitemap")).Long("pages"));
        Assert.Equal(fetched.Text("fetchedAt"), (await api.Api.JsonAsync($"/v1/sites/{site}/sitemap/fetch")).Text("fetchedAt"));
        Assert.Equal("sitemap.fetch", (await api.Api.JsonAsync($"/v1/audit?subject={site}&action=sitemap.fetch")).GetProperty("items")[0].Text("action"));
    }

    [Fact]
    public async Task Robots_txt_says_where_it_is_and_redirects_are_followed()
    {
        string site = await NewSiteAsync();
        await api.Store.InsertBinaryAsync("robots_versions", ["time", "site", "host", "status", "mode", "hash", "text", "edge"],
            [[TimeProvider.System.GetUtcNow().UtcDateTime, site, _host, (ushort)200, "pass", "h", $"User-agent: *\nDisallow:\nSitemap: https://{_host}/there.xml\nSitemap: nonsense\n", "e"]], new InsertOptions(), default);
        _files["/there.xml"] = ([], 301, "/moved.xml");
        Serve("/moved.xml", Pages("/1"));

        Assert.Equal(1, (await FetchAsync(site, new { })).Body.Long("pages"));
    }

    [Theory]
    [InlineData("/gone.xml", "status 404")]
    [InlineData("/half.xml", "status 404")]
    [InlineData("/broken.xml", "no XML")]
    [InlineData("/empty.xml", "no page")]
    [InlineData("/round.xml", "status 302")]
    [InlineData("/inside.xml", "not public")]
    public async Task What_cannot_be_had_whole_is_refused_with_its_reason_and_the_one_before_stays(string path, string says)
    {
        string site = await NewSiteAsync();
        Serve("/sitemap.xml", Pages("/1"));
        Assert.Equal(200, (await FetchAsync(site, new { })).Status);
        Serve("/half.xml", $"<sitemapindex><sitemap><loc>https://{_host}/sitemap.xml</loc></sitemap><sitemap><loc>https://{_host}/gone.xml</loc></sitemap></sitemapindex>");
        Serve("/broken.xml", "<urlset><url>");
        Serve("/empty.xml", "<urlset/>");
        _files["/round.xml"] = ([], 302, "/round.xml");
        _files["/inside.xml"] = ([], 302, "http://localhost:1/admin");

        var (status, problem) = await FetchAsync(site, new { url = $"https://{_host}{path}" });

        Assert.Equal(422, status);
        Assert.Contains(says, problem.Text("detail"));
        Assert.Contains(says, (await api.Api.JsonAsync($"/v1/sites/{site}/sitemap/fetch")).Text("error"));
        Assert.Equal(1, (await api.Api.JsonAsync($"/v1/sites/{site}/sitemap")).Long("pages"));
    }

    [Theory]
    [InlineData("ftp://example.com/sitemap.xml")]
    [InlineData("/sitemap.xml")]
    [InlineData("https://user:secret@example.com/")]
    public async Task What_is_no_address_is_refused_by_field(string url)
    {
        var (status, problem) = await FetchAsync(await NewSiteAsync(), new { url });
        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("url", out _));
    }

    [Fact]
    public async Task A_site_of_which_nothing_is_known_says_what_to_give()
    {
        var (status, problem) = await FetchAsync(await api.NewSiteAsync(), new { });
        Assert.Equal(422, status);
        Assert.Contains("'url'", problem.Text("detail"));
    }

    [Fact]
    public async Task A_daily_one_is_fetched_again_the_next_day_by_one_program()
    {
        string site = await NewSiteAsync();
        Serve("/sitemap.xml", Pages("/1"));
        var (_, first) = await FetchAsync(site, new { daily = true });
        Assert.True(first.GetProperty("daily").GetBoolean());
        Serve("/sitemap.xml", Pages("/1", "/2"));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        Assert.Single(_asked);

        time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        await Task.WhenAll(Loop(time).RunAsync(default), Loop(time).RunAsync(default));

        Assert.Equal(2, _asked.Count);
        Assert.Equal(2, (await api.Api.JsonAsync($"/v1/sites/{site}/sitemap")).Long("pages"));
        await FetchAsync(site, new { daily = false });
        time.Advance(TimeSpan.FromDays(2));
        await Loop(time).RunAsync(default);
        Assert.Equal(3, _asked.Count);
    }

    [Fact]
    public async Task The_pages_view_has_it_fetched_and_says_what_came_of_it()
    {
        string tenant = api.NewTenant(), site = await NewSiteAsync(tenant);
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow().AddMinutes(-5)) { Path = "/" }.GptBot());
        await using var visitor = await Visitor.NewAsync(browser, api.Url);
        await visitor.OpenAsync(await api.NewKeyAsync([Scopes.Admin], tenant), "pages", $"site={site}&tab=uncrawled");
        var panel = visitor.Page.Locator("section:has(#uncrawled)");
        await panel.GetByRole(AriaRole.Button, new() { Name = "Fetch sitemap" }).ClickAsync();
        await Expect(panel.GetByRole(AriaRole.Alert)).ToContainTextAsync("status 404");

        Serve("/sitemap.xml", Pages("/never-read"));
        await panel.GetByRole(AriaRole.Button, new() { Name = "Fetch sitemap" }).ClickAsync();

        await Expect(panel.GetByText("1 files, 1 pages")).ToBeVisibleAsync();
        await Expect(panel.Locator("tbody")).ToContainTextAsync("/never-read");
        Assert.Empty(await visitor.AxeAsync());
        await Screenshots.TakeAsync(visitor.Page, "sitemap-fetch", isWhole: true);
    }

    private SitemapLoop Loop(TimeProvider time)
    {
        var wishes = new SqlSitemapFetches(api.Control, time);
        var fetcher = new SitemapFetcher(api.Services.GetRequiredService<SitemapStore>(), api.Services.GetRequiredService<SitemapTriggers>(), api.Services.GetRequiredService<ISites>(), wishes, api.Services.GetRequiredService<ReportStore>(),
            api.Services.GetRequiredService<ISiteFiles>(), api.Services, System.Net.Dns.GetHostAddressesAsync, TimeProvider.System);
        return new SitemapLoop(wishes, fetcher, time, NullLogger<SitemapLoop>.Instance);
    }

    private async Task<string> NewSiteAsync(string tenant = Tenant.Default)
    {
        string site = await api.NewSiteAsync(tenant);
        await api.Definitions.PutAsync(SiteId.Parse(site), tenant, JsonSerializer.Serialize(new { hosts = new[] { _host }, origins = new[] { _origin.Urls.First() } }), null, Actor.Account);
        return site;
    }

    private async Task<(int Status, JsonElement Body)> FetchAsync(string site, object body)
    {
        using var response = await api.Api.PostAsJsonAsync(new Uri($"/v1/sites/{site}/sitemap/fetch", UriKind.Relative), body);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private void Serve(string path, string text) => Serve(path, Encoding.UTF8.GetBytes(text));

    private void Serve(string path, byte[] body) => _files[path] = (body, 200, null);

    private string Pages(params string[] paths) => $"<urlset>{string.Concat(paths.Select(p => $"<url><loc>https://{_host}{p}</loc></url>"))}</urlset>";

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
