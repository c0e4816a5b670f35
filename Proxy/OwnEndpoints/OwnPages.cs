using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Detection;
using Weir.Proxy.Beacon;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Robots;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>Step 7 for what a site's edge answers itself: robots.txt, the trap and the beacon. Safe from any thread.</summary>
internal sealed class OwnPages(RobotsPages robots, BeaconPages beacon, SecureTransport transport, OwnPageMetrics metrics)
{
    // No link to go deeper, nothing to index, and short: who asks for it will ask often.
    private static readonly byte[] TrapPage = Encoding.ASCII.GetBytes(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex, nofollow\"><title>Nothing here</title></head>"
        + "<body><p>There is nothing to read here. This address is disallowed in robots.txt.</p></body></html>\n");

    /// <summary>Which own page a request asks for.</summary>
    public static OwnPage Find(RequestContext r) => r.Site.OwnPages?.Find(r.Path) ?? OwnPage.None;

    /// <summary>Notes which own page a request asks for, and what that says of the client, before it is classified.</summary>
    public void Mark(RequestContext r)
    {
        r.OwnPage = Find(r);
        if (r.OwnPage != OwnPage.None)
            r.OwnMark = r.OwnPage == OwnPage.Trap ? PathMark.Honeypot : r.OwnPage >= OwnPage.BeaconScript ? beacon.Judge(r) : PathMark.None;
    }

    /// <summary>Answers the request for <see cref="RequestContext.OwnPage"/>.</summary>
    public Task AnswerAsync(RequestContext r)
    {
        transport.Write(r);
        var response = r.Http.Response;
        if (r.OwnPage == OwnPage.BeaconReport)
            return beacon.AnswerAsync(r);
        if (!HttpMethods.IsGet(r.Http.Request.Method) && !HttpMethods.IsHead(r.Http.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            return ErrorAnswer.WriteAsync(r, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are answered here.");
        }
        return r.OwnPage switch
        {
            OwnPage.Robots => robots.AnswerAsync(r),
            OwnPage.Trap => AnswerTrapAsync(r),
            _ => beacon.AnswerAsync(r),
        };
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
