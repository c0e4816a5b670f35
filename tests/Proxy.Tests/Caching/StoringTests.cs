using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Caching;

/// <summary>What is kept and given again (RFC 9111 §3), through the whole edge.</summary>
public class StoringTests
{
    [Theory]
    [InlineData("max-age=60", CacheResult.Hit)]
    [InlineData("s-maxage=60, max-age=0", CacheResult.Hit)]
    [InlineData("MAX-AGE=60", CacheResult.Hit)]
    [InlineData("x=\"no-store, private\", max-age=60", CacheResult.Hit)]
    [InlineData("max-age=60, max-age=0", CacheResult.Hit)]
    [InlineData("public, max-age=99999999999999999999", CacheResult.Hit)]
    [InlineData("", CacheResult.Miss)]
    [InlineData("max-age=0", CacheResult.Miss)]
    [InlineData("max-age=x", CacheResult.Miss)]
    [InlineData("max-age=60, no-store", CacheResult.Miss)]
    [InlineData("max-age=60, no-cache", CacheResult.Miss)]
    [InlineData("max-age=60, no-cache=\"x\"", CacheResult.Miss)]
    [InlineData("max-age=60, private", CacheResult.Miss)]
    [InlineData("max-age=60, private=\"x\"", CacheResult.Miss)]
    [InlineData("s-maxage=0, max-age=60", CacheResult.Miss)]
    public async Task A_second_request_is_answered_as_Cache_Control_says(string control, CacheResult expected)
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = control);

        var (_, first, hit) = await site.GetAsync("/");
        var (_, second, again) = await site.GetAsync("/");

        Assert.Equal((CacheResult.Miss, expected), (hit.Cache, again.Cache));
        Assert.Equal(expected == CacheResult.Hit, first == second);
        Assert.Equal(200, again.Status);
        Assert.Equal((ulong)second.Length, again.BytesSent);
    }

    [Theory]
    [InlineData("Expires", "Sun, 01 Mar 2026 13:00:00 GMT", CacheResult.Hit)]
    [InlineData("Expires", "Sunday, 01-Mar-26 13:00:00 GMT", CacheResult.Hit)]
    [InlineData("Expires", "Sun Mar  1 13:00:00 2026", CacheResult.Hit)]
    [InlineData("Expires", "Sun, 01 Mar 2026 11:00:00 GMT", CacheResult.Miss)]
    [InlineData("Expires", "0", CacheResult.Miss)]
    [InlineData("Expires", "Sun, 01 Mar 2026 13:00:00 CET", CacheResult.Miss)]
    [InlineData("Expires", "Sun, 01-Mar-2026 13:00:00 GMT", CacheResult.Miss)]
    [InlineData("Expires", "Sun,  01 Mar  2026 13:00:00 GMT", CacheResult.Miss)]
    [InlineData("Expires", "Sun, 01 Mar 2026 9:00:00 GMT", CacheResult.Miss)]
    [InlineData("CDN-Cache-Control", "max-age=60", CacheResult.Hit)]
    public async Task A_date_or_a_word_to_caches_in_front_of_the_origin_makes_fresh(string name, string value, CacheResult expected)
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers[name] = value);

        await site.GetAsync("/");

        Assert.Equal(expected, await site.ResultAsync("/"));
    }

    [Theory]
    [InlineData("private")]
    [InlineData("no-store")]
    [InlineData("no-cache")]
    [InlineData("max-age=0")]
    public async Task A_word_to_caches_in_front_of_the_origin_counts_more_than_one_to_all(string control)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "public, max-age=60";
            c.Response.Headers["CDN-Cache-Control"] = control;
        });

        await site.GetAsync("/");

        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
    }

    [Theory]
    [InlineData("7000, 0")]
    [InlineData("99999999999999999999")]
    public async Task The_first_Age_counts(string age)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers.Age = age;
        });

        await site.GetAsync("/");

        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(203, true)]
    [InlineData(204, true)]
    [InlineData(301, true)]
    [InlineData(302, true)]
    [InlineData(307, true)]
    [InlineData(308, true)]
    [InlineData(404, true)]
    [InlineData(410, true)]
    [InlineData(400, false)]
    [InlineData(403, false)]
    [InlineData(405, false)]
    [InlineData(413, false)]
    [InlineData(414, false)]
    [InlineData(431, false)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task Statuses_that_one_odd_request_can_cause_are_never_kept(int status, bool isKept)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers.CacheControl = "max-age=60";
        });

        await site.GetAsync("/");
        var (answer, _, hit) = await site.GetAsync("/");

        Assert.Equal((status, isKept ? CacheResult.Hit : CacheResult.Miss), ((int)answer.StatusCode, hit.Cache));
    }

    [Theory]
    [InlineData("Set-Cookie", "a=1")]
    [InlineData("Vary", "*")]
    [InlineData("Vary", "Accept, X-Forwarded-For")]
    [InlineData("Content-Range", "bytes 0-0/10")]
    [InlineData("Content-Type", "text/event-stream")]
    public async Task Answers_for_one_client_are_not_kept(string name, string value)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "public, max-age=60";
            c.Response.Headers[name] = value;
        });

        await site.GetAsync("/");

        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
    }

    [Theory]
    [InlineData("Cookie", "max-age=60", CacheResult.Miss)]
    [InlineData("Cookie", "must-revalidate, max-age=60", CacheResult.Miss)]
    [InlineData("Cookie", "public, max-age=60", CacheResult.Hit)]
    [InlineData("Cookie", "s-maxage=60", CacheResult.Hit)]
    [InlineData("Authorization", "max-age=60", CacheResult.Miss)]
    [InlineData("Authorization", "must-revalidate, max-age=60", CacheResult.Hit)]
    [InlineData("Authorization", "public, max-age=60", CacheResult.Hit)]
    public async Task Who_sends_cookies_or_credentials_shares_only_what_is_said_to_be_for_all(string header, string control, CacheResult expected)
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = control);

        await site.GetAsync("/", (header, "Basic x=1"));
        Assert.Equal(expected, await site.ResultAsync("/"));
        Assert.Equal(expected, await site.ResultAsync("/", (header, "Basic x=2")));
    }

    [Theory]
    [InlineData("Range", "bytes=0-1")]
    [InlineData("If-Match", "\"x\"")]
    [InlineData("Cache-Control", "no-store")]
    [InlineData("X-HTTP-Method-Override", "POST")]
    [InlineData("x-original-url", "/admin")]
    [InlineData("X-Rewrite-URL", "/admin")]
    public async Task Requests_that_ask_for_something_else_pass_by_the_cache(string name, string value)
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "public, max-age=60");

        Assert.Equal(CacheResult.Bypass, await site.ResultAsync("/", (name, value)));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
        Assert.Equal(CacheResult.Bypass, await site.ResultAsync("/", (name, value)));
        Assert.Equal(CacheResult.Hit, await site.ResultAsync("/"));
    }

    [Fact]
    public async Task A_GET_with_a_body_passes_by_the_cache()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "public, max-age=60");
        using var raw = await site.Edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 3\r\nConnection: close\r\n\r\nq=1");
        await raw.ReadToEndAsync();

        Assert.Equal(CacheResult.Bypass, (await site.Edge.Hits.NextAsync()).Cache);
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
    }

    [Theory]
    [InlineData("GET /?a=2 HTTP/1.1\r\nHost: www.example.com")]
    [InlineData("GET /%2e HTTP/1.1\r\nHost: www.example.com")]
    [InlineData("GET /. HTTP/1.1\r\nHost: www.example.com")]
    [InlineData("GET // HTTP/1.1\r\nHost: www.example.com")]
    [InlineData("GET / HTTP/1.1\r\nHost: www.example.com:1337")]
    [InlineData("GET / HTTP/1.1\r\nHost: other.example.com")]
    public async Task Another_target_or_host_shares_nothing(string request)
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "public, max-age=60");
        await site.GetAsync("/");
        using var raw = await site.Edge.ConnectAsync();

        await raw.SendAsync(request + "\r\nConnection: close\r\n\r\n");
        await raw.ReadToEndAsync();

        Assert.Equal(CacheResult.Miss, (await site.Edge.Hits.NextAsync()).Cache);
    }

    [Fact]
    public async Task Nothing_that_a_client_forges_about_itself_reaches_the_answer_that_others_get()
    {
        await using var site = await CachedSite.StartAsync((c, _) =>
        {
            c.Response.Headers.CacheControl = "public, max-age=60";
            return c.Response.WriteAsync($"{c.Request.Headers["X-Forwarded-Host"]} {c.Request.Headers["X-Forwarded-Scheme"]} {c.Request.Headers["X-Weir-Crawler"]}");
        });

        await site.GetAsync("/", ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Scheme", "nothttps"), ("X-Weir-Crawler", "googlebot"));
        var (_, text, hit) = await site.GetAsync("/");

        Assert.Equal(("www.example.com  ", CacheResult.Hit), (text, hit.Cache));
    }

    [Fact]
    public async Task What_a_trusted_proxy_passes_on_from_a_client_makes_a_key_of_its_own()
    {
        await using var site = await CachedSite.StartAsync((c, _) =>
        {
            c.Response.Headers.CacheControl = "public, max-age=60";
            return c.Response.WriteAsync($"{c.Request.Headers["X-Forwarded-Host"]}");
        }, options: o => o with { TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")] });

        await site.GetAsync("/", ("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-Host", "evil.example"));
        var (_, text, hit) = await site.GetAsync("/", ("X-Forwarded-For", "203.0.113.2"));
        var (_, _, next) = await site.GetAsync("/", ("X-Forwarded-For", "203.0.113.3"));

        Assert.Equal(("www.example.com", CacheResult.Miss, CacheResult.Hit), (text, hit.Cache, next.Cache));
    }

    // Omer Gil 2017: the origin takes /account.php/x.css for /account.php; a cache that goes by the ending keeps a person's account.
    [Theory]
    [InlineData("/account.php/x.css")]
    [InlineData("/account%2fx.css")]
    [InlineData("/account;x.css")]
    public async Task A_persons_page_under_the_name_of_a_style_sheet_is_not_kept(string path)
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.LastModified = "Sun, 01 Feb 2026 12:00:00 GMT",
            new SiteCache { IsHeuristic = true, CrawlerAges = [new CrawlerAge(["*.css"], 600)] });

        await site.GetAsync(path, ("Cookie", "session=1"));

        Assert.Equal(CacheResult.Miss, await site.ResultAsync(path, ("User-Agent", CachedSite.GptBot)));
    }

    [Fact]
    public async Task An_answer_that_depends_on_a_header_is_given_to_those_who_send_the_same()
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers.Vary = "Accept-Encoding, Accept-Language";
        });

        var (_, german, _) = await site.GetAsync("/", ("Accept-Language", "de"), ("Accept-Encoding", "gzip, br"));
        var (_, english, _) = await site.GetAsync("/", ("Accept-Language", "en"), ("Accept-Encoding", "gzip, br"));
        var (_, again, hit) = await site.GetAsync("/", ("Accept-Language", "de"), ("Accept-Encoding", "GZIP,br"));
        var (_, none, missing) = await site.GetAsync("/", ("Accept-Encoding", "gzip,br"));

        Assert.NotEqual(german, english);
        Assert.Equal((german, CacheResult.Hit), (again, hit.Cache));
        Assert.Equal(("3", CacheResult.Miss), (none, missing.Cache));
    }

    [Fact]
    public async Task An_answer_above_the_bound_passes_whole_and_is_not_kept()
    {
        byte[] large = new byte[200_000];
        await using var site = await CachedSite.StartAsync(async (c, _) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            if (c.Request.Query.ContainsKey("length"))
                c.Response.ContentLength = large.Length;
            await c.Response.Body.WriteAsync(large);
        }, new SiteCache { EntryBytesMax = 100_000 });

        foreach (string path in (string[])["/", "/?length"])
        {
            await site.GetAsync(path);
            var (_, text, hit) = await site.GetAsync(path);
            Assert.Equal((CacheResult.Miss, large.Length), (hit.Cache, text.Length));
        }
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_kept()
    {
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.ContentLength = 10;
            await c.Response.WriteAsync("01234");
            if (asked == 1)
                c.Abort();
            else
                await c.Response.WriteAsync("56789");
        });

        await Assert.ThrowsAnyAsync<Exception>(() => site.Edge.Client.GetStringAsync("http://www.example.com/"));
        await site.Edge.Hits.NextAsync();
        var (_, text, hit) = await site.GetAsync("/");

        Assert.Equal(("0123456789", CacheResult.Miss), (text, hit.Cache));
        Assert.Equal(CacheResult.Hit, await site.ResultAsync("/"));
    }

    [Fact]
    public async Task A_tagged_request_shares_its_answer_with_those_tagged_the_same_alone()
    {
        await using var site = await CachedSite.StartAsync((c, _) =>
        {
            c.Response.Headers.CacheControl = "public, max-age=60";
            return c.Response.WriteAsync($"for {c.Request.Headers["X-Weir-Crawler"]}");
        }, change: s => s with { Policy = [new PolicyRule { Name = "tell", Action = PolicyAction.Tag, IsEnforced = true, Crawlers = ["gptbot"] }] });

        var (_, tagged, _) = await site.GetAsync("/", ("User-Agent", CachedSite.GptBot));
        var (_, person, _) = await site.GetAsync("/");

        Assert.Equal(("for gptbot", "for "), (tagged, person));
        Assert.Equal(CacheResult.Hit, await site.ResultAsync("/"));
    }

    [Fact]
    public async Task A_refused_crawler_is_refused_although_the_page_is_kept()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "public, max-age=60",
            change: s => s with { Policy = [new PolicyRule { Name = "no", Action = PolicyAction.Block, IsEnforced = true, Crawlers = ["gptbot"] }] });
        await site.GetAsync("/");

        var (_, _, hit) = await site.GetAsync("/", ("User-Agent", CachedSite.GptBot));

        Assert.Equal((403, CacheResult.None), (hit.Status, hit.Cache));
    }

    [Fact]
    public async Task A_cache_for_crawlers_keeps_people_out()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "public, max-age=60", new SiteCache { IsOnlyForCrawlers = true });

        Assert.Equal(CacheResult.Bypass, await site.ResultAsync("/"));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/", ("User-Agent", CachedSite.GptBot)));
        Assert.Equal(CacheResult.Bypass, await site.ResultAsync("/"));
        var (_, _, hit) = await site.GetAsync("/", ("User-Agent", CachedSite.GptBot));
        Assert.Equal((CacheResult.Hit, VerdictKind.Crawler), (hit.Cache, hit.Verdict.Kind));
    }

    [Fact]
    public async Task Another_generation_forgets_everything()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "max-age=60");
        await site.GetAsync("/");
        var settings = Edge.SiteOf("www.example.com", new Uri("http://127.0.0.1:1")) with { Cache = new SiteCache { Generation = 1 } };

        site.Edge.Sites.Replace([settings]);

        Assert.Equal(502, (await site.GetAsync("/")).Hit.Status);
    }

    [Fact]
    public async Task A_site_without_cache_keeps_nothing()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "max-age=60", change: s => s with { Cache = null });

        Assert.Equal(CacheResult.None, await site.ResultAsync("/"));
        Assert.Equal(("2", CacheResult.None), ((await site.GetAsync("/")).Text, await site.ResultAsync("/")));
    }
}
