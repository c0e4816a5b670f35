using Microsoft.AspNetCore.Http;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Caching;

/// <summary>Many equal requests at once.</summary>
public class StampedeTests
{
    private const int Clients = 20;

    [Fact]
    public async Task Many_equal_requests_reach_the_origin_once()
    {
        var go = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            await go.Task;
            await c.Response.WriteAsync($"page {asked}");
        });

        var all = Enumerable.Range(0, Clients).Select(_ => site.Edge.Client.GetStringAsync("http://www.example.com/")).ToList();
        await WaitAsync(() => site.Asked == 1);
        go.SetResult();

        Assert.All(await Task.WhenAll(all), text => Assert.Equal("page 1", text));
        Assert.Equal(1, site.Asked);
        var results = new List<CacheResult>();
        for (int i = 0; i < Clients; i++)
            results.Add((await site.Edge.Hits.NextAsync()).Cache);
        Assert.Equal((1, Clients - 1), (results.Count(r => r == CacheResult.Miss), results.Count(r => r == CacheResult.Hit)));
    }

    [Fact]
    public async Task Requests_for_what_cannot_be_shared_do_not_wait_for_each_other()
    {
        var first = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "private";
            await c.Response.WriteAsync($"page {asked}");
            // The first answer never ends while the others are served.
            if (asked == 1)
                await first.Task;
        });

        using var open = await site.Edge.Client.GetAsync("http://www.example.com/", HttpCompletionOption.ResponseHeadersRead);
        string[] all = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => site.Edge.Client.GetStringAsync("http://www.example.com/")));
        first.SetResult();

        Assert.Equal(Clients, all.Distinct().Count());
    }

    [Fact]
    public async Task A_stream_is_passed_on_as_it_comes_and_nobody_waits_for_its_end()
    {
        var end = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, _) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            c.Response.ContentType = "text/event-stream";
            await c.Response.WriteAsync("data: 1\n\n");
            await c.Response.Body.FlushAsync();
            await end.Task;
        });

        for (int i = 0; i < 3; i++)
        {
            var answer = await site.Edge.Client.GetAsync("http://www.example.com/", HttpCompletionOption.ResponseHeadersRead);
            var stream = await answer.Content.ReadAsStreamAsync();
            Assert.Equal('d', stream.ReadByte());
        }
        end.SetResult();
        Assert.Equal(3, site.Asked);
    }

    [Fact]
    public async Task Who_waits_for_a_body_that_does_not_come_asks_for_itself()
    {
        var end = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            await c.Response.WriteAsync($"page {asked}");
            if (asked == 1)
                await end.Task;
        });
        using var open = await site.Edge.Client.GetAsync("http://www.example.com/", HttpCompletionOption.ResponseHeadersRead);

        var second = site.Edge.Client.GetStringAsync("http://www.example.com/");
        while (!second.IsCompleted)
        {
            site.Time.Advance(TimeSpan.FromSeconds(3));
            await Task.Yield();
        }

        Assert.Equal("page 2", await second);
        end.SetResult();
    }

    [Fact]
    public async Task A_client_that_leaves_takes_nobody_with_it()
    {
        var go = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            await (asked == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default) : go.Task);
            await c.Response.WriteAsync($"page {asked}");
        });
        using var leaving = await site.Edge.ConnectAsync();
        await leaving.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
        await WaitAsync(() => site.Asked == 1);
        var all = Enumerable.Range(0, Clients).Select(_ => site.Edge.Client.GetStringAsync("http://www.example.com/")).ToList();

        leaving.Reset();
        await WaitAsync(() => site.Asked == 2);
        go.SetResult();

        Assert.All(await Task.WhenAll(all), text => Assert.Equal("page 2", text));
    }

    [Fact]
    public async Task A_change_during_a_fetch_keeps_the_older_page_from_being_kept()
    {
        var go = new TaskCompletionSource();
        await using var site = await CachedSite.StartAsync(async (c, asked) =>
        {
            c.Response.Headers.CacheControl = "max-age=60";
            if (c.Request.Method == "GET" && asked == 1)
                await go.Task;
            await c.Response.WriteAsync($"page {asked}");
        });
        var old = site.Edge.Client.GetStringAsync("http://www.example.com/");
        await WaitAsync(() => site.Asked == 1);
        await site.SendAsync(HttpMethod.Post, "/");
        go.SetResult();
        Assert.Equal("page 1", await old);
        await site.Edge.Hits.NextAsync();

        Assert.Equal("page 3", (await site.GetAsync("/")).Text);
    }

    [Fact]
    public async Task The_store_stays_within_its_bound_and_counts_what_gives_way()
    {
        byte[] page = new byte[20_000];
        await using var site = await CachedSite.StartAsync(async (c, _) =>
        {
            c.Response.Headers.CacheControl = "max-age=600";
            await c.Response.Body.WriteAsync(page);
        }, options: o => o with { Limits = o.Limits with { CacheBytesMax = 1024 * 1024 } });
        var store = (Weir.Proxy.Caching.CacheStore)site.Edge.App.Services.GetService(typeof(Weir.Proxy.Caching.CacheStore))!;

        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(CacheResult.Miss, await site.ResultAsync($"/{i}"));
            Assert.InRange(store.Content.Bytes, 0, 1024 * 1024);
        }

        await WaitAsync(() => store.Evicted > 0);
        Assert.True(store.Content.Entries > 5);
        Assert.True(store.Refused > 0);
    }

    private static async Task WaitAsync(Func<bool> fact)
    {
        while (!fact())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
