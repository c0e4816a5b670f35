using System.Net;
using Microsoft.AspNetCore.Http;

namespace Weir.Proxy.Tests.Origins;

public abstract partial class OriginTransportContract
{
    [Fact]
    public async Task Only_what_the_edge_says_of_itself_reaches_the_origin()
    {
        var headers = await ArriveAsync(
            "X-Weir-Crawler: gptbot\r\nx-weir-score: 0\r\nX-Custom: kept\r\nProxy: http://evil\r\nUpgrade-Insecure-Requests: 1\r\nAccept-Encoding: br\r\n");

        Assert.DoesNotContain(headers.Keys, k => k.StartsWith("X-Weir-", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Proxy", headers.Keys);
        Assert.DoesNotContain("traceparent", headers.Keys);
        Assert.Equal(("kept", "1", "br"), (headers["X-Custom"], headers["Upgrade-Insecure-Requests"], headers["Accept-Encoding"]));
    }

    [Fact]
    public async Task What_concerns_one_hop_is_not_passed_on()
    {
        var headers = await ArriveAsync("Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: x\r\n");

        Assert.Empty(headers.Keys.Intersect(["Connection", "X-Hop", "Keep-Alive", "TE", "Proxy-Authorization"], StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task From_a_stranger_forwarded_headers_are_replaced()
    {
        var headers = await ArriveAsync(
            "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\nForwarded: for=1.2.3.4\r\n" +
            "X-Real-IP: 1.2.3.4\r\nCF-Connecting-IP: 1.2.3.4\r\nTrue-Client-IP: 1.2.3.4\r\n");

        Assert.Equal(("127.0.0.1", "http", "www.example.com", "127.0.0.1"),
            (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"], headers["X-Forwarded-Host"], headers["X-Real-IP"]));
        Assert.Equal("80", headers["X-Forwarded-Port"]);
        Assert.Empty(headers.Keys.Intersect(["Forwarded", "CF-Connecting-IP", "True-Client-IP"]));
    }

    [Fact]
    public async Task From_a_trusted_proxy_what_is_believed_is_continued()
    {
        var headers = await ArriveAsync(
            "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\nForwarded: for=203.0.113.9\r\n",
            trusted: "127.0.0.0/8");

        Assert.Equal(("203.0.113.9, 127.0.0.1", "https", "shop.example", "203.0.113.9"),
            (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"], headers["X-Forwarded-Host"], headers["X-Real-IP"]));
        Assert.DoesNotContain("Forwarded", headers.Keys);
    }

    [Fact]
    public async Task The_hit_has_the_address_that_a_trusted_proxy_vouches_for()
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await BeforeAsync(origin, o => o with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] });
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n\r\n");

        Assert.Equal("203.0.113.9", (await edge.Hits.NextAsync()).ClientAddress.ToString());
    }

    [Fact]
    public async Task The_origin_gets_its_own_name_when_the_site_says_so()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync($"{c.Request.Host.Value} {c.Request.Headers["X-Forwarded-Host"]}"));
        await using var edge = await StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { PassHost = false }]);

        Assert.Equal($"{origin.Url.Authority} www.example.com", await edge.Client.GetStringAsync("http://www.example.com/"));
    }

    [Fact]
    public async Task Header_bytes_beyond_ASCII_pass_both_ways_and_are_shown_as_text()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("ok"));
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        // "Käfer" in UTF-8, written byte by byte.
        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: K\u00c3\u00a4fer\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("Käfer", (await edge.Hits.NextAsync()).UserAgent);
    }

    [Fact]
    public async Task Long_texts_are_cut_in_the_hit_and_whole_at_the_origin()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync($"{c.Request.Headers.UserAgent.ToString().Length} {c.Request.QueryString.Value!.Length}"));
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"GET /{new string('p', 5000)}?{new string('q', 6000)} HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: {new string('u', 4000)}\r\nConnection: close\r\n\r\n");

        Assert.Contains("4000 6001", await raw.ReadToEndAsync(), StringComparison.Ordinal);
        var hit = await edge.Hits.NextAsync();
        Assert.Equal((4096, 4096, 2048), (hit.Path.Length, hit.Query.Length, hit.UserAgent.Length));
    }

    private async Task<Dictionary<string, string>> ArriveAsync(string sent, string? trusted = null)
    {
        Dictionary<string, string>? arrived = null;
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            arrived = c.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            return Task.CompletedTask;
        });
        await using var edge = await BeforeAsync(origin, o => trusted is null ? o : o with { TrustedProxies = [IPNetwork.Parse(trusted)] });
        using var raw = await edge.ConnectAsync();
        await raw.SendAsync($"GET / HTTP/1.1\r\nHost: www.example.com\r\n{sent}\r\n");
        Assert.StartsWith("HTTP/1.1 200", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        return arrived!;
    }
}
