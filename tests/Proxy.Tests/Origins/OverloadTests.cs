using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Tests.Origins;

/// <summary>A real origin that becomes slow, with people and crawlers before it.</summary>
public class OverloadTests
{
    private const string Browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
    private const string Crawler = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_origin_is_slow_people_are_served_and_crawlers_are_sent_away()
    {
        var mayAnswer = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            if (c.Request.Path == "/slow")
                await mayAnswer.Task;
            await c.Response.WriteAsync("served");
        });
        await using var edge = await Edge.BeforeAsync(origin);
        using var shed = edge.Count("weir.edge.shed");
        for (int i = 0; i < 40; i++)
            Assert.Equal(200, (await AskAsync(edge, Browser, "/")).Status);

        // People wait, until for longer than is usual several times over.
        var people = Enumerable.Range(0, 10).Select(_ => AskAsync(edge, Browser, "/slow")).ToList();
        while (edge.Gauge("weir.edge.origin.pressure").Values.Single() == 0)
            Stop.ThrowIfCancellationRequested();
        Assert.Equal((503, TimeSpan.FromSeconds(60)), await AskAsync(edge, Crawler, "/slow"));
        Assert.Equal(200, (await AskAsync(edge, Crawler, "/robots.txt")).Status);
        mayAnswer.SetResult();

        Assert.All(await Task.WhenAll(people), p => Assert.Equal(200, p.Status));
        Assert.Equal(1, shed.Sum);
        Assert.Equal(0, edge.Gauge("weir.edge.origin.pressure").Values.Single());
        Assert.Equal(200, (await AskAsync(edge, Crawler, "/slow")).Status);
        var hits = new List<Weir.Ingest.Hit>();
        for (int i = 0; i < 40 + 10 + 3; i++)
            hits.Add(await edge.Hits.NextAsync());
        Assert.Equal("origin-slow", Assert.Single(hits, h => h.Error.Length > 0).Error);
    }

    [Fact]
    public async Task No_more_requests_than_the_bound_reach_an_origin_and_the_next_origin_takes_over()
    {
        var mayEnd = new TaskCompletionSource();
        var arrived = new SemaphoreSlim(0);
        await using var one = await TestOrigin.StartAsync(HoldAsync);
        await using var two = await TestOrigin.StartAsync(HoldAsync);
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", one.Url, two.Url)], o => o with { Limits = o.Limits with { OriginRequestsMax = 1 } });
        var held = new[] { AskAsync(edge, Browser, "/"), AskAsync(edge, Browser, "/") };
        await arrived.WaitAsync(Stop);
        await arrived.WaitAsync(Stop);

        var refused = await AskAsync(edge, Browser, "/");

        Assert.Equal((503, TimeSpan.FromSeconds(5)), refused);
        Assert.Equal("origin-full", (await edge.Hits.NextAsync()).Error);
        mayEnd.SetResult();
        Assert.All(await Task.WhenAll(held), h => Assert.Equal(200, h.Status));
        // A hit is written when all of its request is over.
        Assert.Equal((200, 200), ((await edge.Hits.NextAsync()).Status, (await edge.Hits.NextAsync()).Status));
        Assert.Equal(200, (await AskAsync(edge, Browser, "/")).Status);
        await edge.Hits.NextAsync();
        Assert.All(edge.App.Services.GetRequiredService<OriginBook>().Origins, o => Assert.Equal(0, o.Load.UnderWay));

        async Task HoldAsync(HttpContext c)
        {
            arrived.Release();
            await mayEnd.Task;
        }
    }

    private static async Task<(int Status, TimeSpan? RetryAfter)> AskAsync(Edge edge, string userAgent, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com" + path);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        request.Headers.TryAddWithoutValidation("Accept-Language", "en-US,en;q=0.5");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate");
        using var response = await edge.Client.SendAsync(request, Stop);
        return ((int)response.StatusCode, response.Headers.RetryAfter?.Delta);
    }
}
