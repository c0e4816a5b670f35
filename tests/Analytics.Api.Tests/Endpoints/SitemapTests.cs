using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Weir.Analytics.Api.Sitemaps;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Sitemaps, which of their pages nobody fetched, and when crawlers saw new text.</summary>
[Collection(AnalyticsCollection.Name)]
public class SitemapTests(AnalyticsFixture api)
{
    private const string Day = "from=2026-03-10&to=2026-03-11";

    private const string Xml = """
        <?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
          <url><loc>https://example.test/a</loc><lastmod>2026-03-01</lastmod><image:image><image:loc>https://example.test/no-page.png</image:loc></image:image></url>
          <url><loc> https://example.test/b?id=1&amp;x=2 </loc><changefreq>daily</changefreq></url>
          <url><loc>https://example.test/ä</loc></url><url><loc>https://example.test/never</loc></url>
          <url><loc>/relative</loc></url>
        </urlset>
        """;

    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private async Task<(int Status, JsonElement Body)> PutAsync(string site, byte[] body, string query = "", HttpClient? client = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        using var response = await (client ?? api.Api).PutAsync(new Uri($"/v1/sites/{site}/sitemap{query}", UriKind.Relative), content);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<JsonElement> PutAsync(string site, string text, string query = "")
    {
        var (status, body) = await PutAsync(site, Encoding.UTF8.GetBytes(text), query);
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    private async Task<string[]> UncrawledAsync(string site, string query = Day) =>
        [.. (await api.Api.JsonAsync($"/v1/sites/{site}/pages/uncrawled?{query}")).GetProperty("items").EnumerateArray().Select(i => i.Text("path")!)];

    [Fact]
    public async Task Pages_of_the_sitemap_that_no_crawler_fetched_are_named()
    {
        string site = await api.NewSiteAsync();
        Assert.Equal(4, (await PutAsync(site, Xml)).Long("pages"));
        var hit = new TestHit(site, Noon);
        await api.StoreAsync(
            (hit with { HitId = 1, Path = "/a" }).GptBot(),
            (hit with { HitId = 2, Path = "/%C3%A4" }).Googlebot(),
            // None of these is a crawl: another query, a person, a borrowed name, an error.
            (hit with { HitId = 3, Path = "/b" }).GptBot(),
            hit with { HitId = 4, Path = "/never" },
            (hit with { HitId = 5, Path = "/never" }).GptBot("spoofed"),
            (hit with { HitId = 6, Path = "/never", Status = 404 }).GptBot());

        var list = await api.Api.JsonAsync($"/v1/sites/{site}/pages/uncrawled?{Day}");

        Assert.Equal((4, 2), (list.Long("pages"), list.Long("crawled")));
        Assert.Equal([("/b", "id=1&x=2"), ("/never", null)], list.GetProperty("items").EnumerateArray().Select(i => (i.Text("path"), i.Text("query"))));
        Assert.Equal(["/a", "/b", "/never"], await UncrawledAsync(site, $"{Day}&purpose=search"));
        Assert.Equal(["/%C3%A4", "/b", "/never"], await UncrawledAsync(site, $"{Day}&purpose=ai&identity=verified"));
        Assert.Equal(["/%C3%A4", "/a", "/b", "/never"], await UncrawledAsync(site, $"{Day}&crawler=claudebot"));
    }

    [Fact]
    public async Task The_list_goes_on_by_cursor_and_is_a_table()
    {
        string site = await api.NewSiteAsync();
        await PutAsync(site, string.Join('\n', Enumerable.Range(0, 25).Select(i => $"https://example.test/p{i:00}")));
        await api.StoreAsync((new TestHit(site, Noon) { Path = "/p07" }).GptBot());
        var seen = new List<string>();
        string cursor = "";
        do
        {
            var page = await api.Api.JsonAsync($"/v1/sites/{site}/pages/uncrawled?{Day}&limit=7&cursor={cursor}");
            Assert.Equal((25, 1), (page.Long("pages"), page.Long("crawled")));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.Text("path")!));
            cursor = page.Text("next") ?? "";
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Range(0, 25).Where(i => i != 7).Select(i => $"/p{i:00}"), seen);
        Assert.Equal(25, (await api.Api.GetStringAsync(new Uri($"/v1/sites/{site}/pages/uncrawled?{Day}&format=csv", UriKind.Relative))).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_sitemap_replaces_the_one_before_and_can_be_added_to()
    {
        string site = await api.NewSiteAsync();
        await PutAsync(site, "https://example.test/old\nhttps://example.test/both");
        await PutAsync(site, "https://example.test/both\nhttps://example.test/new");
        Assert.Equal(["/both", "/new"], await UncrawledAsync(site));

        var added = await PutAsync(site, "https://example.test/more\nhttps://example.test/new", "?add=true");

        Assert.Equal(3, added.Long("pages"));
        Assert.Equal(["/both", "/more", "/new"], await UncrawledAsync(site, $"{Day}&limit=50"));
        Assert.Equal(3, (await api.Api.JsonAsync($"/v1/sites/{site}/sitemap")).Long("pages"));
    }

    [Fact]
    public async Task Gzip_is_taken_and_what_unpacks_to_too_much_is_not()
    {
        string site = await api.NewSiteAsync();

        var (good, body) = await PutAsync(site, Pack(Encoding.UTF8.GetBytes(Xml)));
        var (bomb, problem) = await PutAsync(site, Pack(new byte[SitemapReader.BytesMax + 1]));
        var (cut, _) = await PutAsync(site, [0x1f, 0x8b, 8, 0, 1, 2, 3]);

        Assert.Equal((200, 4), (good, (int)body.Long("pages")));
        Assert.Equal((422, 422), (bomb, cut));
        Assert.Contains("50 MB", problem.Text("detail"), StringComparison.Ordinal);

        static byte[] Pack(byte[] plain)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
                gzip.Write(plain);
            return packed.ToArray();
        }
    }

    [Theory]
    [InlineData("<!DOCTYPE urlset [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><urlset><url><loc>&x;</loc></url></urlset>")]
    [InlineData("<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><urlset><url><loc>https://e.test/&b;</loc></url></urlset>")]
    [InlineData("<html><body>not found</body></html>")]
    [InlineData("<urlset><url><loc>https://e.test/a</url></urlset>")]
    [InlineData("<urlset></urlset>")]
    [InlineData("no address\nanother")]
    [InlineData("ftp://e.test/a")]
    [InlineData("https://user:secret@e.test/a")]
    [InlineData("")]
    public async Task What_is_no_sitemap_is_refused_in_words_and_changes_nothing(string text)
    {
        string site = await api.NewSiteAsync();
        await PutAsync(site, "https://example.test/kept");

        var (status, problem) = await PutAsync(site, Encoding.UTF8.GetBytes(text));

        Assert.Equal((422, "urn:weir:problem:sitemap"), (status, problem.Text("type")));
        Assert.DoesNotContain("root:", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["/kept"], await UncrawledAsync(site));
    }

    [Fact]
    public async Task An_index_names_the_files_to_send()
    {
        var (status, problem) = await PutAsync(await api.NewSiteAsync(),
            Encoding.UTF8.GetBytes("<sitemapindex><sitemap><loc>https://e.test/1.xml</loc></sitemap><sitemap><loc>https://e.test/2.xml.gz</loc></sitemap></sitemapindex>"));

        Assert.Equal((422, "urn:weir:problem:sitemap-index"), (status, problem.Text("type")));
        Assert.Equal(["https://e.test/1.xml", "https://e.test/2.xml.gz"], problem.GetProperty("sitemaps").EnumerateArray().Select(s => s.GetString()));
    }

    [Fact]
    public async Task Without_a_sitemap_the_answer_says_to_send_one()
    {
        string site = await api.NewSiteAsync();

        Assert.Equal("urn:weir:problem:sitemap-unknown", (await api.Api.RefusalAsync($"/v1/sites/{site}/pages/uncrawled")).Problem.Text("type"));
        Assert.Equal(404, (await api.Api.RefusalAsync($"/v1/sites/{site}/sitemap")).Status);
    }

    [Fact]
    public async Task Another_tenant_reads_and_writes_no_sitemap()
    {
        string site = await api.NewSiteAsync();
        await PutAsync(site, "https://example.test/kept");
        using var other = api.Client(await api.NewKeyAsync([Scopes.SitesWrite, Scopes.AnalyticsRead], "tenant-of-nobody"));

        var (written, _) = await PutAsync(site, Encoding.UTF8.GetBytes("https://example.test/theirs"), client: other);

        Assert.Equal((404, 404), (written, (await other.RefusalAsync($"/v1/sites/{site}/sitemap")).Status));
        Assert.Equal(["/kept"], await UncrawledAsync(site));
    }

    [Fact]
    public async Task Random_bytes_are_a_sitemap_or_refused() =>
        await Gen.OneOf(
            Gen.Byte.Array[0, 200],
            Gen.String[0, 60].Select(s => Encoding.UTF8.GetBytes($"<urlset><url><loc>https://e.test/{s}</loc><lastmod>{s}</lastmod></url></urlset>")),
            Gen.Int[0, Xml.Length].Select(n => Encoding.UTF8.GetBytes(Xml[..n]))).SampleAsync(async bytes =>
            {
                try
                {
                    var sitemap = await SitemapReader.ReadAsync(new MemoryStream(bytes), TestContext.Current.CancellationToken);
                    Assert.All(sitemap.Pages, p => Assert.True(p.Path.StartsWith('/') && !p.Path.Contains(' ') && p.Host.Length > 0));
                }
                catch (SitemapException)
                {
                    // The only way out.
                }
            }, iter: 3_000);

    [Fact]
    public async Task Each_crawler_has_seen_new_text_at_a_time_of_its_own()
    {
        string site = await api.NewSiteAsync();
        await api.Store.ExecuteNonQueryAsync(
            "INSERT INTO content_sightings (time, site, hit_id, host, path, query, crawler, identity, hash, simhash, words, change_for_crawler, change_for_anyone, indicators) VALUES "
            + Row(0, "/a", "gptbot", "verified", "first-seen", 10) + ", " + Row(10, "/a", "gptbot", "verified", "text", 12) + ", " + Row(20, "/a", "gptbot", "verified", "boilerplate", 13)
            + ", " + Row(15, "/a", "claudebot", "unverifiable", "text", 12) + ", " + Row(30, "/b", "gptbot", "verified", "same", 5) + ", " + Row(40, "/a", "gptbot", "spoofed", "text", 1));

        var items = (await api.Api.JsonAsync($"/v1/sites/{site}/pages/changes?{Day}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([("/a", "claudebot", 1, 12), ("/a", "gptbot", 3, 13), ("/b", "gptbot", 1, 5)],
            items.Select(i => (i.Text("path"), i.Text("crawler"), (int)i.Long("fetches"), (int)i.Long("words"))));
        Assert.Equal((Noon.AddMinutes(10), Noon.AddMinutes(20)), (items[1].GetProperty("lastChanged").GetDateTimeOffset(), items[1].GetProperty("lastSeen").GetDateTimeOffset()));
        Assert.Equal(JsonValueKind.Null, items[2].GetProperty("lastChanged").ValueKind);
        var first = await api.Api.JsonAsync($"/v1/sites/{site}/pages/changes?{Day}&limit=2");
        var rest = await api.Api.JsonAsync($"/v1/sites/{site}/pages/changes?limit=2&cursor={first.Text("next")}");
        Assert.Equal("/b", Assert.Single(rest.GetProperty("items").EnumerateArray()).Text("path"));

        string Row(int minute, string path, string crawler, string identity, string change, int words) =>
            $"('2026-03-10 12:{minute:00}:00', '{site}', {minute + 1}, 'e.test', '{path}', '', '{crawler}', '{identity}', 1, 1, {words}, '{change}', 'same', 0)";
    }
}
