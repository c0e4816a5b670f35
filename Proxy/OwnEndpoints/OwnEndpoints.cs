using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Sites;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>Step 4: what the edge answers by itself, under the reserved prefix <c>/.weir/</c> of every host, and
/// challenges of certificate authorities. These are no hits.</summary>
/// <remarks>What a site has the edge answer as well (<see cref="OwnPages"/>) is a hit, and waits for step 7.</remarks>
internal sealed class OwnEndpoints(SiteTable sites, AcmeChallenges challenges, IHostApplicationLifetime lifetime)
{
    /// <summary>Paths below this never reach an origin.</summary>
    public const string Prefix = "/.weir/";

    /// <summary>Answers when the path is one of the edge's own.</summary>
    /// <returns>Whether it did.</returns>
    public ValueTask<bool> TryAnswerAsync(RequestContext r)
    {
        if (r.Path.StartsWith(Prefix, StringComparison.Ordinal) && (r.Host is null || OwnPages.Find(r) == OwnPage.None))
            return AnswerAsync(r);
        return challenges.IsChallenge(r) ? AnswerChallengeAsync(r) : ValueTask.FromResult(false);
    }

    private async ValueTask<bool> AnswerChallengeAsync(RequestContext r)
    {
        await challenges.AnswerAsync(r);
        return true;
    }

    private async ValueTask<bool> AnswerAsync(RequestContext r)
    {
        var (status, text) = r.Path[Prefix.Length..] switch
        {
            "health/live" => (StatusCodes.Status200OK, "live\n"),
            "health/ready" when lifetime.ApplicationStopping.IsCancellationRequested => (StatusCodes.Status503ServiceUnavailable, "draining\n"),
            "health/ready" when sites.SiteCount == 0 => (StatusCodes.Status503ServiceUnavailable, "no sites\n"),
            "health/ready" => (StatusCodes.Status200OK, "ready\n"),
            _ => (StatusCodes.Status404NotFound, "not found\n"),
        };
        var request = r.Http.Request;
        var response = r.Http.Response;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            (status, text) = (StatusCodes.Status405MethodNotAllowed, "GET or HEAD only\n");
            response.Headers.Allow = "GET, HEAD";
        }
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = text.Length;
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(request.Method))
            await response.WriteAsync(text, r.Http.RequestAborted);
        return true;
    }
}
