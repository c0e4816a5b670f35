using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Tests.Pipeline;

public class FailureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_does_not_ask_for_HTML_is_told_in_plain_text()
    {
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", new Uri($"http://127.0.0.1:{ClosedPort()}"))]);

        using var response = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("502 Bad Gateway\nThe website's server refused the connection.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_origin_answers_when_the_first_is_down_and_the_request_has_no_body()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("second"));
        var down = new Uri($"http://127.0.0.1:{ClosedPort()}");
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", down, origin.Url)]);
        using var retries = edge.Count("weir.edge.origin.retries");

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("second", await edge.Client.GetStringAsync("http://www.example.com/"));
            Assert.Equal((200, ""), ((await edge.Hits.NextAsync()) is var hit ? hit.Status : 0, hit.Error));
        }
        Assert.InRange(retries.Sum, 1, 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_sites_limit_is_refused_whether_its_length_is_told_or_not(bool isLengthTold)
    {
        await using var origin = await TestOrigin.StartAsync(async c => await c.Request.Body.CopyToAsync(Stream.Null));
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { BodyBytesMax = 10 }]);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(isLengthTold
            ? "POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 11\r\n\r\n01234567890"
            : "POST / HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        var hit = await edge.Hits.NextAsync();
        Assert.Equal((413, "body-too-large"), (hit.Status, hit.Error));
    }

    [Fact]
    public async Task Too_many_connections_are_closed_and_counted()
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await Edge.BeforeAsync(origin, o => o with { Limits = o.Limits with { ConnectionsMax = 1 } });
        using var refused = edge.Count("weir.edge.connections_refused");
        using var first = await edge.ConnectAsync();
        await first.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
        await first.ReadHeadAsync();

        // The gate closes as soon as it accepts: the second client sees an end or a reset, never an answer.
        string answer = "";
        try
        {
            using var second = await edge.ConnectAsync();
            answer = await second.ReadToEndAsync();
        }
        catch (SocketException)
        {
            // Reset while it was being made.
        }

        Assert.Equal("", answer);
        Assert.Equal(1, refused.Sum);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        var e = await Assert.ThrowsAsync<EdgeStartException>(() =>
            Edge.StartAsync([], o => o with { Listen = [new(IPAddress.Loopback, port)] }));

        Assert.Equal($"http://127.0.0.1:{port} is in use by another program. Stop that program, or choose another port with --listen.", e.Message);
    }

    [Fact]
    public async Task A_stop_lets_requests_under_way_end()
    {
        var arrived = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            arrived.SetResult();
            await mayEnd.Task;
            await c.Response.WriteAsync("whole");
        });
        await using var edge = await Edge.BeforeAsync(origin);

        var answer = edge.Client.GetStringAsync("http://www.example.com/");
        await arrived.Task;
        var stop = edge.App.StopAsync(Stop);
        mayEnd.SetResult();

        Assert.Equal("whole", await answer);
        await stop;
        Assert.Equal(200, (await edge.Hits.NextAsync()).Status);
    }

    [Fact]
    public void Every_error_has_a_word_and_a_sentence_and_the_words_stay() => Assert.Equal(
    [
        "0:", "1:origin-refused", "2:origin-timeout", "3:origin-dns", "4:origin-tls", "5:origin-unreachable", "6:origin-reset",
        "7:origin-bad-response", "8:client-aborted", "9:client-timeout", "10:bad-request", "11:body-too-large", "12:method-refused", "13:edge-fault",
        "30:origin-private", "31:loop", "32:origin-full", "33:origin-slow", "34:origin-busy", "35:maintenance",
    ], Enum.GetValues<EdgeError>().Select(e => $"{(int)e}:{e.Word()}{(e != EdgeError.None && e.Sentence().Length == 0 ? " no sentence" : "")}"));

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
