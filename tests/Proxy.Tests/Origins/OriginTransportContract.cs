using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weir.Control;

namespace Weir.Proxy.Tests.Origins;

/// <summary>What every way of carrying requests to origins must do, seen from both ends of a real edge. One derived class a transport; the parts
/// of this one hold messages, headers, streams and faults.</summary>
public abstract partial class OriginTransportContract
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Registers the transport as <c>IOriginTransport</c>.</summary>
    protected abstract void Use(IServiceCollection services);

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello", "5 hello")]
    [InlineData("Content-Length: 0\r\n\r\n", "0 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", " hello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " ")]
    public async Task A_body_arrives_as_it_was_framed(string framed, string expected)
    {
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            await c.Response.WriteAsync($"[{c.Request.ContentLength} {await reader.ReadToEndAsync()}]");
        });
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"POST / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n{framed}");

        Assert.Contains($"[{expected}]", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_000)]
    public async Task An_answer_arrives_whole_whether_its_length_is_told_or_not(int length)
    {
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            if (c.Request.Path == "/told")
                c.Response.ContentLength = length;
            await c.Response.Body.WriteAsync(Enumerable.Range(0, length).Select(i => (byte)i).ToArray());
        });
        await using var edge = await BeforeAsync(origin);

        foreach (string path in (string[])["/told", "/untold"])
        {
            byte[] answer = await edge.Client.GetByteArrayAsync("http://www.example.com" + path, Stop);
            Assert.Equal(length, answer.Length);
            Assert.True(answer.Select((b, i) => b == (byte)i).All(same => same));
        }
    }

    private Task<Edge> BeforeAsync(TestOrigin origin, Func<EdgeOptions, EdgeOptions>? change = null) =>
        StartAsync([Edge.SiteOf("www.example.com", origin.Url)], change);

    private Task<Edge> StartAsync(IReadOnlyList<Site> sites, Func<EdgeOptions, EdgeOptions>? change = null) =>
        Edge.StartAsync(sites, change, configure: web => Use(web.Services));
}
