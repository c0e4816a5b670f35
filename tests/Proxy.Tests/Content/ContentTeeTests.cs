using System.IO.Compression;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Content;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Content;

public sealed class ContentTeeTests
{
    private const string Crawler = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)";
    private const string Other = "CCBot/2.0 (https://commoncrawl.org/faq/)";
    private const string Text = "A heat pump moves warmth from outside air into a house instead of making it by burning fuel.";
    private readonly SightingList _sightings = new();
    private string _page = PageOf(Text);
    private string _encoding = "";
    private string _type = "text/html; charset=utf-8";
    private int _status = 200;

    [Fact]
    public async Task A_page_read_again_is_the_same_until_its_text_changes()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin);

        await GetAsync(edge, "/pricing?plan=1", Crawler);
        var first = await _sightings.NextAsync();
        await GetAsync(edge, "/pricing?plan=1", Crawler);
        var second = await _sightings.NextAsync();
        await GetAsync(edge, "/pricing?plan=1", Other);
        var others = await _sightings.NextAsync();
        _page = PageOf("Two banks offer loans tied to the measured savings, with instalments that pause in warm winters.");
        await GetAsync(edge, "/pricing?plan=1", Other);
        var changed = await _sightings.NextAsync();

        Assert.Equal((SiteId.Parse("shop"), "www.example.com", "/pricing", "plan=1", "gptbot", Identity.Spoofed),
            (first.Site, first.Host, first.Path, first.Query, first.Crawler, first.Identity));
        Assert.Equal((ContentChange.FirstSeen, ContentChange.FirstSeen), (first.ChangeForCrawler, first.ChangeForAnyone));
        Assert.Equal((ContentChange.Same, ContentChange.Same), (second.ChangeForCrawler, second.ChangeForAnyone));
        Assert.Equal((ContentChange.FirstSeen, ContentChange.Same), (others.ChangeForCrawler, others.ChangeForAnyone));
        Assert.Equal((ContentChange.Text, ContentChange.Text), (changed.ChangeForCrawler, changed.ChangeForAnyone));
        Assert.Equal(first.Hash, others.Hash);
        Assert.Equal((await edge.Hits.NextAsync()).HitId, first.HitId);
    }

    [Fact]
    public async Task The_same_bytes_in_another_charset_are_another_page()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin);
        _page = PageOf("Caf\u00e9s und B\u00e4cker \u00f6ffnen fr\u00fch, und die Stra\u00dfe riecht nach Brot und Kaffee.");

        await GetAsync(edge, "/", Crawler);
        var first = await _sightings.NextAsync();
        await GetAsync(edge, "/", Crawler);
        var same = await _sightings.NextAsync();
        _type = "text/html; charset=windows-1252";
        await GetAsync(edge, "/", Crawler);
        var misread = await _sightings.NextAsync();

        Assert.Equal((first.Hash, first.Words, first.SimHash, first.Indicators), (same.Hash, same.Words, same.SimHash, same.Indicators));
        Assert.NotEqual(first.Hash, misread.Hash);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_packed_page_shows_what_the_plain_one_shows_and_passes_untouched(string encoding)
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin);

        await GetAsync(edge, "/", Crawler);
        var plain = await _sightings.NextAsync();
        _encoding = encoding;
        byte[] answer = await GetAsync(edge, "/", Crawler);

        Assert.Equal(Pack(_page, encoding), answer);
        Assert.Equal((plain.Hash, ContentChange.Same), ((await _sightings.NextAsync() is var packed ? packed.Hash : 0), packed.ChangeForCrawler));
    }

    [Fact]
    public async Task Only_a_crawlers_whole_page_is_read()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin);

        await GetAsync(edge, "/human", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36");
        await GetAsync(edge, "/head", Crawler, HttpMethod.Head);
        await GetAsync(edge, "/post", Crawler, HttpMethod.Post);
        _type = "application/json";
        await GetAsync(edge, "/json", Crawler);
        _type = "text/html";
        _status = 404;
        await GetAsync(edge, "/missing", Crawler);
        _status = 304;
        await GetAsync(edge, "/unchanged", Crawler);
        _status = 200;
        await GetAsync(edge, "/page", Crawler);

        // Pages are read in the order in which their answers ended: none came before this one.
        Assert.Equal("/page", (await _sightings.NextAsync()).Path);
    }

    [Fact]
    public async Task Too_many_pages_at_once_are_shed_and_counted_and_answers_are_the_same()
    {
        var isHeld = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async http =>
        {
            if (http.Request.Path == "/held")
            {
                http.Response.ContentType = _type;
                await http.Response.WriteAsync("<p>held");
                await http.Response.Body.FlushAsync();
                isHeld.SetResult();
                await release.Task;
                return;
            }
            await AnswerAsync(http);
        });
        await using var edge = await StartAsync(origin, o => o with { ContentQueueMax = 1 });
        using var shed = edge.Count("weir.edge.content.shed");

        using var request = RequestFor("/held", Crawler, HttpMethod.Get);
        using var held = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await isHeld.Task;
        await using var body = await held.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        _ = await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        byte[] answer = await GetAsync(edge, "/shed", Crawler);
        release.SetResult();

        Assert.Equal(Encoding.UTF8.GetBytes(_page), answer);
        Assert.Equal(1, shed.Sum);
        Assert.Equal("/held", (await _sightings.NextAsync()).Path);
    }

    [Fact]
    public async Task A_page_larger_than_the_bound_passes_whole_and_is_read_by_its_head()
    {
        _page = PageOf(Text) + new string(' ', 3 * ContentReader.BytesMax) + "<p>never read</p>";
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin);

        byte[] answer = await GetAsync(edge, "/", Crawler);

        Assert.Equal(_page.Length, answer.Length);
        Assert.Equal(18u, (await _sightings.NextAsync()).Words);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_shed()
    {
        var arrived = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async http =>
        {
            http.Response.ContentType = _type;
            await http.Response.WriteAsync("<p>half a ");
            await http.Response.Body.FlushAsync();
            await arrived.Task;
            http.Abort();
        });
        await using var edge = await StartAsync(origin);
        using var shed = edge.Count("weir.edge.content.shed");

        using var request = RequestFor("/", Crawler, HttpMethod.Get);
        using var answer = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        _ = await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        arrived.SetResult();
        _ = await edge.Hits.NextAsync();

        Assert.Equal(1, shed.Sum);
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted()
    {
        _encoding = "zstd";
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin);
        using var failed = edge.Count("weir.edge.content.failed");

        await GetAsync(edge, "/zstd", Crawler);
        _encoding = "";
        await GetAsync(edge, "/plain", Crawler);

        Assert.Equal("/plain", (await _sightings.NextAsync()).Path);
        Assert.Equal(1, failed.Sum);
    }

    [Fact]
    public async Task A_sample_of_nothing_reads_nothing()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartAsync(origin, o => o with { ContentSample = 0 });
        using var read = edge.Count("weir.edge.content.read");

        await GetAsync(edge, "/", Crawler);
        _ = await edge.Hits.NextAsync();
        await edge.App.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, read.Sum);
    }

    [Fact]
    public async Task The_text_of_a_page_is_kept_once_until_it_changes_whoever_fetches_it()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartVerifiedAsync(origin);

        await ReadAsync(edge, "/pricing");
        await ReadAsync(edge, "/pricing");
        await ReadAsync(edge, "/other");
        _page = PageOf("Two banks offer loans tied to the measured savings, with instalments that pause in warm winters.");
        await ReadAsync(edge, "/pricing");

        Assert.Equal(["/pricing", "/other", "/pricing"], _sightings.Texts.Select(t => t.Path));
        Assert.Equal(("shop", "www.example.com", "x", Text), (_sightings.Texts[0].Site.Value, _sightings.Texts[0].Host, _sightings.Texts[0].Title, _sightings.Texts[0].Text));
        Assert.Equal(_sightings.Texts[0].Hash, _sightings.Texts[1].Hash);
        Assert.StartsWith("Two banks", _sightings.Texts[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_text_is_kept_of_what_a_signed_in_client_or_no_proven_crawler_was_shown()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartVerifiedAsync(origin);

        await ReadAsync(edge, "/account", headers: ("Cookie", "session=1"));
        await ReadAsync(edge, "/account", headers: ("Authorization", "Bearer x"));
        await ReadAsync(edge, "/account?session=1");
        await ReadAsync(edge, "/account", from: "203.0.113.9");

        Assert.Empty(_sightings.Texts);
    }

    [Fact]
    public async Task A_site_that_keeps_no_texts_keeps_none_and_its_pages_are_seen_as_before()
    {
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartVerifiedAsync(origin, keepsTexts: false);

        await ReadAsync(edge, "/pricing");

        Assert.Empty(_sightings.Texts);
    }

    [Fact]
    public async Task A_long_text_is_kept_by_its_head()
    {
        _page = PageOf(string.Concat(Enumerable.Repeat("Wärme ", 5_000)));
        await using var origin = await TestOrigin.StartAsync(AnswerAsync);
        await using var edge = await StartVerifiedAsync(origin);

        await ReadAsync(edge, "/long");

        Assert.Equal(PageText.CharactersMax, Assert.Single(_sightings.Texts).Text.Length);
    }

    private Task<Edge> StartVerifiedAsync(TestOrigin origin, bool keepsTexts = true) => Edge.StartAsync(
        [Edge.SiteOf("www.example.com", origin.Url) with { Privacy = new SitePrivacy { KeepsPageTexts = keepsTexts } }],
        o => o with { TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")] }, content: _sightings);

    // From an address of the operator's own list, unless another is named.
    private async Task ReadAsync(Edge edge, string path, string from = "4.227.36.7", params (string Name, string Value)[] headers)
    {
        using var request = RequestFor(path, "Mozilla/5.0 (compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)", HttpMethod.Get);
        foreach (var (name, value) in headers.Append(("X-Forwarded-For", from)))
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await _sightings.NextAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        http.Response.StatusCode = _status;
        if (_status == 304)
            return;
        http.Response.ContentType = _type;
        if (_encoding.Length > 0)
            http.Response.Headers.ContentEncoding = _encoding;
        byte[] bytes = Pack(_page, _encoding);
        if (http.Request.Method == "HEAD")
            http.Response.ContentLength = bytes.Length;
        else
            await http.Response.Body.WriteAsync(bytes);
    }

    private static byte[] Pack(string page, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packer = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new BufferedStream(new MemoryStream()),
        })
        {
            if (encoding is not ("gzip" or "br" or "deflate"))
                return Encoding.UTF8.GetBytes(page);
            packer.Write(Encoding.UTF8.GetBytes(page));
        }
        return packed.ToArray();
    }

    private static string PageOf(string text) => $"<!doctype html><html><head><title>x</title></head><body><nav>Home</nav><main><p>{text}</p></main></body></html>";

    private Task<Edge> StartAsync(TestOrigin origin, Func<EdgeOptions, EdgeOptions>? change = null) =>
        Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)], change, content: _sightings);

    private static async Task<byte[]> GetAsync(Edge edge, string path, string userAgent, HttpMethod? method = null)
    {
        using var request = RequestFor(path, userAgent, method ?? HttpMethod.Get);
        using var answer = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    private static HttpRequestMessage RequestFor(string path, string userAgent, HttpMethod method)
    {
        var request = new HttpRequestMessage(method, "http://www.example.com" + path);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        return request;
    }

    private sealed class SightingList : IContentSink
    {
        private readonly Channel<ContentSighting> _all = Channel.CreateUnbounded<ContentSighting>();

        public bool TryWrite(ContentSighting sighting) => _all.Writer.TryWrite(sighting);

        public List<PageText> Texts { get; } = [];

        public bool TryWrite(PageText text)
        {
            Texts.Add(text);
            return true;
        }

        public ValueTask<ContentSighting> NextAsync() => _all.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }
}
