using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Weir.Analytics.Api.Tests.Support;

internal static class HttpExtensions
{
    /// <summary>Gets JSON that must be there.</summary>
    public static async Task<JsonElement> JsonAsync(this HttpClient client, string url)
    {
        using var response = await client.GetAsync(new Uri(url, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{url}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Gets a refusal: its status and the problem.</summary>
    public static async Task<(int Status, JsonElement Problem)> RefusalAsync(this HttpClient client, string url)
    {
        using var response = await client.GetAsync(new Uri(url, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Sends JSON, or a body as it is; gives the status and the JSON of the answer, undefined when it has none.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(this HttpClient client, string method, string url, object? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), url) { Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)) };
        using var response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public static long Long(this JsonElement element, params string[] path) =>
        path.Aggregate(element, (e, name) => e.GetProperty(name)).GetInt64();

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
