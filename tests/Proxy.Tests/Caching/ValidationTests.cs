using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Caching;

/// <summary>Answers past their time, and clients that hold one already (RFC 9111 §4.3, RFC 5861).</summary>
public class ValidationTests
{
    private const string Changed = "Sun, 01 Feb 2026 12:00:00 GMT";

    [Theory]
    [InlineData("ETag", "\"v1\"", "If-None-Match", "\"v1\"")]
    [InlineData("ETag", "W/\"v1\"", "If-None-Match", "W/\"v1\"")]
    [InlineData("Last-Modified", Changed, "If-Modified-Since", Changed)]
    public async Task The_origin_is_asked_whether_an_old_answer_is_still_good_and_a_304_makes_it_fresh(string name, string value, string condition, string sent)
    {
        await using var site = await CachedSite.StartAsync((c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers[name] = value;
            c.Response.Headers["X-Count"] = asked.ToString(CultureInfo.InvariantCulture);
            if (asked == 1)
                return c.Response.WriteAsync("first");
            Assert.Equal(sent, c.Request.Headers[condition].ToString());
            c.Response.StatusCode = 304;
            return Task.CompletedTask;
        });
        await site.GetAsync("/");

        site.Time.Advance(TimeSpan.FromSeconds(61));
        var (answer, text, hit) = await site.GetAsync("/");

        Assert.Equal((200, "first", CacheResult.Revalidated), (hit.Status, text, hit.Cache));
        Assert.Equal("2", answer.Headers.GetValues("X-Count").Single());
        Assert.Equal("Weir; fwd=stale; fwd-status=304", answer.Headers.GetValues("Cache-Status").Single());
        Assert.Equal(CacheResult.Hit, await site.ResultAsync("/"));
        Assert.Equal(2, site.Asked);
    }

