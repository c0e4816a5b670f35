using System.Net;
using Microsoft.AspNetCore.Http;

namespace Weir.Proxy.Tests.Pipeline;

public class HostTests
{
    [Fact]
    public async Task An_unknown_host_gets_421_and_is_counted_and_is_no_hit()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("hello"));
        await using var edge = await Edge.BeforeAsync(origin);
        using var unknown = edge.Count("weir.edge.unknown_host");

        using var response = await edge.Client.GetAsync("http://r1.evil.test/");
        using var known = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal((HttpStatusCode)421, response.StatusCode);
        Assert.Contains("No website of this name", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{16}$", Assert.Single(response.Headers.GetValues("X-Weir-Request-Id")));
        Assert.Equal(1, unknown.Sum);
        Assert.Equal("www.example.com", (await edge.Hits.NextAsync()).Host);
        Assert.Equal(0, edge.Hits.Waiting);
    }

    [Fact]
    public async Task Changed_sites_serve_from_the_next_request_on()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("hello"));
        await using var edge = await Edge.BeforeAsync(origin);

        edge.Sites.Replace([Edge.SiteOf("new.example.com", origin.Url)]);

        using var old = await edge.Client.GetAsync("http://www.example.com/");
        using var added = await edge.Client.GetAsync("http://new.example.com/");
        Assert.Equal((421, 200), ((int)old.StatusCode, (int)added.StatusCode));
    }

    [Fact]
    public async Task The_hit_of_a_wildcard_site_has_the_host_that_was_asked()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync(c.Request.Host.Value ?? ""));
        await using var edge = await Edge.StartAsync([Edge.SiteOf("*.example.com", origin.Url)]);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: Shop.Example.com:8080\r\nConnection: close\r\n\r\n");

        Assert.Contains("\r\nShop.Example.com:8080\r\n", await raw.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal("shop.example.com", (await edge.Hits.NextAsync()).Host);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: www.example.com@evil\r\n\r\n", "400")]
    [InlineData("GET http://evil.test/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "421")]
    [InlineData("GET http://www.example.com/abs?x HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "200")]
    public async Task A_host_that_is_missing_doubled_or_malformed_is_refused(string request, string status)
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("hello"));
        await using var edge = await Edge.BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absolute_target_is_forwarded_as_its_path()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("hello"));
        await using var edge = await Edge.BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET http://www.example.com/abs?x HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");
        await raw.ReadToEndAsync();

        var hit = await edge.Hits.NextAsync();
        Assert.Equal(("/abs", "x"), (hit.Path, hit.Query));
    }

    [Fact]
    public async Task A_gauge_says_that_the_edge_drains_while_requests_under_way_end()
    {
        var (arrived, held, stopping) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            arrived.SetResult();
            await held.Task;
            await c.Response.WriteAsync("done");
        });
        await using var edge = await Edge.BeforeAsync(origin);
        edge.App.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        var answer = edge.Client.GetStringAsync("http://www.example.com/");
        await arrived.Task;

        int before = edge.Gauge("weir.edge.draining")[""];
        var stopped = edge.App.StopAsync(TestContext.Current.CancellationToken);
        await stopping.Task;
        int during = edge.Gauge("weir.edge.draining")[""];
        held.SetResult();

        Assert.Equal((0, 1, "done"), (before, during, await answer));
        await stopped;
    }

    [Fact]
    public async Task Health_answers_under_any_host_and_is_no_hit()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("hello"));
        await using var edge = await Edge.BeforeAsync(origin);

        Assert.Equal("live\n", await edge.Client.GetStringAsync("http://10.0.0.9/.weir/health/live"));
        Assert.Equal("ready\n", await edge.Client.GetStringAsync("http://www.example.com/.weir/health/ready"));
        using var other = await edge.Client.GetAsync("http://www.example.com/.weir/secret");
        using var post = await edge.Client.PostAsync("http://www.example.com/.weir/health/live", null);
        edge.Sites.Replace([]);
        using var unready = await edge.Client.GetAsync("http://www.example.com/.weir/health/ready");

        Assert.Equal((404, 405, 503), ((int)other.StatusCode, (int)post.StatusCode, (int)unready.StatusCode));
        Assert.Equal(0, edge.Hits.Waiting);
    }

    [Theory]
    [InlineData("/.well-known/acme-challenge/token")]
    [InlineData("/robots.txt")]
    public async Task What_only_the_origin_can_answer_reaches_it(string path)
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync(c.Request.Path));
        await using var edge = await Edge.BeforeAsync(origin);

        Assert.Equal(path, await edge.Client.GetStringAsync("http://www.example.com" + path));
    }
}
