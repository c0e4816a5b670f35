using Microsoft.AspNetCore.Http;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Writes what differs between the origin's answer and the one that the client gets. Every transport calls it, once the origin's
/// status and headers are copied and before anything is sent.</summary>
internal sealed class OriginAnswer(SecureTransport secure)
{
    /// <summary>Finishes the head of an answer.</summary>
    /// <param name="r">The request; the origin's head stands in its response.</param>
    /// <param name="message">As it came; null when nothing did.</param>
    /// <returns>False when the client will be answered from the response cache instead.</returns>
    public bool Finish(RequestContext r, HttpResponseMessage? message)
    {
        r.FirstByte?.Stop();
        r.Origin!.Load.Answered(r);
        if (r.Site.Rewrite is { } rewrite && rewrite.IsMeant(r.Path))
            rewrite.Return(r.Http.Response.Headers, OriginRequest.HostOf(r), r.Origin.Authority, $"{secure.SchemeOf(r)}://{r.Http.Request.Headers.Host}");
        // Behind what is the same for everybody, before what is not.
        if (message is not null && r.Body.Fill is { } fill && !fill.LetsPass(r, message))
            return false;
        if (r.Site.Origins.Sessions is { } sessions)
            KeepSession(r, sessions);
        secure.Write(r);
        EndAfterRefusal(r);
        return true;
    }

    // A client that was refused before its body may send it or leave it out (RFC 9110 section 10.1.1), and its next request would be read as
    // the body. So the connection ends; HTTP/2 has streams for this and writes no such header.
    private static void EndAfterRefusal(RequestContext r)
    {
        if (r.Http.Response.StatusCode >= 400 && r.Http.Request.Headers.Expect.Count > 0
            && r.Http.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
            r.Http.Response.Headers.Connection = "close";
    }

    // Only where the visitor does not have it yet: an answer without Set-Cookie can be cached.
    private void KeepSession(RequestContext r, StickySessions sessions)
    {
        int at = r.Site.Origins.IndexOf(r.Origin!);
        if (at >= 0 && sessions.IndexOf(StickySessions.TokenIn(r.Http.Request.Headers.Cookie)) != at)
            r.Http.Response.Headers.Append("Set-Cookie", sessions.CookieOf(at, secure.SchemeOf(r) == Uri.UriSchemeHttps));
    }
}
