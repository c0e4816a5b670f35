using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Weir.Proxy.Tests.Origins;

public abstract partial class OriginTransportContract
{
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    [InlineData("PURGE")]
    [InlineData("x-own")]
    public async Task Every_method_is_forwarded(string method)
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync(c.Request.Method));
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"{method} / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        string answer = await raw.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains(method, answer, StringComparison.Ordinal);
        Assert.Equal(method, (await edge.Hits.NextAsync()).Method);
    }

    [Theory]
    [InlineData("TRACE / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    [InlineData("CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n")]
    public async Task Tunnels_and_echoes_are_refused_and_recorded(string request)
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("no"));
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(request);

        string head = await raw.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 405", head, StringComparison.Ordinal);
        Assert.Contains("Allow: GET,", head, StringComparison.Ordinal);
        var hit = await edge.Hits.NextAsync();
        Assert.Equal((405, "method-refused"), (hit.Status, hit.Error));
    }

    [Fact]
    public async Task OPTIONS_of_the_server_as_a_whole_is_answered_here()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("no"));
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("OPTIONS * HTTP/1.1\r\nHost: www.example.com\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 204", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("*", (await edge.Hits.NextAsync()).Path);
    }

    [Fact]
    public async Task HEAD_has_the_length_and_no_body()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.ContentLength = 1234;
            return Task.CompletedTask;
        });
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("HEAD / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");

        string answer = await raw.ReadToEndAsync();
        Assert.Contains("Content-Length: 1234", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(0UL, (await edge.Hits.NextAsync()).BytesSent);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Answers_without_a_body_stay_so(int status)
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers.ETag = "\"v1\"";
            return Task.CompletedTask;
        });
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nIf-None-Match: \"v1\"\r\nConnection: close\r\n\r\n");

        string answer = await raw.ReadToEndAsync();
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(status, (await edge.Hits.NextAsync()).Status);
    }

    [Fact]
    public async Task A_range_and_its_partial_answer_pass()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = StatusCodes.Status206PartialContent;
            c.Response.Headers.ContentRange = new ContentRangeHeaderValue(2, 4, 10).ToString();
            return c.Response.WriteAsync($"{c.Request.Headers.Range}"[..3]);
        });
        await using var edge = await BeforeAsync(origin);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/");
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(2, 4);
        using var response = await edge.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal("bytes 2-4/10", response.Content.Headers.ContentRange?.ToString());
        Assert.Equal("byt", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Redirects_cookies_and_compressed_bodies_are_the_clients_business()
    {
        byte[] notReallyGzip = [1, 2, 3, 4];
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = 302;
            c.Response.Headers.Location = "/elsewhere";
            c.Response.Headers.ContentEncoding = "gzip";
            c.Response.Headers.Append("Set-Cookie", "a=1");
            c.Response.Headers.Append("Set-Cookie", "b=2; Path=/");
            return c.Response.Body.WriteAsync(notReallyGzip).AsTask();
        });
        await using var edge = await BeforeAsync(origin);

        using var response = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal((HttpStatusCode.Found, "/elsewhere"), (response.StatusCode, response.Headers.Location?.ToString()));
        Assert.Equal(["a=1", "b=2; Path=/"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(notReallyGzip, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(4UL, (await edge.Hits.NextAsync()).BytesSent);
    }

    [Fact]
    public async Task Hit_ids_rise_and_repeat_never()
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await BeforeAsync(origin);

        var ids = new List<ulong>();
        for (int i = 0; i < 20; i++)
        {
            using var response = await edge.Client.GetAsync("http://www.example.com/");
            ids.Add((await edge.Hits.NextAsync()).HitId >> 22);
        }

        Assert.Equal(ids.Order(), ids);
    }
}
