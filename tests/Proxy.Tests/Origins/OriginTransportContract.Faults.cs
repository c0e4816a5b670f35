using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Tests.Origins;

public abstract partial class OriginTransportContract
{
    [Fact]
    public async Task An_origin_that_is_down_gives_a_page_with_a_request_id_and_a_hit()
    {
        await using var edge = await StartAsync([Edge.SiteOf("www.example.com", new Uri($"http://127.0.0.1:{ClosedPort()}"))]);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/");
        request.Headers.TryAddWithoutValidation("Accept", "text/html,*/*");
        using var response = await edge.Client.SendAsync(request);
        string page = await response.Content.ReadAsStringAsync();
        var hit = await edge.Hits.NextAsync();

        Assert.Equal((HttpStatusCode.BadGateway, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal((502, "origin-refused", (ulong)page.Length), (hit.Status, hit.Error, hit.BytesSent));
        Assert.Equal(HitIds.Text(hit.HitId), Assert.Single(response.Headers.GetValues("X-Weir-Request-Id")));
        Assert.Contains(HitIds.Text(hit.HitId), page, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 502, "origin-reset")]
    [InlineData("garbage\r\n\r\n", 502, "origin-bad-response")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 502, "origin-bad-response")]
    public async Task An_origin_that_answers_with_something_else_than_HTTP_is_told_from_one_that_hangs_up(string answer, int status, string error)
    {
        using var origin = new RawOrigin(answer);
        await using var edge = await StartAsync([Edge.SiteOf("www.example.com", origin.Url)]);

        using var response = await edge.Client.PostAsync("http://www.example.com/", new StringContent("x"));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(error, (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task An_origin_that_breaks_off_leaves_the_client_with_a_broken_answer_too()
    {
        var mayBreak = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            c.Response.ContentLength = 100;
            await c.Response.WriteAsync("half");
            await c.Response.Body.FlushAsync();
            await mayBreak.Task;
            c.Abort();
        });
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await raw.ReadUntilAsync("half"), StringComparison.Ordinal);
        mayBreak.SetResult();

        Assert.Equal("", await raw.ReadToEndAsync());
        var hit = await edge.Hits.NextAsync();
        Assert.Equal((200, "origin-reset", 4UL), (hit.Status, hit.Error, hit.BytesSent));
    }

    [Fact]
    public async Task An_origin_that_does_not_answer_gives_504()
    {
        using var gate = new SemaphoreSlim(0);
        await using var origin = await TestOrigin.StartAsync(c => gate.WaitAsync(c.RequestAborted));
        await using var edge = await BeforeAsync(origin, o => o with { Limits = o.Limits with { OriginIdleTimeout = TimeSpan.FromMilliseconds(200) } });

        using var response = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("origin-timeout", (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task An_origin_whose_name_has_no_address_gives_502()
    {
        await using var edge = await StartAsync([Edge.SiteOf("www.example.com", new Uri("http://no-such-origin.invalid:1"))]);

        using var response = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("origin-dns", (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task An_https_origin_that_speaks_no_TLS_gives_502()
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await StartAsync([Edge.SiteOf("www.example.com", new UriBuilder(origin.Url) { Scheme = "https" }.Uri)]);

        using var response = await edge.Client.GetAsync("http://www.example.com/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("origin-tls", (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task A_client_that_leaves_while_waiting_is_recorded_so()
    {
        var arrived = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            arrived.SetResult();
            var gone = new TaskCompletionSource();
            await using var _ = c.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        await using var edge = await BeforeAsync(origin);
        var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
        await arrived.Task;
        raw.Reset();

        var hit = await edge.Hits.NextAsync();
        Assert.Equal((0, "client-aborted"), (hit.Status, hit.Error));
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_its_upload_is_recorded_so()
    {
        var arrived = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            byte[] buffer = new byte[16];
            while (await c.Request.Body.ReadAsync(buffer) > 0)
                arrived.TrySetResult();
        });
        await using var edge = await BeforeAsync(origin);
        var raw = await edge.ConnectAsync();

        // More than the connection to the origin gathers before it sends.
        await raw.SendAsync($"POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 1000000\r\n\r\n{new string('x', 200_000)}");
        await arrived.Task;
        raw.Reset();

        Assert.Equal("client-aborted", (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task A_client_that_ends_its_upload_early_is_recorded_so()
    {
        await using var origin = await TestOrigin.StartAsync(async c => await c.Request.Body.CopyToAsync(Stream.Null));
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 1000\r\n\r\nhalf");
        raw.EndSending();

        Assert.Equal("client-aborted", (await edge.Hits.NextAsync()).Error);
    }

    [Fact]
    public async Task A_request_with_a_body_is_not_sent_twice()
    {
        var down = new Uri($"http://127.0.0.1:{ClosedPort()}");
        var alsoDown = new Uri($"http://127.0.0.1:{ClosedPort()}");
        await using var edge = await StartAsync([Edge.SiteOf("www.example.com", down, alsoDown)]);
        using var retries = edge.Count("weir.edge.origin.retries");

        using var response = await edge.Client.PostAsync("http://www.example.com/", new StringContent("order"));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(0, retries.Sum);
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
