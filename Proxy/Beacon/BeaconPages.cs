using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Detection;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Beacon;

/// <summary>The beacon's script and what it calls. Keeps nothing of its own: a flood of reports costs what it costs at any other path, and
/// leaves its marks in the clients' windows alone. Safe from any thread.</summary>
internal sealed class BeaconPages(BeaconTokens tokens, SecureTransport transport, OwnPageMetrics metrics)
{
    private const string CookieName = "weir_b";
    private const int BodyBytesMax = 1024;

    // The script may be five minutes old when a page runs it; a report that is copied is worth nothing soon after.
    private const int ScriptSeconds = 300;
    private const int ProofMinutes = 10;
    private const int CookieMinutes = 12 * 60;

    /// <summary>What a request for one of the beacon's paths says of its client, before it is classified.</summary>
    public PathMark Judge(RequestContext r)
    {
        if (r.OwnPage == OwnPage.BeaconScript)
            return HoldsCookie(r) ? PathMark.Beacon : PathMark.None;
        r.Beacon = OutcomeOf(r);
        metrics.BeaconReported(r.Beacon);
        return r.Beacon == BeaconOutcome.Ran ? PathMark.Beacon : PathMark.None;
    }

    /// <summary>Answers it.</summary>
    public Task AnswerAsync(RequestContext r) => r.OwnPage == OwnPage.BeaconScript ? AnswerScriptAsync(r) : AnswerReportAsync(r);

    private Task AnswerScriptAsync(RequestContext r)
    {
        bool isTold = HoldsCookie(r);
        var headers = r.Http.Response.Headers;
        headers.ContentType = "text/javascript; charset=utf-8";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = isTold ? "no-store" : $"private, max-age={ScriptSeconds}";
        headers.Vary = "User-Agent";
        return OwnPages.WriteAsync(r, isTold ? BeaconScript.Nothing : BeaconScript.For(tokens.Issue(HolderOf(r), r.TimeMs)));
    }

    // The answer is the same whatever came of it: nobody learns here how to make a token.
    private Task AnswerReportAsync(RequestContext r)
    {
        var response = r.Http.Response;
        if (r.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = BodyBytesMax;
        response.StatusCode = r.Http.Request.ContentLength > BodyBytesMax ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status204NoContent;
        response.Headers.CacheControl = "no-store";
        if (r.Beacon == BeaconOutcome.Ran && r.Site.Settings.Beacon.UsesCookies)
        {
            string secure = transport.SchemeOf(r) == Uri.UriSchemeHttps ? "; Secure" : "";
            response.Headers.SetCookie = $"{CookieName}={tokens.Issue(HolderOf(r) with { Client = 0 }, r.TimeMs)}; Path=/; HttpOnly; SameSite=Lax{secure}";
        }
        return Task.CompletedTask;
    }

    private BeaconOutcome OutcomeOf(RequestContext r)
    {
        var request = r.Http.Request;
        // A browser says where a call comes from; other sites' pages have nothing to report here.
        bool isOurs = request.Headers["Sec-Fetch-Site"] is { Count: 0 } or ["same-origin"];
        if (!HttpMethods.IsPost(request.Method) || !isOurs || request.ContentLength > BodyBytesMax || !TryRead(r.Query, out var token, out var flags)
            || !tokens.IsValid(token, HolderOf(r), r.TimeMs, ProofMinutes))
            return BeaconOutcome.Refused;
        return flags.Contains('w') ? BeaconOutcome.Driven : flags.Contains('s') ? BeaconOutcome.Ran : BeaconOutcome.NoScreen;
    }

    // "t=TOKEN&f=FLAGS", as the script writes it and no other way.
    private static bool TryRead(ReadOnlySpan<char> query, out ReadOnlySpan<char> token, out ReadOnlySpan<char> flags)
    {
        token = flags = default;
        int between = query.IndexOf('&');
        if (between < 0 || !query.StartsWith("t=", StringComparison.Ordinal) || !query[between..].StartsWith("&f=", StringComparison.Ordinal))
            return false;
        token = query[2..between];
        flags = query[(between + 3)..];
        return flags.Length <= 3 && !flags.ContainsAnyExcept("wvs");
    }

    private bool HoldsCookie(RequestContext r) => r.Site.Settings.Beacon.UsesCookies && r.Http.Request.Cookies[CookieName] is { } cookie
        && tokens.IsValid(cookie, HolderOf(r) with { Client = 0 }, r.TimeMs, CookieMinutes);

    private static BeaconHolder HolderOf(RequestContext r) =>
        new(r.Site.Settings.Id, r.ClientAddress.ClientKey, r.Http.Request.Headers.UserAgent.ToString());
}
