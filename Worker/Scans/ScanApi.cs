using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Weir.Worker.Citations;

namespace Weir.Worker.Scans;

/// <summary>What became of telling the API about a scan.</summary>
internal enum TellOutcome
{
    /// <summary>It knows.</summary>
    Told,

    /// <summary>The scan is another's by now, or gone: nothing of it counts.</summary>
    NotHeld,

    /// <summary>The API does not take it, and never will.</summary>
    Refused,
}

/// <summary>The API does not answer as it should, for now.</summary>
/// <param name="message">One sentence.</param>
/// <param name="inner">What caused it.</param>
internal sealed class ApiAwayException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The scans of the API, as any worker may use them. Safe from any thread.</summary>
internal sealed class ScanApi : IDisposable
{
    private const int AnswerBytesMax = 32 * 1024 * 1024;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly WorkerOptions _options;
    private readonly HttpClient _client;

    public ScanApi(WorkerOptions options)
    {
        _options = options;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = new Uri(options.Api.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Key);
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Weir-worker/0.1");
    }

    /// <summary>Leases due scans of an engine.</summary>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public async Task<IReadOnlyList<LeasedScan>> LeaseAsync(string engine, int max, CancellationToken stop)
    {
        var body = new { engine, max, leaseSeconds = (int)_options.Lease.TotalSeconds, worker = _options.Name };
        return await CallAsync("v1/scans/lease", body, async response =>
        {
            await EnsureAsync(response, stop);
            return (await response.Content.ReadFromJsonAsync<LeaseAnswer>(Json, stop))?.Scans ?? [];
        }, stop);
    }

    /// <summary>Makes a lease longer.</summary>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<TellOutcome> HeartbeatAsync(LeasedScan scan, CancellationToken stop) =>
        TellAsync("v1/scans/heartbeat", new { scan.Id, scan.FencingToken, leaseSeconds = (int)_options.Lease.TotalSeconds }, stop);

    /// <summary>Posts what a scan found.</summary>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<TellOutcome> CompleteAsync(LeasedScan scan, Citation found, CancellationToken stop) =>
        TellAsync("v1/scans/complete", new { scan.Id, scan.FencingToken, found.Result, found.Evidence }, stop);

    /// <summary>Gives a scan back.</summary>
    /// <param name="scan">As it was leased.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="kind">What the queue makes of it: <c>overload</c>, <c>timeout</c>, <c>returned</c> (the attempt does not count) or <c>error</c>.</param>
    /// <param name="retryAfter">How long the engine asked to be left alone; null when it did not.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<TellOutcome> FailAsync(LeasedScan scan, string reason, string kind, TimeSpan? retryAfter, CancellationToken stop) =>
        TellAsync("v1/scans/fail", new { scan.Id, scan.FencingToken, reason, kind, retryAfterSeconds = retryAfter is { } wait ? (int?)Math.Clamp(wait.TotalSeconds, 0, 86_400) : null }, stop);

    public void Dispose() => _client.Dispose();

    private Task<TellOutcome> TellAsync(string path, object body, CancellationToken stop) => CallAsync(path, body, async response =>
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.Conflict or HttpStatusCode.NotFound:
                return TellOutcome.NotHeld;
            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge:
                return TellOutcome.Refused;
            default:
                await EnsureAsync(response, stop);
                return TellOutcome.Told;
        }
    }, stop);

    private async Task<T> CallAsync<T>(string path, object body, Func<HttpResponseMessage, Task<T>> read, CancellationToken stop)
    {
        try
        {
            using var response = await _client.PostAsJsonAsync(path, body, Json, stop);
            return await read(response);
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            throw new ApiAwayException(e is OperationCanceledException ? "It gave no answer within 30 s." : $"{e.Message.TrimEnd('.')}.", e);
        }
    }

    private static async Task EnsureAsync(HttpResponseMessage response, CancellationToken stop)
    {
        if (response.IsSuccessStatusCode)
            return;
        string said = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? DetailOf(await response.Content.ReadAsStringAsync(stop)) : "";
        string mend = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " Make a key with weir keys create --scope scans:write." : "";
        throw new ApiAwayException($"It answered {(int)response.StatusCode}.{(said.Length > 0 ? " " : "")}{said}{mend}");
    }

    private static string DetailOf(string problem)
    {
        try
        {
            using var json = JsonDocument.Parse(problem);
            return json.RootElement.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String
                ? AnswerText.Snippet(AnswerText.Clean(detail.GetString()!), 0, 0, around: 300) : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
