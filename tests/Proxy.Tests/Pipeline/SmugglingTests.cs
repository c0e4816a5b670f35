using Microsoft.AspNetCore.Http;

namespace Weir.Proxy.Tests.Pipeline;

/// <summary>Messages that two servers could read differently must not get past the first.</summary>
public class SmugglingTests
{
    private const string Head = "POST / HTTP/1.1\r\nHost: www.example.com\r\n";

    [Theory]
    [InlineData(Head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n")]
    [InlineData(Head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345")]
    [InlineData(Head + "Content-Length: 4, 5\r\n\r\n12345")]
    [InlineData(Head + "Content-Length: -1\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: identity\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n0\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\n4\r\nbodyX\r\n0\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Head + " Folded: header\r\n\r\n")]
    [InlineData(Head + "X-A: b\r\n folded\r\n\r\n")]
    [InlineData(Head + "X-A: a\rTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(Head + "X-A: a\0b\r\n\r\n")]
    [InlineData(Head + "X A: b\r\n\r\n")]
    [InlineData(Head + ": b\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    [InlineData("GET /a\u0001b HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    [InlineData("GET /a\u00e4 HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    [InlineData("GET /a\rb HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    [InlineData("G\u0001T / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")]
    public async Task An_ambiguous_message_is_refused_and_the_origin_never_answers_it(string request)
    {
        int answered = 0;
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref answered);
            await c.Response.WriteAsync("answered");
        });
        await using var edge = await Edge.BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(request);

        string head = await raw.ReadHeadAsync();
        Assert.True(
            head.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) || head.StartsWith("HTTP/1.1 501 ", StringComparison.Ordinal), request + head);
        Assert.Equal(0, answered);
    }

    [Theory]
    [InlineData("HTTP/9.9")]
    [InlineData("http/1.1")]
    [InlineData("HTTP/2.0")]
    public async Task An_unknown_version_is_refused(string version)
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await Edge.BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"GET / {version}\r\nHost: www.example.com\r\n\r\n");

        Assert.Matches("^HTTP/1.1 (400|505) ", await raw.ReadHeadAsync());
    }

    [Fact]
    public async Task A_length_in_an_odd_form_is_passed_on_in_the_plain_one()
    {
        string? arrived = null;
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            arrived = c.Request.Headers["Content-Length"];
            return Task.CompletedTask;
        });
        await using var edge = await Edge.BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(Head + "Content-Length: +4\r\n\r\n1234");

        Assert.StartsWith("HTTP/1.1 200", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("4", arrived);
    }

    [Fact]
    public async Task A_header_bomb_is_refused()
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await Edge.BeforeAsync(origin);
        using var many = await edge.ConnectAsync();
        using var large = await edge.ConnectAsync();

        await many.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"X-{i}: 1\r\n")) + "\r\n");
        await large.SendAsync($"GET / HTTP/1.1\r\nHost: www.example.com\r\nX-Large: {new string('x', 70_000)}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 431", await many.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await large.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order_and_each_is_a_hit()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync(c.Request.Path));
        await using var edge = await Edge.BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("POST /1 HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 3\r\n\r\nGETGET /2 HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");

        string answers = await raw.ReadToEndAsync();
        Assert.True(answers.IndexOf("/1", StringComparison.Ordinal) < answers.IndexOf("/2", StringComparison.Ordinal));
        Assert.Equal("/1", (await edge.Hits.NextAsync()).Path);
        Assert.Equal("/2", (await edge.Hits.NextAsync()).Path);
    }
}
