using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.EndToEnd.Support;

/// <summary>A customer's own server: pages, an upload that counts its bytes, a WebSocket that echoes, a stream of events.</summary>
internal sealed class TestOrigin : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestOrigin(WebApplication app, ConcurrentDictionary<string, string> pages) => (_app, Pages) = (app, pages);

    /// <summary>Texts of HTML pages by path; who asks with a validator is told that nothing changed.</summary>
    public ConcurrentDictionary<string, string> Pages { get; }

    public string Url => _app.Urls.First();

    public static async Task<TestOrigin> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        app.UseWebSockets();
        app.MapPost("/upload", UploadAsync);
        app.Map("/echo", EchoAsync);
        var release = new SemaphoreSlim(0);
        app.MapGet("/events", http => EventsAsync(http, release));
        var pages = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        app.MapFallback("{*path}", (HttpContext http) => pages.TryGetValue(http.Request.Path, out string? text)
            ? PageAsync(http, text) : http.Response.WriteAsync($"<html><title>{http.Request.Path}</title>page</html>"));
        await app.StartAsync();
        return new TestOrigin(app, pages);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task PageAsync(HttpContext http, string text)
    {
        if (http.Request.Headers.IfNoneMatch.Count > 0)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync($"<!doctype html><html><head><title>{http.Request.Path}</title></head><body><main><p>{text}</p></main></body></html>");
    }

    private static async Task UploadAsync(HttpContext http)
    {
        var buffer = new byte[64 * 1024];
        long total = 0;
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer)) > 0)
            total += read;
        await http.Response.WriteAsync($"{total}");
    }

    private static async Task EchoAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (true)
        {
            var message = await socket.ReceiveAsync(buffer, http.RequestAborted);
            if (message.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, http.RequestAborted);
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, http.RequestAborted);
        }
    }

    /// <summary>Sends one event, then waits until the client has it (it asks for /events?release=1) before it sends the second.</summary>
    private static async Task EventsAsync(HttpContext http, SemaphoreSlim release)
    {
        if (http.Request.Query.ContainsKey("release"))
        {
            release.Release();
            return;
        }
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync("data: one\n\n");
        await http.Response.Body.FlushAsync();
        await release.WaitAsync(http.RequestAborted);
        await http.Response.WriteAsync("data: two\n\n");
    }
}
