using Weir.Control;

namespace Weir.Proxy.Tests.Origins;

/// <summary>Several real nginx as the origins of one site.</summary>
public class SeveralOriginsTests
{
    private const string Page = "http://www.example.com/";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_shared_by_weight_and_none_goes_to_a_drained_origin()
    {
        await using var a = await NginxOrigin.StartAsync("a");
        await using var b = await NginxOrigin.StartAsync("b");
        await using var c = await NginxOrigin.StartAsync("c");
        await using var edge = await Edge.StartAsync([SiteOf(new(a.Url, 3), new(b.Url), new(c.Url, 0))]);

        var answers = new List<string>();
        for (int i = 0; i < 40; i++)
            answers.Add(await edge.Client.GetStringAsync(Page, Stop));

        Assert.Equal((30, 10, 0), (answers.Count(x => x == "a"), answers.Count(x => x == "b"), answers.Count(x => x == "c")));
    }

    [Fact]
    public async Task While_one_is_stopped_the_other_serves_and_when_it_is_back_both_do()
    {
        await using var a = await NginxOrigin.StartAsync("a");
        await using var b = await NginxOrigin.StartAsync("b");
        await using var edge = await Edge.StartAsync([SiteOf(a.Url, b.Url)]);
        Assert.Equal(["a", "b"], new[] { await edge.Client.GetStringAsync(Page, Stop), await edge.Client.GetStringAsync(Page, Stop) }.Order());

        await a.StopAsync();
        for (int i = 0; i < 50; i++)
            Assert.Equal("b", await edge.Client.GetStringAsync(Page, Stop));
        await a.StartAsync();

        await UntilAsync(edge, "a");
    }

    [Fact]
    public async Task An_origin_that_fails_its_check_gets_nothing_until_it_passes_again()
    {
        await using var a = await NginxOrigin.StartAsync("a");
        await using var b = await NginxOrigin.StartAsync("b");
        await using var edge = await Edge.StartAsync([SiteOf(a.Url, b.Url) with
        {
            Health = new OriginHealth { Check = new OriginCheck { Path = "/health", Interval = TimeSpan.FromMilliseconds(50), UnhealthyAfter = 2 } },
        }]);
        await UntilAsync(edge, "a");

        a.IsWell = false;
        int inARow = 0;
        while (inARow < 20)
            inARow = await edge.Client.GetStringAsync(Page, Stop) == "b" ? inARow + 1 : 0;
        var ill = edge.Gauge("weir.edge.origin.healthy");
        a.IsWell = true;

        await UntilAsync(edge, "a");
        Assert.Equal(new() { [a.Url.GetLeftPart(UriPartial.Authority)] = 0, [b.Url.GetLeftPart(UriPartial.Authority)] = 1 }, ill);
    }

    [Fact]
    public async Task A_visitor_stays_at_one_origin_and_moves_when_it_stops()
    {
        await using var a = await NginxOrigin.StartAsync("a");
        await using var b = await NginxOrigin.StartAsync("b");
        await using var edge = await Edge.StartAsync([SiteOf(a.Url, b.Url) with { IsSticky = true }]);
        var (first, cookie) = await AskAsync(edge, null);
        Assert.StartsWith("weir-origin=", cookie, StringComparison.Ordinal);
        Assert.EndsWith("; Path=/; HttpOnly; SameSite=Lax", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(a.Url.Port.ToString(), cookie, StringComparison.Ordinal);

        for (int i = 0; i < 5; i++)
            Assert.Equal((first, null), await AskAsync(edge, cookie));
        await (first == "a" ? a : b).StopAsync();
        var (second, moved) = await AskAsync(edge, cookie);

        Assert.NotEqual(first, second);
        Assert.NotEqual(cookie, moved);
        Assert.Equal((second, null), await AskAsync(edge, moved));
    }

    [Fact]
    public async Task Answers_of_a_gateway_count_against_an_origin_where_the_site_says_so()
    {
        await using var bad = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var b = await NginxOrigin.StartAsync("b");
        await using var edge = await Edge.StartAsync([SiteOf(bad.Url, b.Url) with { Health = new OriginHealth { CountsGatewayErrors = true, FailuresMax = 2 } }]);

        var statuses = new List<int>();
        for (int i = 0; i < 12; i++)
        {
            using var response = await edge.Client.GetAsync(Page, Stop);
            statuses.Add((int)response.StatusCode);
        }

        // Two in turn, then it is left out for a second at least, and asked at most once more in a slow run.
        Assert.InRange(statuses.Count(s => s == 503), 2, 3);
    }

    private static Site SiteOf(params SiteOrigin[] origins) => Edge.SiteOf("www.example.com") with { Origins = origins };

    private static async Task UntilAsync(Edge edge, string answer)
    {
        while (await edge.Client.GetStringAsync(Page, Stop) != answer)
            Stop.ThrowIfCancellationRequested();
    }

    private static async Task<(string Answer, string? Cookie)> AskAsync(Edge edge, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Page);
        if (cookie is not null)
            request.Headers.Add("Cookie", $"other=1; {cookie.Split(';')[0]}");
        using var response = await edge.Client.SendAsync(request, Stop);
        return (await response.Content.ReadAsStringAsync(Stop), response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single() : null);
    }
}
