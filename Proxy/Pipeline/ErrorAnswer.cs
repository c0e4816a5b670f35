using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Weir.Proxy.Pipeline;

/// <summary>The edge's own answer when it has none from an origin: a small page, or plain text, with the request id.</summary>
internal static class ErrorAnswer
{
    /// <summary>Header that carries the request id; set on the edge's own answers only.</summary>
    public const string RequestIdHeader = "X-Weir-Request-Id";

    /// <summary>Answers, unless the client is gone or an answer has begun.</summary>
    /// <param name="r">The request.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="sentence">What happened.</param>
    /// <param name="mend">What the visitor can do; empty when that is said already.</param>
    /// <param name="contact">An address to turn to; null for none.</param>
    public static async Task WriteAsync(RequestContext r, int status, string sentence, string mend = "", string? contact = null)
    {
        var http = r.Http;
        if (http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
            return;
        string title = ReasonPhrases.GetReasonPhrase(status);
        var (type, text) = FormFor(http.Request.Headers.Accept.ToString()) switch
        {
            Form.Html => ("text/html; charset=utf-8", Html(status, title, sentence, mend, contact, r.RequestId)),
            Form.Json => ("application/problem+json", Json(status, title, sentence, contact, r.RequestId)),
            _ => ("text/plain; charset=utf-8", Plain(status, title, sentence, mend, contact, r.RequestId)),
        };
        byte[] body = Encoding.UTF8.GetBytes(text);
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        response.Headers[RequestIdHeader] = r.RequestId;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            if (!HttpMethods.IsHead(http.Request.Method))
                await response.Body.WriteAsync(body, http.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client left while being told of the error; the hit already says which.
        }
    }

    private enum Form
    {
        Plain,
        Html,
        Json,
    }

    // Browsers name HTML first and never JSON; programs that want JSON say so.
    private static Form FormFor(string accept)
    {
        if (accept.Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return Form.Html;
        return accept.Contains("application/json", StringComparison.OrdinalIgnoreCase)
            || accept.Contains("application/problem+json", StringComparison.OrdinalIgnoreCase) ? Form.Json : Form.Plain;
    }

    private static string Plain(int status, string title, string sentence, string mend, string? contact, string requestId) =>
        $"{status} {title}\n{sentence}\n{(mend.Length > 0 ? mend + "\n" : "")}{(contact is null ? "" : $"Contact: {contact}\n")}Request id: {requestId}\n";

    // RFC 9457.
    private static string Json(int status, string title, string sentence, string? contact, string requestId)
    {
        var problem = new JsonObject { ["title"] = title, ["status"] = status, ["detail"] = sentence, ["requestId"] = requestId };
        if (contact is not null)
            problem["contact"] = contact;
        return problem.ToJsonString() + "\n";
    }

    private static string Html(int status, string title, string sentence, string mend, string? contact, string requestId)
    {
        var more = new StringBuilder();
        if (mend.Length > 0)
            more.Append("<p>").Append(HtmlEncoder.Default.Encode(mend)).Append("</p>");
        if (contact is not null)
            more.Append($"<p><a href=\"{HtmlEncoder.Default.Encode(contact)}\">Contact the website's owner</a></p>");
        return Page(status, HtmlEncoder.Default.Encode(title), HtmlEncoder.Default.Encode(sentence), more.ToString(), requestId);
    }

    private static string Page(int status, string title, string sentence, string more, string requestId) => $$$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{{status}}} {{{title}}}</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;color:#1c2733;background:#fff}
        h1{font-size:1.5rem}small{color:#5b6875}@media(prefers-color-scheme:dark){body{color:#dfe6ee;background:#12181f}small{color:#93a1b0}}</style>
        </head><body><h1>{{{status}}} {{{title}}}</h1><p>{{{sentence}}}</p>{{{more}}}<p><small>Request id: {{{requestId}}}</small></p></body></html>

        """;
}

/// <summary>The answer for a host that no site has.</summary>
internal static class UnknownHost
{
    /// <summary>Refuses with 421 (RFC 9110 section 15.5.20) and counts.</summary>
    public static Task AnswerAsync(RequestContext r, EdgeMetrics metrics)
    {
        metrics.UnknownHost();
        return ErrorAnswer.WriteAsync(r, StatusCodes.Status421MisdirectedRequest, "No website of this name is served here.");
    }
}

/// <summary>The answer when the edge itself failed.</summary>
internal static class EdgeFault
{
    /// <summary>Logs the defect under the request id and answers 500, or cuts the connection when an answer had begun.</summary>
    public static Task AnswerAsync(RequestContext r, Exception fault, ILogger log)
    {
        r.Error = EdgeError.EdgeFault;
        log.RequestFailed(r.RequestId, fault);
        if (!r.Http.Response.HasStarted)
        {
            r.Http.Response.Clear();
            return ErrorAnswer.WriteAsync(r, StatusCodes.Status500InternalServerError, EdgeError.EdgeFault.Sentence());
        }
        r.Http.Abort();
        return Task.CompletedTask;
    }
}
