using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Origins;

public abstract partial class OriginTransportContract
{
    [Fact]
    public async Task A_large_upload_streams_through_without_being_held()
    {
        const long Size = 100L * 1024 * 1024;
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            long received = 0;
            byte[] buffer = new byte[65536];
            for (int read; (read = await c.Request.Body.ReadAsync(buffer)) > 0;)
                received += read;
            await c.Response.WriteAsync($"{received} {GC.GetTotalMemory(forceFullCollection: true)}");
        });
        await using var edge = await BeforeAsync(origin);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        using var content = new Zeros(Size);
        using var response = await edge.Client.PostAsync("http://www.example.com/upload", content);

        string[] answer = (await response.Content.ReadAsStringAsync()).Split(' ');
        Assert.Equal(Size, long.Parse(answer[0]));
        // Client, edge and origin share this process; were the body held anywhere, 100 MiB would show.
        Assert.InRange(long.Parse(answer[1]) - before, long.MinValue, 30L * 1024 * 1024);
        Assert.Equal(200, (await edge.Hits.NextAsync()).Status);
    }

    [Fact]
    public async Task The_first_event_arrives_before_the_response_ends()
    {
        var mayEnd = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            c.Response.ContentType = "text/event-stream";
            await c.Response.WriteAsync("data: first\n\n");
            await c.Response.Body.FlushAsync();
            await mayEnd.Task;
            await c.Response.WriteAsync("data: last\n\n");
        });
        await using var edge = await BeforeAsync(origin);

        using var response = await edge.Client.GetAsync("http://www.example.com/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("data: first", await reader.ReadLineAsync(Stop));
        mayEnd.SetResult();
        Assert.Equal("\ndata: last\n\n", await reader.ReadToEndAsync(Stop));
        Assert.Equal(25UL, (await edge.Hits.NextAsync()).BytesSent);
    }

    [Fact]
    public async Task A_WebSocket_speaks_both_ways_and_is_recorded_when_it_closes()
    {
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            using var socket = await c.WebSockets.AcceptWebSocketAsync("chat");
            byte[] buffer = new byte[1024];
            await socket.SendAsync("welcome"u8.ToArray(), WebSocketMessageType.Text, true, default);
            for (WebSocketReceiveResult got; (got = await socket.ReceiveAsync(buffer, default)).MessageType != WebSocketMessageType.Close;)
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, default);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default);
        });
        await using var edge = await BeforeAsync(origin);
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        client.Options.SetRequestHeader("Host", "www.example.com");

        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{edge.Port}/ws"), Stop);
        Assert.Equal("welcome", await ReceiveAsync(client));
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Stop);
        Assert.Equal("hello", await ReceiveAsync(client));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Stop);

        Assert.Equal("chat", client.SubProtocol);
        var hit = await edge.Hits.NextAsync();
        Assert.Equal((101, "/ws", ""), (hit.Status, hit.Path, hit.Error));
        Assert.True(hit.BytesSent >= 12UL);
    }

    [Fact]
    public async Task A_refused_WebSocket_is_an_ordinary_answer()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        await using var edge = await BeforeAsync(origin);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("GET /ws HTTP/1.1\r\nHost: www.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(403, (await edge.Hits.NextAsync()).Status);
    }

    [Fact]
    public async Task Trailers_of_an_HTTP_1_origin_reach_an_HTTP_2_client()
    {
        using var origin = new RawOrigin("HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Checksum: abc\r\n\r\n");
        await using var edge = await StartAsync(
            [Edge.SiteOf("www.example.com", origin.Url)], o => o with { Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttp2Only: true)] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await edge.Client.SendAsync(request);

        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        Assert.Equal("abc", Assert.Single(response.TrailingHeaders.GetValues("X-Checksum")));
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/grpc+proto")]
    public async Task Headers_of_a_stream_arrive_before_its_first_byte(string type)
    {
        var mayEnd = new TaskCompletionSource();
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            c.Response.ContentType = type;
            await c.Response.Body.FlushAsync();
            await mayEnd.Task;
        });
        await using var edge = await BeforeAsync(origin);

        using var response = await edge.Client.GetAsync("http://www.example.com/events", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        mayEnd.SetResult();
    }

    [Fact]
    public async Task Continue_is_sent_when_the_origin_wants_the_body_and_not_when_it_refuses()
    {
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            if (c.Request.Path == "/refused")
            {
                c.Response.StatusCode = 413;
                return;
            }
            using var reader = new StreamReader(c.Request.Body);
            await c.Response.WriteAsync("got " + await reader.ReadToEndAsync());
        });
        await using var edge = await BeforeAsync(origin);
        using var accepted = await edge.ConnectAsync();
        using var refused = await edge.ConnectAsync();

        await accepted.SendAsync("POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await accepted.ReadHeadAsync());
        await accepted.SendAsync("body");
        Assert.Contains("got body", await accepted.ReadToEndAsync(), StringComparison.Ordinal);

        await refused.SendAsync("POST /refused HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 4000\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", await refused.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_flow_both_ways_at_once_over_HTTP_2()
    {
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            byte[] buffer = new byte[256];
            c.Response.ContentType = "application/grpc";
            await c.Response.Body.FlushAsync();
            for (int read; (read = await c.Request.Body.ReadAsync(buffer)) > 0;)
            {
                await c.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                await c.Response.Body.FlushAsync();
            }
            c.Response.AppendTrailer("grpc-status", "0");
        }, HttpProtocols.Http2);
        await using var edge = await BeforeAsync(origin, o => o with { Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttp2Only: true)] });
        using var content = new Duplex();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://www.example.com/pkg.Service/Chat")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");

        using var response = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var answer = await response.Content.ReadAsStreamAsync();
        foreach (string word in (string[])["one", "two"])
        {
            await content.SendAsync(word);
            byte[] echo = new byte[word.Length];
            await answer.ReadExactlyAsync(echo, Stop);
            Assert.Equal(word, Encoding.ASCII.GetString(echo));
        }
        content.End();

        Assert.Equal(0, await answer.ReadAsync(new byte[1], Stop));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal(20, (await edge.Hits.NextAsync()).HttpVersion);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[1024];
        var got = await socket.ReceiveAsync(buffer, Stop);
        return Encoding.UTF8.GetString(buffer, 0, got.Count);
    }

    private sealed class Zeros(long size) : HttpContent
    {
        private static readonly byte[] Block = new byte[64 * 1024];

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (long sent = 0; sent < size; sent += Block.Length)
                await stream.WriteAsync(Block.AsMemory(0, (int)Math.Min(Block.Length, size - sent)));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }

    private sealed class Duplex : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task SendAsync(string text)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Stop);
            await stream.FlushAsync(Stop);
        }

        public void End() => _end.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _stream.SetResult(stream);
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
