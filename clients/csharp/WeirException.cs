using System.Net;
using System.Text.Json;

namespace Weir.Client;

/// <summary>What the API refused with (RFC 9457).</summary>
public sealed record Problem
{
    /// <summary>Its kind, an address that ends with a name such as <c>not-found</c>.</summary>
    public string? Type { get; init; }

    /// <summary>What happened, in short.</summary>
    public string? Title { get; init; }

    /// <summary>What happened.</summary>
    public string? Detail { get; init; }

    /// <summary>What to do.</summary>
    public string? Next { get; init; }

    /// <summary>What is wrong, by the name of the parameter or field; empty when it is none's fault.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);
}

/// <summary>The API refused a request; the message says what happened and what to do.</summary>
public sealed class WeirException : Exception
{
    // A proxy's page of error is no problem document, and may be as long as it likes.
    private const int TextMax = 2_000;

    private WeirException(HttpStatusCode status, Problem problem, TimeSpan? retryAfter)
        : base($"{problem.Detail ?? problem.Title ?? $"The API answered {(int)status}."} {problem.Next}".TrimEnd()) =>
        (Status, Problem, RetryAfter) = (status, problem, retryAfter);

    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>What it said; only a detail where whoever answered was not the API.</summary>
    public Problem Problem { get; }

    /// <summary>How long to wait before asking again; null where nothing was said.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static async Task<WeirException> OfAsync(HttpResponseMessage response, CancellationToken stop)
    {
        string text = await response.Content.ReadAsStringAsync(stop);
        return new WeirException(response.StatusCode, Read(text), response.Headers.RetryAfter?.Delta);
    }

    private static Problem Read(string text)
    {
        try
        {
            if (text.StartsWith('{') && JsonSerializer.Deserialize<Problem>(text, JsonSerializerOptions.Web) is { } problem)
                return problem with { Errors = problem.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal) };
        }
        catch (JsonException)
        {
            // Not a problem document: told as it stands.
        }
        return new Problem { Detail = text.Length == 0 ? null : text[..Math.Min(text.Length, TextMax)] };
    }
}
