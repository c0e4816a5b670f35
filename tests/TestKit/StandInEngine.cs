using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weir.TestKit;

/// <summary>An answer engine on loopback that speaks OpenAI's chat completions and answers as it is told.</summary>
public sealed class StandInEngine : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _now;

    private StandInEngine(WebApplication app) => _app = app;

    /// <summary>What it does with a question.</summary>
    public Func<HttpContext, string, Task> Answer { get; set; } = (http, question) => SayAsync(http, $"I know nothing of: {question}");

    /// <summary>Every question that came, with the key it came with.</summary>
    public ConcurrentQueue<(string Question, string Key)> Asked { get; } = new();

    /// <summary>Most questions that were under way at a time.</summary>
    public int AtOnceMax { get; private set; }

    /// <summary>Where chat/completions is.</summary>
    public Uri Url => new(_app.Urls.First() + "/v1");

    /// <summary>Starts one on a free port.</summary>
    public static async Task<StandInEngine> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var engine = new StandInEngine(app);
        app.MapPost("/v1/chat/completions", engine.TakeAsync);
        await app.StartAsync();
        return engine;
    }

    /// <summary>Answers as OpenAI does.</summary>
    /// <param name="http">The question.</param>
    /// <param name="text">The answer's words.</param>
    /// <param name="model">Who answers.</param>
    /// <param name="links">Sources beside the words, as Perplexity names them.</param>
    /// <param name="finish">Why it ended.</param>
    public static Task SayAsync(HttpContext http, string text, string model = "stand-in", string[]? links = null, string finish = "stop") =>
        http.Response.WriteAsJsonAsync(new Dictionary<string, object?>
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion",
            ["created"] = 1_700_000_000,
            ["model"] = model,
            ["citations"] = links ?? [],
            ["choices"] = new[] { new { index = 0, finish_reason = finish, message = new { role = "assistant", content = text } } },
            ["usage"] = new { prompt_tokens = 1, completion_tokens = 1, total_tokens = 2 },
        });

    /// <summary>Answers with bytes of any kind, and 200.</summary>
    public static Task SendAsync(HttpContext http, string body, string type = "application/json", int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        return http.Response.WriteAsync(body);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        int now = Interlocked.Increment(ref _now);
        lock (Asked)
            AtOnceMax = Math.Max(AtOnceMax, now);
        try
        {
            using var json = await JsonDocument.ParseAsync(http.Request.Body);
            var content = json.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
            string question = content.ValueKind == JsonValueKind.String ? content.GetString()! : content[0].GetProperty("text").GetString()!;
            Asked.Enqueue((question, http.Request.Headers.Authorization.ToString()));
            await Answer(http, question);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }
}
