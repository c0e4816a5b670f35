using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weir.Scans;

/// <summary>A stand-in for an answer engine: takes its time, and as many questions at a time as it is told.</summary>
/// <param name="takes">How long it thinks.</param>
/// <param name="atOnceMax">Above so many questions at a time it says 429.</param>
internal sealed class Engine(TimeSpan takes, int atOnceMax) : IAsyncDisposable
{
    private WebApplication _app = null!;
    private int _now;
    private int _asked;
    private int _refused;

    public Uri Url => new(_app.Urls.First() + "/v1");

    public int Asked => _asked;

    public int Refused => _refused;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", AnswerAsync);
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _asked);
        try
        {
            if (Interlocked.Increment(ref _now) > atOnceMax)
            {
                Interlocked.Increment(ref _refused);
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            }
            if (takes > TimeSpan.Zero)
                await Task.Delay(takes, TimeProvider.System, http.RequestAborted);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(
                """{"id":"1","object":"chat.completion","created":1700000000,"model":"stand-in","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Many like https://acme.example/widgets, and some https://rival.example/. It depends on what you want of a widget: price, weight, or looks."}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""");
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }
}
