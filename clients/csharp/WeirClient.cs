using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Client;

/// <summary>Asks Weir's API: one method an endpoint, by the names of its OpenAPI document. Safe from any thread.</summary>
/// <remarks>What the API refuses is thrown as a <see cref="WeirException"/>; nothing is tried again by itself.</remarks>
public sealed partial class WeirClient : IDisposable
{
    // What the API does not know of a body it refuses, and a null says "not given" there.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly HttpClient _http;
    private readonly bool _owns;

    /// <summary>A client with connections of its own.</summary>
    /// <param name="url">Where the API is, such as <c>http://127.0.0.1:8090</c>; a path before <c>/v1</c> may stand in it.</param>
    /// <param name="key">The API key to ask with.</param>
    public WeirClient(Uri url, string key)
    {
        ArgumentNullException.ThrowIfNull(url);
        _http = new HttpClient { BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _owns = true;
    }

    /// <summary>A client over connections that somebody else keeps, such as <c>IHttpClientFactory</c>.</summary>
    /// <param name="http">With a base address that ends with a slash, and the key in its Authorization header. Not disposed here.</param>
    public WeirClient(HttpClient http) => _http = http;

    /// <summary>Closes its own connections.</summary>
    public void Dispose()
    {
        if (_owns)
            _http.Dispose();
    }

    private async Task SendAsync(HttpMethod method, string address, HttpContent? body, CancellationToken stop) => (await TakenAsync(method, address, body, stop)).Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string address, HttpContent? body, CancellationToken stop)
    {
        using var response = await TakenAsync(method, address, body, stop);
        return await response.Content.ReadFromJsonAsync<T>(Json, stop) ?? throw new JsonException($"{method} {address} answered null.");
    }

    private async Task<HttpResponseMessage> TakenAsync(HttpMethod method, string address, HttpContent? body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative)) { Content = body };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await WeirException.OfAsync(response, stop);
    }

    private static async IAsyncEnumerable<TRow> RowsAsync<TPage, TRow>(
        Func<string?, Task<TPage>> ask, Func<TPage, (IReadOnlyList<TRow> Rows, string? Next)> read, [EnumeratorCancellation] CancellationToken stop)
    {
        string? cursor = null;
        do
        {
            stop.ThrowIfCancellationRequested();
            (var rows, cursor) = read(await ask(cursor));
            foreach (var row in rows)
                yield return row;
        }
        while (cursor is not null);
    }

    private static JsonContent Content<T>(T body) => JsonContent.Create(body, options: Json);

    private static string Part<T>(T value) => Uri.EscapeDataString($"{value}");

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        string query = "";
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        }
        return query;
    }
}
