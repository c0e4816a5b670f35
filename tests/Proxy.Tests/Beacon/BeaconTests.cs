using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Beacon;

public class BeaconTests(BrowserFixture browsers) : IClassFixture<BrowserFixture>
{
    private const string Page = "<!doctype html><html><head><title>a</title><link rel=icon href=data:,></head><body><p id=p>hello</p></body></html>";
    private const string Tag = "<script defer src=\"/.weir/b.js\"></script>";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BeaconMode.Inject, "", false)]
    [InlineData(BeaconMode.Inject, "gzip", true)]
    [InlineData(BeaconMode.Tag, "", true)]
    public async Task A_browser_that_runs_the_script_is_known_to_have_from_its_next_request_on(BeaconMode mode, string encoding, bool cookies)
    {
        string page = mode == BeaconMode.Tag ? Page.Replace("</head>", Tag + "</head>", StringComparison.Ordinal) : Page;
        await using var origin = await TestOrigin.StartAsync(c => AnswerAsync(c, page, encoding));
        await using var edge = await StartAsync(origin, mode, cookies);
        var visitor = await browsers.Person.NewContextAsync();
        var tab = await visitor.NewPageAsync();

        await tab.GotoAsync(Address(edge, "/one"), new PageGotoOptions { Timeout = 0 });
        var first = await HitOfAsync(edge, "/one");
        var report = await HitOfAsync(edge, "/.weir/b");
        await tab.GotoAsync(Address(edge, "/two"), new PageGotoOptions { Timeout = 0 });
        var second = await HitOfAsync(edge, "/two");

        Assert.Equal("hello", await tab.Locator("#p").TextContentAsync());
        Assert.False(first.Verdict.Reasons.Has(Reason.BeaconRan));
        Assert.Equal(("POST", 204), (report.Method, report.Status));
        Assert.True(second.Verdict.Reasons.Has(Reason.BeaconRan));
        Assert.Equal(cookies ? 1 : 0, (await visitor.CookiesAsync()).Count(c => c.Name == "weir_b" && c.HttpOnly));
        await visitor.CloseAsync();
    }

    [Fact]
    public async Task A_browser_that_a_program_drives_is_no_persons_for_having_run_the_script()
    {
        await using var origin = await TestOrigin.StartAsync(c => AnswerAsync(c, Page, ""));
        await using var edge = await StartAsync(origin, BeaconMode.Inject);
        using var reports = edge.Count("weir.edge.beacon.reports");
        var tab = await browsers.Program.NewPageAsync();

        await tab.GotoAsync(Address(edge, "/one"), new PageGotoOptions { Timeout = 0 });
        var report = await HitOfAsync(edge, "/.weir/b");
        await tab.GotoAsync(Address(edge, "/two"), new PageGotoOptions { Timeout = 0 });

        Assert.Contains("&f=w", report.Query, StringComparison.Ordinal);
        Assert.False((await HitOfAsync(edge, "/two")).Verdict.Reasons.Has(Reason.BeaconRan));
        Assert.True(reports.Sum >= 1);
        await tab.CloseAsync();
    }

    [Fact]
    public async Task A_strict_policy_leaves_the_page_as_it_is_and_the_browser_without_complaint()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.Headers.ContentSecurityPolicy = "default-src 'none'; img-src data:; script-src 'nonce-abc' 'strict-dynamic'";
            return AnswerAsync(c, Page, "");
        });
        await using var edge = await StartAsync(origin, BeaconMode.Inject);
        using var pages = edge.Count("weir.edge.beacon.pages");
        var tab = await browsers.Person.NewPageAsync();
        var complaints = new List<string>();
        tab.Console += (_, message) => complaints.Add(message.Text);

        var response = await tab.GotoAsync(Address(edge, "/"), new PageGotoOptions { Timeout = 0 });

        Assert.Equal(Page, await response!.TextAsync());
        Assert.Empty(complaints);
        Assert.Equal(1, pages.Sum);
        await tab.CloseAsync();
    }

    [Fact]
    public async Task Curl_is_offered_the_script_and_never_runs_it()
    {
        await using var origin = await TestOrigin.StartAsync(c => AnswerAsync(c, Page, ""));
        await using var edge = await StartAsync(origin, BeaconMode.Inject);

        for (int i = 0; i < 8; i++)
        {
            var (code, output) = await ClientProgram.RunAsync("curl", "-s", "-H", "Host: www.example.com", $"http://127.0.0.1:{edge.Port}/{i}");
            Assert.Equal((0, Page.Replace("</head>", Tag + "</head>", StringComparison.Ordinal)), (code, output));
        }

        var last = await HitOfAsync(edge, "/7");
        Assert.False(last.Verdict.Reasons.Has(Reason.BeaconRan));
        Assert.True(last.Verdict.Reasons.Has(Reason.OfferIgnored));
    }

    [Fact]
    public async Task A_copied_call_is_worth_nothing_from_another_client_and_a_made_up_one_nothing_at_all()
    {
        await using var origin = await TestOrigin.StartAsync(c => AnswerAsync(c, Page, ""));
        await using var edge = await StartAsync(origin, BeaconMode.Tag);
        string script = await GetAsync(edge, "/.weir/b.js", "one");
        string call = "/.weir/b?t=" + script.Split("?t=")[1].Split('&')[0];

        foreach (var (path, agent, body, status) in ((string, string, int, int)[])[
            (call + "&f=vs", "two", 0, 204), (call[..^2] + "AA&f=vs", "one", 0, 204), (call, "one", 0, 204), (call + "&f=vs&f=vs", "one", 0, 204),
            (call + "&f=vs", "one", 4000, 413)])
        {
            using var wrong = await PostAsync(edge, path, agent, body);
            Assert.Equal(status, (int)wrong.StatusCode);
        }
        await GetAsync(edge, "/before", "one");
        using var right = await PostAsync(edge, call + "&f=vs", "one", 100);
        await GetAsync(edge, "/after", "one");

        Assert.InRange(Encoding.UTF8.GetByteCount(script), 100, 1024);
        Assert.False((await HitOfAsync(edge, "/before")).Verdict.Reasons.Has(Reason.BeaconRan));
        Assert.True((await HitOfAsync(edge, "/after")).Verdict.Reasons.Has(Reason.BeaconRan));
    }

    [Theory]
    [InlineData("Cache-Control", "no-transform")]
    [InlineData("Content-Disposition", "attachment; filename=a.html")]
    [InlineData("Repr-Digest", "sha-256=:AA==:")]
    [InlineData("Content-Encoding", "zstd")]
    [InlineData("Content-Security-Policy", "script-src 'self'; connect-src https://api.example.com")]
    [InlineData("Content-Security-Policy-Report-Only", "script-src 'none'")]
    [InlineData("Content-Type", "text/html; charset=utf-16")]
    [InlineData("Content-Type", "application/xhtml+xml")]
    public async Task In_doubt_a_page_passes_as_it_is(string header, string value)
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.ContentType = "text/html";
            c.Response.Headers[header] = value;
            c.Response.ContentLength = Page.Length;
            return c.Response.WriteAsync(Page);
        });
        await using var edge = await StartAsync(origin, BeaconMode.Inject);

        using var response = await edge.Client.GetAsync(new Uri("http://www.example.com/"), Stop);

        Assert.Equal((Page, (long?)Page.Length), (Encoding.ASCII.GetString(await response.Content.ReadAsByteArrayAsync(Stop)), response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task A_tagged_page_has_weak_validators_and_no_length_and_pieces_and_crawlers_get_the_origins()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.Headers.ETag = "\"1\"";
            c.Response.Headers.AcceptRanges = "bytes";
            c.Response.ContentLength = Page.Length;
            return AnswerAsync(c, Page, "");
        });
        await using var edge = await StartAsync(origin, BeaconMode.Inject);

        using var tagged = await SendAsync(edge);
        using var fetched = await SendAsync(edge, ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"));
        using var ranged = await SendAsync(edge, ("Range", "bytes=0-10"));
        using var crawler = await SendAsync(edge, ("User-Agent", "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"));

        Assert.Equal(("W/\"1\"", false, Page.Length + Tag.Length),
            (tagged.Headers.ETag!.ToString(), tagged.Headers.Contains("Accept-Ranges"), (await tagged.Content.ReadAsStringAsync(Stop)).Length));
        foreach (var whole in (HttpResponseMessage[])[fetched, ranged, crawler])
            Assert.Equal(("\"1\"", Page), (whole.Headers.ETag!.ToString(), await whole.Content.ReadAsStringAsync(Stop)));
    }

    [Fact]
    public async Task A_page_that_streams_arrives_as_it_is_sent()
    {
        var more = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            c.Response.ContentType = "text/html";
            c.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(c.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync("<html><head></head><body>early"u8.ToArray());
            await gzip.FlushAsync();
            await more.Task;
            await gzip.WriteAsync("late"u8.ToArray());
        });
        await using var edge = await StartAsync(origin, BeaconMode.Inject);

        using var response = await edge.Client.GetAsync(new Uri("http://www.example.com/"), HttpCompletionOption.ResponseHeadersRead, Stop);
        await using var page = new GZipStream(await response.Content.ReadAsStreamAsync(Stop), CompressionMode.Decompress);
        string early = await ReadUntilAsync(page, "early");
        more.SetResult();

        Assert.Equal($"<html><head>{Tag}</head><body>early", early);
        Assert.Equal("late", await ReadUntilAsync(page, "late"));
    }

    [Fact]
    public async Task Without_a_beacon_its_paths_are_not_there()
    {
        await using var origin = await TestOrigin.StartAsync(c => AnswerAsync(c, Page, ""));
        await using var edge = await Edge.BeforeAsync(origin);

        using var script = await edge.Client.GetAsync(new Uri("http://www.example.com/.weir/b.js"), Stop);

        Assert.Equal((HttpStatusCode.NotFound, 0), (script.StatusCode, edge.Hits.Waiting));
    }

    private static Task<Edge> StartAsync(TestOrigin origin, BeaconMode mode, bool cookies = false) =>
        Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { Beacon = new SiteBeacon { Mode = mode, UsesCookies = cookies } }]);

    private static async Task AnswerAsync(HttpContext c, string page, string encoding)
    {
        c.Response.ContentType = "text/html; charset=utf-8";
        if (encoding.Length == 0)
        {
            await c.Response.WriteAsync(page);
            return;
        }
        c.Response.Headers.ContentEncoding = encoding;
        await using Stream packed = encoding == "br" ? new BrotliStream(c.Response.Body, CompressionLevel.Optimal) : new GZipStream(c.Response.Body, CompressionLevel.Optimal);
        await packed.WriteAsync(Encoding.UTF8.GetBytes(page));
    }

    private static string Address(Edge edge, string path) => $"http://www.example.com:{edge.Port}{path}";

    private static async Task<Hit> HitOfAsync(Edge edge, string path)
    {
        while (true)
        {
            var hit = await edge.Hits.NextAsync();
            if (hit.Path == path)
                return hit;
        }
    }

    private static async Task<string> GetAsync(Edge edge, string path, string agent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com" + path);
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using var response = await edge.Client.SendAsync(request, Stop);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private static async Task<HttpResponseMessage> PostAsync(Edge edge, string path, string agent, int body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://www.example.com" + path) { Content = new ByteArrayContent(new byte[body]) };
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        return await edge.Client.SendAsync(request, Stop);
    }

    private static async Task<HttpResponseMessage> SendAsync(Edge edge, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await edge.Client.SendAsync(request, Stop);
    }

    private static async Task<string> ReadUntilAsync(Stream page, string end)
    {
        var text = new StringBuilder();
        byte[] piece = new byte[256];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await page.ReadAsync(piece, Stop) is var read and > 0)
            text.Append(Encoding.UTF8.GetString(piece, 0, read));
        return text.ToString();
    }
}
