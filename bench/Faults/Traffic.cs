using System.Collections.Concurrent;
using System.Net;

namespace Weir.Faults;

/// <summary>One answered request.</summary>
/// <param name="SentMs">When it was sent, milliseconds since 1970.</param>
/// <param name="AnsweredMs">When its answer was there.</param>
internal readonly record struct Answered(long SentMs, long AnsweredMs);

/// <summary>Requests without end, each for a path of its own, so that the store can say of each whether it has it. A fifth are a crawler's.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int Clients = 6;

    // Enough that a fault always meets an insert; little enough for two cores that also run the store.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, Answered> _answered = new();
    private readonly Uri _edge;
    private readonly Task _clients;
    private int _next;

    /// <summary>Begins.</summary>
    public Traffic(int port)
    {
        _edge = new Uri($"http://127.0.0.1:{port}/");
        _clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(SendAsync)));
    }

    /// <summary>Requests that were answered, by the number in their path.</summary>
    public IReadOnlyDictionary<int, Answered> Requests => _answered;

    /// <summary>Path of a request.</summary>
    public static string PathOf(int number) => $"/n/{number}";

    /// <summary>Ends it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = _edge, Timeout = TimeSpan.FromSeconds(10) };
        while (!_stop.IsCancellationRequested)
        {
            int number = Interlocked.Increment(ref _next);
            using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(number)) { Headers = { Host = WeirProcess.Host } };
            request.Headers.UserAgent.ParseAdd(number % 5 == 0 ? "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)" : "Mozilla/5.0 (X11; Linux x86_64)");
            long sent = NowMs();
            try
            {
                using var answer = await http.SendAsync(request);
                if (answer.StatusCode == HttpStatusCode.OK)
                    _answered[number] = new Answered(sent, NowMs());
                await Task.Delay(Pause, TimeProvider.System);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // The edge is away.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