    [Fact]
    public async Task A_changed_page_replaces_the_kept_one()
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers.ETag = $"\"{c.Request.Headers.IfNoneMatch.Count}\"";
        });
        await site.GetAsync("/");
        site.Time.Advance(TimeSpan.FromSeconds(61));

        var (_, text, hit) = await site.GetAsync("/");

        Assert.Equal(("2", CacheResult.Miss), (text, hit.Cache));
        Assert.Equal(("2", CacheResult.Hit), ((await site.GetAsync("/")).Text, await site.ResultAsync("/")));
    }

    [Fact]
    public async Task A_304_for_another_answer_than_the_kept_one_makes_the_edge_ask_again()
    {
        await using var site = await CachedSite.StartAsync((c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers.ETag = asked == 1 ? "\"old\"" : "\"new\"";
            if (c.Request.Headers.IfNoneMatch.Count == 0)
                return c.Response.WriteAsync($"page {asked}");
            c.Response.StatusCode = 304;
            return Task.CompletedTask;
        });
        await site.GetAsync("/");
        site.Time.Advance(TimeSpan.FromSeconds(61));

        var (_, text, hit) = await site.GetAsync("/");

        Assert.Equal((200, "page 3", CacheResult.Miss), (hit.Status, text, hit.Cache));
        Assert.Equal(CacheResult.Hit, await site.ResultAsync("/"));
    }

    [Theory]
    [InlineData("If-None-Match", "\"v1\"", 304)]
    [InlineData("If-None-Match", "W/\"v1\"", 304)]
    [InlineData("If-None-Match", "\"a,b\", \"v1\"", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"v2\"", 200)]
    [InlineData("If-None-Match", "v1", 200)]
    [InlineData("If-None-Match", "\"", 200)]
    [InlineData("If-Modified-Since", Changed, 304)]
    [InlineData("If-Modified-Since", "Sat, 31 Jan 2026 12:00:00 GMT", 200)]
    [InlineData("If-Modified-Since", "yesterday", 200)]
    public async Task Who_holds_a_kept_answer_already_gets_304_without_the_origin(string name, string value, int status)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers.ETag = "\"v1\"";
            c.Response.Headers.LastModified = Changed;
            c.Response.ContentType = "text/html";
        });
        await site.GetAsync("/");

        var (answer, text, hit) = await site.GetAsync("/", (name, value));

        Assert.Equal((status, CacheResult.Hit, 1), (hit.Status, hit.Cache, site.Asked));
        Assert.Equal(status == 304 ? "" : "1", text);
        Assert.Equal("\"v1\"", answer.Headers.ETag!.ToString());
        Assert.Equal(status == 200, answer.Content.Headers.ContentType is not null);
    }

    [Fact]
    public async Task A_page_without_freshness_costs_the_origin_a_304_only()
    {
        await using var site = await CachedSite.StartAsync((c, _) =>
        {
            c.Response.Headers.ETag = "\"v1\"";
            if (c.Request.Headers.IfNoneMatch == "\"v1\"")
            {
                c.Response.StatusCode = 304;
                return Task.CompletedTask;
            }
            return c.Response.WriteAsync("page");
        });
        await site.GetAsync("/");

        Assert.Equal(("page", CacheResult.Revalidated), ((await site.GetAsync("/")).Text, await site.ResultAsync("/")));
    }

    [Fact]
    public async Task Age_counts_what_the_answer_brought_and_the_time_it_was_kept()
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.Headers.Age = "20";
        });
        var (first, _, _) = await site.GetAsync("/");
        site.Time.Advance(TimeSpan.FromSeconds(15));
        var (answer, _, hit) = await site.GetAsync("/");
        site.Time.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal("Weir; fwd=uri-miss; fwd-status=200; stored", first.Headers.GetValues("Cache-Status").Single());
        Assert.Equal((CacheResult.Hit, "35"), (hit.Cache, answer.Headers.GetValues("Age").Single()));
        Assert.Equal("Weir; hit; ttl=25", answer.Headers.GetValues("Cache-Status").Single());
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
    }

    [Fact]
    public async Task HEAD_is_answered_from_a_kept_GET_and_keeps_nothing_itself()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "max-age=60");

        Assert.Equal(CacheResult.Miss, (await site.SendAsync(HttpMethod.Head, "/")).Hit.Cache);
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/"));
        var (answer, text, hit) = await site.SendAsync(HttpMethod.Head, "/");

        Assert.Equal((CacheResult.Hit, "", 1L, 0UL), (hit.Cache, text, answer.Content.Headers.ContentLength!.Value, hit.BytesSent));
    }

    [Fact]
    public async Task Only_if_cached_is_answered_504_when_nothing_is_kept()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "max-age=60");

        Assert.Equal((504, 0), ((await site.GetAsync("/", ("Cache-Control", "only-if-cached"))).Hit.Status, site.Asked));
        await site.GetAsync("/");
        Assert.Equal(200, (await site.GetAsync("/", ("Cache-Control", "only-if-cached"))).Hit.Status);
    }

    [Fact]
    public async Task No_cache_of_a_client_is_heeded_unless_the_site_says_otherwise()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "max-age=60");
        await using var strict = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = "max-age=60", new SiteCache { HeedsRequests = false });
        await site.GetAsync("/");
        await strict.GetAsync("/");

        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/", ("Cache-Control", "no-cache")));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/", ("Pragma", "no-cache")));
        Assert.Equal(CacheResult.Hit, await strict.ResultAsync("/", ("Cache-Control", "no-cache")));
    }

    [Theory]
    [InlineData("POST", 200, CacheResult.Miss)]
    [InlineData("PUT", 204, CacheResult.Miss)]
    [InlineData("DELETE", 303, CacheResult.Miss)]
    [InlineData("PATCH", 200, CacheResult.Miss)]
    [InlineData("x-own", 200, CacheResult.Miss)]
    [InlineData("OPTIONS", 200, CacheResult.Hit)]
    [InlineData("POST", 400, CacheResult.Hit)]
    [InlineData("POST", 500, CacheResult.Hit)]
    public async Task A_method_that_changes_something_makes_the_kept_answer_forgotten(string method, int status, CacheResult expected)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            if (c.Request.Method != "GET")
                c.Response.StatusCode = status;
        });
        await site.GetAsync("/page");

        Assert.Equal(CacheResult.Bypass, (await site.SendAsync(new HttpMethod(method), "/page")).Hit.Cache);

        Assert.Equal(expected, await site.ResultAsync("/page"));
    }

    [Theory]
    [InlineData("Location", "/other", CacheResult.Miss)]
    [InlineData("Content-Location", "other", CacheResult.Miss)]
    [InlineData("Location", "http://www.example.com/other", CacheResult.Miss)]
    [InlineData("Location", "http://evil.example/other", CacheResult.Hit)]
    [InlineData("Location", "//evil.example/other", CacheResult.Hit)]
    public async Task What_the_answer_to_a_POST_names_on_its_own_host_is_forgotten_too(string name, string value, CacheResult expected)
    {
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            if (c.Request.Method == "POST")
                c.Response.Headers[name] = value;
        });
        await site.GetAsync("/other");

        await site.SendAsync(HttpMethod.Post, "/page");

        Assert.Equal(expected, await site.ResultAsync("/other"));
    }

    [Fact]
    public async Task While_the_origin_fails_an_old_answer_is_given_as_long_as_the_site_allows()
    {
        bool isDown = false;
        await using var site = await CachedSite.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            if (isDown)
                c.Response.StatusCode = 503;
        }, new SiteCache { StaleIfErrorSeconds = 600 });
        await site.GetAsync("/");
        isDown = true;

        site.Time.Advance(TimeSpan.FromSeconds(120));
        var (answer, text, hit) = await site.GetAsync("/");
        Assert.Equal((200, "1", CacheResult.Stale, "120"), (hit.Status, text, hit.Cache, answer.Headers.GetValues("Age").Single()));

        site.Time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal((503, CacheResult.Miss), ((await site.GetAsync("/")).Hit.Status, await site.ResultAsync("/")));
    }

    [Fact]
    public async Task An_origin_that_cannot_be_reached_is_no_error_while_its_old_answer_may_be_given()
    {
        var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.Headers.CacheControl = "max-age=0, stale-if-error=600";
            return c.Response.WriteAsync("page");
        });
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { Cache = new SiteCache() }]);
        await edge.Client.GetStringAsync("http://www.example.com/");
        await edge.Hits.NextAsync();
        await origin.DisposeAsync();

        Assert.Equal("page", await edge.Client.GetStringAsync("http://www.example.com/"));

        var hit = await edge.Hits.NextAsync();
        Assert.Equal((200, "", CacheResult.Stale), (hit.Status, hit.Error, hit.Cache));
    }

    [Fact]
    public async Task A_stale_while_revalidate_answer_is_given_at_once_and_fetched_anew_behind_it()
    {
        var renewed = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60, stale-while-revalidate=60";
            if (asked == 2)
                await renewed.Task;
            await c.Response.WriteAsync($"page {asked}");
        });
        using var requests = site.Edge.Count("weir.edge.cache.origin_saved");
        await site.GetAsync("/");
        site.Time.Advance(TimeSpan.FromSeconds(61));

        // The origin does not answer yet, and nobody waits.
        Assert.Equal(("page 1", CacheResult.Stale), ((await site.GetAsync("/")).Text, await site.ResultAsync("/")));
        renewed.SetResult();
        string text;
        do
            text = (await site.GetAsync("/")).Text;
        while (text == "page 1");

        Assert.Equal(("page 2", 2), (text, site.Asked));
        Assert.Equal(0, site.Edge.Hits.Waiting);
        Assert.True(requests.Sum >= 3);
    }

    [Fact]
    public async Task Crawlers_get_older_answers_on_the_paths_that_the_site_names()
    {
        await using var site = await CachedSite.StartAsync(c => c.Response.Headers.CacheControl = c.Request.Path == "/blog/private" ? "private" : "no-cache",
            new SiteCache { CrawlerAges = [new CrawlerAge(["/blog/"], 600)] });
        var crawler = ("User-Agent", CachedSite.GptBot);
        await site.GetAsync("/blog/1");
        await site.GetAsync("/blog/private", crawler);
        await site.GetAsync("/shop", crawler);

        Assert.Equal(CacheResult.Hit, await site.ResultAsync("/blog/1", crawler));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/blog/private", crawler));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/shop", crawler));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/blog/1"));
        site.Time.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal(CacheResult.Miss, await site.ResultAsync("/blog/1", crawler));
    }
}
