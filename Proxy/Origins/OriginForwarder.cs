using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Step 7: the origin's answer, or an error that the client can read.</summary>
internal sealed class OriginForwarder(
    IOriginTransport transport, Overload overload, LoopMark loop, EdgeOptions options, EdgeMetrics metrics, TimeProvider time,
    ILogger<OriginForwarder> log)
{
    private const string ForwardedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// <summary>Answers the request from one of the site's origins.</summary>
    public Task ForwardAsync(RequestContext r)
    {
        if (r.PathAndQuery == "*" && HttpMethods.IsOptions(r.Http.Request.Method))
            return AnswerServerOptions(r);
        var (error, status) = RuleAgainst(r);
        if (error == EdgeError.None)
            return SendAsync(r);
        if (error == EdgeError.MethodRefused)
            r.Http.Response.Headers.Allow = ForwardedMethods;
        // Where a request that is not understood ends is nobody's certain knowledge.
        if (error == EdgeError.BadRequest && r.Http.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
            r.Http.Response.Headers.Connection = "close";
        r.Error = error;
        return ErrorAnswer.WriteAsync(r, status, error.Sentence());
    }

    private async Task SendAsync(RequestContext r)
    {
        var origins = r.Site.Origins;
        ulong tried = 0;
        OriginOutcome outcome;
        for (int tries = 1; ; tries++)
        {
            var origin = r.Origin = Choose(r, origins, ref tried);
            outcome = await AskAsync(r, origin);
            if (r.OriginAskedAt != 0)
                r.OriginTime += time.GetElapsedTime(r.OriginAskedAt);
            r.OriginAskedAt = 0;
            if (tries >= origins.Count || !(outcome.IsConnectFailure ? IsRepeatable(r) : outcome.Error == EdgeError.OriginFull))
                break;
            r.Http.Response.Clear();
            if (outcome.IsConnectFailure)
                metrics.Retried();
        }
        r.Error = outcome.Error;
        if (outcome.Error != EdgeError.None && !r.Http.Response.HasStarted)
        {
            r.Http.Response.Clear();
            if (r.Body.Fill?.TakesOver(r) == true)
                return;
            if (outcome.Error is EdgeError.OriginFull or EdgeError.OriginSlow or EdgeError.OriginBusy)
                r.Http.Response.Headers.RetryAfter = Overload.RetryAfterSeconds(outcome.Error).ToString(CultureInfo.InvariantCulture);
            await ErrorAnswer.WriteAsync(r, outcome.Status, outcome.Error.Sentence());
        }
    }

    private static Origin Choose(RequestContext r, OriginSet origins, ref ulong tried)
    {
        var kept = origins.Sessions is null ? null : origins.OfSession(StickySessions.TokenIn(r.Http.Request.Headers.Cookie), ref tried);
        return kept ?? origins.Next(ref tried);
    }

    private async ValueTask<OriginOutcome> AskAsync(RequestContext r, Origin origin)
    {
        if (overload.Admit(r, origin) is not EdgeError.None and var why)
            return new(why, StatusCodes.Status503ServiceUnavailable);
        OriginOutcome outcome = new(EdgeError.EdgeFault);
        try
        {
            outcome = await transport.SendAsync(r);
        }
        finally
        {
            origin.Load.End(r, outcome.Error);
        }
        Note(r, origin, outcome);
        return outcome;
    }

    // State changes are logged, not requests: a dead origin under load would fill the log.
    private void Note(RequestContext r, Origin origin, OriginOutcome outcome)
    {
        if (outcome.IsConnectFailure)
        {
            if (origin.Failed())
                TellDown(origin, outcome.Error);
        }
        else if (IsStumble(r, outcome))
        {
            if (origin.Stumbled(r.Site.Settings.Health.FailuresMax))
                log.OriginFailing(origin.Url, r.Site.Settings.Health.FailuresMax);
        }
        else if (outcome.Error is EdgeError.None && origin.Succeeded())
        {
            log.OriginUp(origin.Url);
        }
    }

    private void TellDown(Origin origin, EdgeError error)
    {
        if (error == EdgeError.OriginPrivate)
            log.OriginPrivate(origin.Url);
        else
            log.OriginDown(origin.Url, error.Word());
    }

    private static bool IsStumble(RequestContext r, OriginOutcome outcome) => outcome.Error switch
    {
        EdgeError.OriginTimeout => r.Site.Settings.Health.CountsTimeouts,
        EdgeError.None => r.Site.Settings.Health.CountsGatewayErrors && r.Http.Response.StatusCode is >= 502 and <= 504,
        _ => false,
    };

    private (EdgeError Error, int Status) RuleAgainst(RequestContext r)
    {
        var request = r.Http.Request;
        // CONNECT asks for a tunnel and TRACE echoes credentials; WebSockets over HTTP/2 are CONNECT too, and welcome (RFC 8441).
        bool isTunnel = HttpMethods.IsConnect(request.Method) && r.Http.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect != true;
        if (isTunnel || HttpMethods.IsTrace(request.Method))
            return (EdgeError.MethodRefused, StatusCodes.Status405MethodNotAllowed);
        if (!r.IsTargetValid || IsFramedOddly(request))
            return (EdgeError.BadRequest, StatusCodes.Status400BadRequest);
        if (loop.IsIn(request.Headers[LoopMark.Header]))
            return (EdgeError.Loop, StatusCodes.Status508LoopDetected);
        return ExceedsBodyLimit(r) ? (EdgeError.BodyTooLarge, StatusCodes.Status413PayloadTooLarge) : (EdgeError.None, 0);
    }

    // Content-Length beside Transfer-Encoding is how requests are smuggled (RFC 9112 section 6.1). Kestrel believes the latter and keeps the
    // former under this name; of several codings it looks at the last alone, and takes them from HTTP/1.0. Refusing is safer than repairing.
    private static bool IsFramedOddly(HttpRequest request)
    {
        var headers = request.Headers;
        var coding = headers.TransferEncoding;
        return coding.Count > 0 && (headers.ContentLength is not null || headers.ContainsKey("X-Content-Length")
            || !string.Equals(coding.ToString(), "chunked", StringComparison.OrdinalIgnoreCase) || !HttpProtocol.IsHttp11(request.Protocol));
    }

    private bool ExceedsBodyLimit(RequestContext r)
    {
        long? max = r.Site.Settings.BodyBytesMax ?? options.Limits.BodyBytesMax;
        if (max is null)
            return false;
        if (r.Http.Request.ContentLength > max)
            return true;
        // A body of unknown length is cut off by the server when it grows past this.
        if (r.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = max;
        return false;
    }

    private static bool IsRepeatable(RequestContext r) =>
        !r.Http.Response.HasStarted && !r.Http.RequestAborted.IsCancellationRequested
        && r.Http.Request.Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE"
        && !r.CanHaveBody;

    // "OPTIONS *" asks about the server as a whole (RFC 9110 section 9.3.7), and the server asked is this one.
    private static Task AnswerServerOptions(RequestContext r)
    {
        r.Http.Response.StatusCode = StatusCodes.Status204NoContent;
        r.Http.Response.Headers.Allow = ForwardedMethods;
        return Task.CompletedTask;
    }
}
