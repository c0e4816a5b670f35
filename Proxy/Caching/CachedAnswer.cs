using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Caching;

/// <summary>Gives a kept answer to a client: whole, its head alone, or 304 where the client holds it already.</summary>
internal static class CachedAnswer
{
    /// <summary>Answers the request.</summary>
    /// <param name="r">The request; its response has not begun.</param>
    /// <param name="answer">The kept answer.</param>
    /// <param name="ageMs">How old it is.</param>
    /// <param name="status">Value of the Cache-Status header; null where the site writes none.</param>
    /// <param name="transport">Writes Strict-Transport-Security as on every answer.</param>
    public static async Task WriteAsync(RequestContext r, StoredAnswer answer, long ageMs, string? status, SecureTransport transport)
    {
        var response = r.Http.Response;
        bool isNotModified = Preconditions.IsNotModified(r.Http.Request.Headers, answer);
        response.StatusCode = isNotModified ? StatusCodes.Status304NotModified : answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            // A 304 says nothing of a body (RFC 9110 §15.4.5).
            if (!isNotModified || !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Location", StringComparison.OrdinalIgnoreCase))
                response.Headers[name] = value;
        }
        response.Headers.Age = (ageMs / 1000).ToString(CultureInfo.InvariantCulture);
        transport.Write(r);
        if (status is not null)
            response.Headers.Append(CacheStatus.Header, status);
        if (isNotModified || answer.Status == StatusCodes.Status204NoContent)
            return;
        response.ContentLength = answer.Body.Length;
        if (answer.Body.Length > 0 && !HttpMethods.IsHead(r.Http.Request.Method))
            await response.Body.WriteAsync(answer.Body);
        if (r.Http.RequestAborted.IsCancellationRequested)
            r.Error = EdgeError.ClientAborted;
    }
}
