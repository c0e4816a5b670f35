using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Detection;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Robots;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>Step 7 for what a site's edge answers itself: robots.txt and the trap. Safe from any thread.</summary>
internal sealed class OwnPages(RobotsPages robots, SecureTransport transport, OwnPageMetrics metrics)
{
    // No link to go deeper, nothing to index, and short: who asks for it will ask often.
    private static readonly byte[] TrapPage = Encoding.ASCII.GetBytes(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex, nofollow\"><title>Nothing here</title></head>"
        + "<body><p>There is nothing to read here. This address is disallowed in robots.txt.</p></body></html>\n");

    /// <summary>Which own page a request asks for.</summary>
    public static OwnPage Find(RequestContext r) => r.Site.OwnPages?.Find(r.Path) ?? OwnPage.None;

    /// <summary>What asking for it says of the client.</summary>
    public static PathMark MarkOf(OwnPage page) => page == OwnPage.Trap ? PathMark.Honeypot : PathMark.None;

    /// <summary>Answers the request for <see cref="RequestContext.OwnPage"/>.</summary>
    public Task AnswerAsync(RequestContext r)
    {
        transport.Write(r);
        var response = r.Http.Response;
        if (!HttpMethods.IsGet(r.Http.Request.Method) && !HttpMethods.IsHead(r.Http.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            return ErrorAnswer.WriteAsync(r, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are answered here.");
        }
        return r.OwnPage == OwnPage.Robots ? robots.AnswerAsync(r) : AnswerTrapAsync(r);
    }

    private Task AnswerTrapAsync(RequestContext r)
    {
        metrics.Trapped();
        var headers = r.Http.Response.Headers;
        headers.ContentType = "text/html; charset=utf-8";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers.CacheControl = "no-store";
        return WriteAsync(r, TrapPage);
    }

    /// <summary>Writes a body, or its length alone to HEAD.</summary>
    public static async Task WriteAsync(RequestContext r, ReadOnlyMemory<byte> body)
    {
        r.Http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsGet(r.Http.Request.Method))
            return;
        try
        {
            await r.Http.Response.Body.WriteAsync(body, r.Http.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            r.Error = EdgeError.ClientAborted;
        }
    }
}
