using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Scheduling.Suggestions;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Turns what went wrong into a problem that people can act on; details go to the log only.</summary>
internal sealed class Failures(RequestDelegate next, ILogger<Failures> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
                await Bare(http.Response.StatusCode).ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to tell.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            http.Response.Headers.ETag = default;
            await ProblemOf(http, e).ExecuteAsync(http);
        }
    }

    private ProblemHttpResult ProblemOf(HttpContext http, Exception e)
    {
        switch (e)
        {
            case BadHttpRequestException bad:
                return Problems.BadRequest(bad.StatusCode, bad.Message);
            case ReportTooCostlyException:
                return Problems.TooCostly();
            case StoreUnavailableException:
                http.Response.Headers.RetryAfter = "5";
                return Problems.StoreUnavailable();
            case PageIndexException:
                log.PageIndexUnavailable(e.Message);
                http.Response.Headers.RetryAfter = "5";
                return Problems.Make(503, "index-unavailable", "The index of pages cannot be read",
                    "Its files in the data folder cannot be read or written; the log says why.", "Look whether the disk is full, then try again.");
            case var _ when StoreOutage.Is(e):
                log.ControlUnavailable(e.Message);
                http.Response.Headers.RetryAfter = "5";
                return Problems.ControlUnavailable();
            case ControlException:
                log.ControlUnavailable(e.Message);
                return Problems.Make(503, "secrets-sealed", "A secret cannot be sealed or opened",
                    "The key that secrets of this installation are sealed with is not in its place.", "Tell whoever runs Weir; its log says which file is missing.");
            default:
                string route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
                log.RequestFailed(e, http.TraceIdentifier, http.Request.Method, route);
                return Problems.Fault(http.TraceIdentifier);
        }
    }

    private static ProblemHttpResult Bare(int status) => status switch
    {
        404 => Problems.NotFound(),
        405 => Problems.Make(405, "method", "Another method is needed", "This path does not take this method.", "See /docs for the methods of each path."),
        415 => Problems.BadRequest(415, "The body must be JSON: send Content-Type: application/json."),
        _ => Problems.BadRequest(status, "The request has a form that cannot be read."),
    };
}
