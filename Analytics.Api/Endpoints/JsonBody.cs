using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Reads a JSON body so that what is wrong with it is told by the field's name.</summary>
internal static class JsonBody
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 32,
    };

    /// <summary>The body; null when it is empty, or when it cannot be read and <paramref name="check"/> says why.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext http, QueryCheck check, CancellationToken stop)
        where T : class
    {
        if (http.Request.ContentLength == 0 || http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Strict, stop);
        }
        catch (JsonException e)
        {
            check.Error(FieldOf(e.Path), e.Path is null or "$"
                ? $"Line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}: the body is not the JSON that is expected here."
                : "Not a field of this request, or a value of the wrong type.");
            return null;
        }
    }

    /// <summary>The body as JSON of any form; null when it cannot be read and <paramref name="check"/> says why.</summary>
    public static async Task<JsonElement?> ReadAnyAsync(HttpContext http, QueryCheck check, CancellationToken stop)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, Strict, stop);
        }
        catch (JsonException e)
        {
            check.Error("body", $"Line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}: the body is not JSON.");
            return null;
        }
    }

    private static string FieldOf(string? path) => path?.TrimStart('$').TrimStart('.') is { Length: > 0 } field ? field : "body";
}
