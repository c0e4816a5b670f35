using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Weir.Detection;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Every refusal of the API as an RFC 9457 problem: what happened (<c>detail</c>) and what to do (<c>next</c>).</summary>
public static class Problems
{
    /// <summary>No key, or one that opens nothing.</summary>
    public static ProblemHttpResult KeyNeeded() => Make(401, "key-needed", "A key is needed",
        "The request has no API key, or one that is unknown, expired or revoked.",
        "Send 'Authorization: Bearer KEY'. The first start prints a key and keeps it in admin.key in the data folder; 'weir keys create' makes more.");

    /// <summary>The key lacks a scope.</summary>
    public static ProblemHttpResult ScopeMissing(string scope) => Make(403, "scope-missing", "The key does not allow this",
        $"This needs the scope '{scope}', which the key does not have.",
        $"Make a key with it: weir keys create --scope {scope}.");

    /// <summary>A share link that shows nothing.</summary>
    public static ProblemHttpResult ShareUnknown() => Make(404, "share-unknown", "This link shows nothing",
        "The link was revoked, has ended, or never was.", "Ask whoever sent it for another one.");

    /// <summary>A share link was used for more than it shows.</summary>
    public static ProblemHttpResult NotShared() => Make(403, "not-shared", "The link does not show this",
        "A share link shows figures of one site, and nothing else.", "Sign in to see more.");

    /// <summary>A key for some sites asked for something of the whole organisation.</summary>
    public static ProblemHttpResult OnlySomeSites() => Make(403, "only-some-sites", "The key is for some sites only",
        "This is about the whole organisation, and the key opens only some of its sites.",
        "Use a key without a list of sites.");

    /// <summary>Somebody asked for something of all organisations together.</summary>
    public static ProblemHttpResult InstallationOnly() => Make(403, "installation-only", "This is for whoever runs the installation",
        "It concerns every organisation, so it needs an admin key of the installation's own tenant.",
        "Use the key in admin.key in the data folder, or one made by 'weir keys create --scope admin' without --tenant.");

    /// <summary>A dashboard session tried to change something.</summary>
    public static ProblemHttpResult SessionOnlyReads() => Make(403, "session-only-reads", "A dashboard session only reads",
        "Requests that change something need a key of their own, so that no other page can make them for a signed-in person.",
        "Send 'Authorization: Bearer KEY'.");

    /// <summary>A site that does not exist or is not the key's.</summary>
    public static ProblemHttpResult SiteUnknown(string site) => Make(404, "site-unknown", "No such site",
        $"This key knows no site '{Bounded(site)}'.",
        $"List the sites with GET /v1/sites. A site id is {SiteId.Rule}.");

    /// <summary>A path that is nothing.</summary>
    public static ProblemHttpResult NotFound() => Make(404, "not-found", "Nothing is here",
        "No page or endpoint has this path.", "See /docs for every endpoint; the dashboard is at /.");

    /// <summary>Parameters that cannot be used, by name.</summary>
    public static ProblemHttpResult Invalid(IDictionary<string, string[]> errors) => TypedResults.Problem(new HttpValidationProblemDetails(errors)
    {
        Type = "urn:weir:problem:invalid",
        Title = "Some parameters cannot be used",
        Status = 400,
        Detail = string.Join(' ', errors.SelectMany(e => e.Value)),
        Extensions = { ["next"] = "Mend the parameters named in 'errors' and ask again; /docs describes each." },
    });

    /// <summary>A site's definition that the edge could not serve: every error with its place.</summary>
    public static ProblemHttpResult Definition(IReadOnlyList<string> errors) => TypedResults.Problem(new ProblemDetails
    {
        Type = "urn:weir:problem:definition",
        Title = "The definition cannot be used",
        Status = 422,
        Detail = $"{errors.Count} error{(errors.Count == 1 ? "" : "s")}: {Bounded(errors[0])}",
        Extensions = { ["errors"] = errors, ["next"] = "Mend every error of 'errors' and send it again; docs/settings.md describes each setting of a site." },
    });

    /// <summary>The request itself cannot be read (its body, its length, its encoding).</summary>
    public static ProblemHttpResult BadRequest(int status, string why) => Make(status, "bad-request", "The request cannot be read",
        Bounded(why), "Compare the request with /docs and send it again.");

    /// <summary>A report that costs more than one may.</summary>
    public static ProblemHttpResult TooCostly() => Make(422, "too-costly", "The report would cost too much",
        "ClickHouse stopped it at its limit of time, memory or rows.",
        "Ask for a shorter range, a longer interval, or a filter.");

    /// <summary>A report that is known to cost more than one may, before it is asked.</summary>
    /// <param name="why">What makes it dear, with the bound.</param>
    /// <param name="next">What to ask instead.</param>
    public static ProblemHttpResult TooCostly(string why, string next) => Make(422, "too-costly", "The report would cost too much", why, next);

    /// <summary>The store does not answer.</summary>
    public static ProblemHttpResult StoreUnavailable() => Make(503, "store-unavailable", "The store does not answer",
        "ClickHouse is starting, busy or down. The edge goes on serving, and hits wait on its disk.",
        "Try again in some seconds; /health/ready says when it is back.");

    /// <summary>The control store does not answer.</summary>
    public static ProblemHttpResult ControlUnavailable() => Make(503, "control-unavailable", "The control store does not answer",
        "It is starting, busy or down, so that keys and sites cannot be read. Edges go on serving the sites that they have.",
        "Try again in some seconds; /health/ready says when it is back.");

    /// <summary>Too many of something at a time.</summary>
    public static ProblemHttpResult TooMany(string what, string next) => Make(429, "too-many", "Too many at a time", what, next);

    /// <summary>Too many wrong keys came from the request's address; says how long to wait.</summary>
    internal static ProblemHttpResult WaitAfterWrongKeys(HttpContext http, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return TooMany("Too many wrong keys came from this address.", "Wait for the seconds in Retry-After, then send a key that is good.");
    }

    /// <summary>A fault of ours.</summary>
    public static ProblemHttpResult Fault(string requestId) => Make(500, "fault", "Weir made a mistake",
        $"The request failed, and the log has its details under request id {requestId}.",
        "Try again; if it fails again, report it with the request id.");

    /// <summary>Any other problem, in the same form.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="type">Short fixed name; becomes <c>urn:weir:problem:…</c>.</param>
    /// <param name="title">What kind of problem, the same each time.</param>
    /// <param name="detail">What happened this time.</param>
    /// <param name="next">What to do.</param>
    public static ProblemHttpResult Make(int status, string type, string title, string detail, string next) =>
        TypedResults.Problem(new ProblemDetails
        {
            Type = $"urn:weir:problem:{type}",
            Title = title,
            Status = status,
            Detail = detail,
            Extensions = { ["next"] = next },
        });

    private static string Bounded(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "…");
}
