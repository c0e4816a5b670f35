using System.Net;
using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;
using Weir.Proxy.Tests.Certificates;

namespace Weir.Proxy.Tests.Protocols;

/// <summary>What never reaches a site is no hit, but is counted by its reason.</summary>
public class RefusalTests
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "http", "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n", "tls-handshake", "HTTP/1.1 400 " },
        { "http", "nonsense\r\n\r\n", "request-line", "HTTP/1.1 400 " },
        { "http", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "headers", "HTTP/1.1 400 " },
        { "http", "GET / HTTP/1.1\r\nHost: www.example.com\r\nX A: b\r\n\r\n", "headers", "HTTP/1.1 400 " },
        { "http", "POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: x\r\n\r\n", "headers", "HTTP/1.1 400 " },
        { "http", "GET / HTTP/9.9\r\nHost: www.example.com\r\n\r\n", "http-version", "HTTP/1.1 505 " },
        { "http", $"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "request-line", "HTTP/1.1 414 " },
        { "http", $"GET / HTTP/1.1\r\nHost: www.example.com\r\nX-Large: {new string('x', 70_000)}\r\n\r\n", "headers-large", "HTTP/1.1 431 " },
        { "http", "GET / HTTP/1.1\r\nHost: www.example.com\r\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"X-{i}: 1\r\n")) + "\r\n", "headers-large", "HTTP/1.1 431 " },
        { "h2c", "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "http-version", "" },
        { "h2c", "nonsense that goes on for longer than a preface\r\n\r\n", "http2-frames", "" },
        { "h2c", Preface + "\u0000\u0000\u0001\u0004\u0000\u0000\u0000\u0000\u0000x", "http2-frames", "" },
        { "h2c", Preface + "\u00ff\u00ff\u00ff\u0000\u0000\u0000\u0000\u0000\u0001", "http2-frames", "" },
        { "https", "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "tls-handshake", "" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Bad_bytes_get_their_status_or_a_clean_end_and_are_counted_by_reason(string listener, string sent, string reason, string answer)
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        using var folder = new PemFolder();
        folder.Put("www", PemPair.For("www.example.com"));
        await using var edge = await Edge.BeforeAsync(origin, o => o with
        {
            Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttp2Only: listener == "h2c", IsHttps: listener == "https")],
            Certificates = new CertificateOptions { Folder = folder.Path },
        });
        using var all = edge.Count("weir.edge.refused");
        using var counted = edge.Count("weir.edge.refused", "reason", reason);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(sent);
        string got = await raw.ReadToEndAsync();
        await all.UntilAsync(1);

        Assert.StartsWith(answer, got, StringComparison.Ordinal);
        Assert.Equal((1, 1, 0), (all.Sum, counted.Sum, edge.Hits.Waiting));
    }

    [Theory]
    [InlineData("http", "GET / HTTP/1.1\r\nHost: www.exam", "HTTP/1.1 408 ")]
    [InlineData("http", "GET", "HTTP/1.1 408 ")]
    [InlineData("h2c", Preface + "\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001\u0001\u0000\u0000\u0000\u0000\u0001\u0082", "")]
    public async Task Headers_that_never_end_are_cut_off_and_counted(string listener, string begun, string answer)
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await Edge.BeforeAsync(origin, o => o with
        {
            Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttp2Only: listener == "h2c")],
            Limits = o.Limits with { HeadersTimeout = TimeSpan.FromSeconds(1) },
        });
        using var counted = edge.Count("weir.edge.refused", "reason", "headers-slow");
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync(begun);
        string got = await raw.ReadToEndAsync();
        await counted.UntilAsync(1);

        Assert.Contains(answer, got, StringComparison.Ordinal);
        Assert.Equal(0, edge.Hits.Waiting);
    }

    [Fact]
    public async Task What_reached_a_site_is_a_hit_and_not_counted_as_refused()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Request.Body.CopyToAsync(Stream.Null));
        await using var edge = await Edge.BeforeAsync(origin);
        using var all = edge.Count("weir.edge.refused");
        using var good = await edge.ConnectAsync();
        using var chunks = await edge.ConnectAsync();
        using var twice = await edge.ConnectAsync();

        await good.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");
        await twice.SendAsync("POST / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        await chunks.SendAsync("POST / HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.StartsWith("HTTP/1.1 200", await good.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await twice.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await chunks.ReadToEndAsync(), StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
            await edge.Hits.NextAsync();
        Assert.Equal(0, all.Sum);
    }
}
