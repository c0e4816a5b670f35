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

    /// <summary>Makes leases longer.</summary>
    /// <returns>What became of each, in their order; so for the other calls too.</returns>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<IReadOnlyList<TellOutcome>> HeartbeatAsync(IReadOnlyList<LeasedScan> scans, CancellationToken stop) => TellAsync(
        "v1/scans/heartbeat/batch", scans.Select(s => (object)new { s.Id, s.FencingToken }).ToList(), some => new { leaseSeconds = (int)_options.Lease.TotalSeconds, scans = some }, stop);

    /// <summary>Posts what scans found.</summary>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<IReadOnlyList<TellOutcome>> CompleteAsync(IReadOnlyList<FoundScan> found) => TellAsync(
        "v1/scans/complete/batch", found.Select(f => (object)new { f.Scan.Id, f.Scan.FencingToken, f.Found.Result, f.Found.Evidence }).ToList(), some => new { scans = some }, CancellationToken.None);

    /// <summary>Gives scans back.</summary>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<IReadOnlyList<TellOutcome>> FailAsync(IReadOnlyList<FailedScan> failed) => TellAsync(
        "v1/scans/fail/batch",
        failed.Select(f => (object)new
        {
            f.Scan.Id,
            f.Scan.FencingToken,
            f.Reason,
            f.Kind,
            retryAfterSeconds = f.RetryAfter is { } wait ? (int?)Math.Clamp(wait.TotalSeconds, 0, 86_400) : null,
        }).ToList(),
        some => new { scans = some },
        CancellationToken.None);

    public void Dispose() => _client.Dispose();

    // The API refuses a call whole for one scan in it that is malformed, or when it is too long: halves find out which one.
    private async Task<IReadOnlyList<TellOutcome>> TellAsync(string path, List<object> scans, Func<List<object>, object> body, CancellationToken stop)
    {
        var told = await CallAsync(path, body(scans), async response =>
        {
            if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge)
                return null;
            await EnsureAsync(response, stop);
            return (await response.Content.ReadFromJsonAsync<TellAnswer>(Json, stop))?.Scans ?? [];
        }, stop);
        if (told is null && scans.Count == 1)
            return [TellOutcome.Refused];
        if (told is null)
        {
            int half = scans.Count / 2;
            return [.. await TellAsync(path, [.. scans.Take(half)], body, stop), .. await TellAsync(path, [.. scans.Skip(half)], body, stop)];
        }
        if (told.Count != scans.Count)
            throw new ApiAwayException($"It answered for {told.Count} of {scans.Count} scans.");
        return [.. told.Select(t => t.Status switch { 200 => TellOutcome.Told, 404 or 409 => TellOutcome.NotHeld, _ => TellOutcome.Refused })];
    }

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
