using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit.Sdk;

namespace Weir.EndToEnd.Support;

/// <summary>A running <c>./weir up</c> with clients for its edge and its API.</summary>
internal sealed class WeirUp : IAsyncDisposable
{
    private WeirUp(WeirProcess process, string data, Uri edge, Uri api)
    {
        Process = process;
        Data = data;
        AdminKey = File.ReadAllText(Path.Combine(data, "admin.key")).Trim();
        Edge = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = edge };
        Api = new HttpClient { BaseAddress = api };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        Api.DefaultRequestHeaders.CacheControl = new CacheControlHeaderValue { NoCache = true }; // tests look at what is stored
    }

    public WeirProcess Process { get; }

    public string Data { get; }

    public string AdminKey { get; }

    public HttpClient Edge { get; }

    public HttpClient Api { get; }

    /// <summary>Starts it on free ports and waits until it says that it serves.</summary>
    public static Task<WeirUp> StartAsync(string data, params string[] more) => RunAsync(data, ["--listen", "127.0.0.1:0", .. more]);

    /// <summary>Starts it where its settings say that it listens, plain HTTP first, and waits until it says that it serves.</summary>
    public static Task<WeirUp> FrontAsync(string data, string config) => RunAsync(data, ["--config", config]);

    private static async Task<WeirUp> RunAsync(string data, string[] more)
    {
        var process = WeirProcess.Start(["up", "--data", data, "--api", "127.0.0.1:0", .. more]);
        var edge = UrlIn(await process.WaitForLineAsync("Edge "));
        var api = UrlIn(await process.WaitForLineAsync("Dashboard "));
        await process.WaitForLineAsync("Ctrl-C");
        return new WeirUp(process, data, edge, new Uri(api.GetLeftPart(UriPartial.Authority)));
    }

    /// <summary>Sends one request to the edge.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string host, Dictionary<string, string>? headers = null,
        HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Host = host;
        foreach (var (name, value) in headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        return await Edge.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Api.GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"GET {path} gave {(int)response.StatusCode}: {text}\n{Process.Output}");
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await Api.PostAsJsonAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"POST {path} gave {(int)response.StatusCode}: {text}\n{Process.Output}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asks again until the answer is as wished; fails with the last answer.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> ask, Func<T, bool> isThere, string what)
    {
        T last = default!;
        for (int i = 0; i < 300; i++)
        {
            last = await ask();
            if (isThere(last))
                return last;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
        throw new XunitException($"{what} did not come within 30 s; the last answer was {last}");
    }

    /// <summary>Every stored hit of a site, by walking the cursor.</summary>
    public async Task<List<JsonElement>> AllHitsAsync(string site)
    {
        var hits = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"/v1/sites/{site}/hits?limit=7" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}"));
            hits.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }
        while (cursor is not null);
        return hits;
    }

    public async ValueTask DisposeAsync()
    {
        Edge.Dispose();
        Api.Dispose();
        await Process.DisposeAsync();
    }

    private static Uri UrlIn(string line) => new(line.Split(' ').First(w => w.StartsWith("http", StringComparison.Ordinal)).TrimEnd(','));
}
