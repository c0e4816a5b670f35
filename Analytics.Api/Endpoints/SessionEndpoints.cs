using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Control;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>A sign-in wish.</summary>
/// <param name="Key">An API key with scope <c>analytics:read</c>.</param>
public sealed record SignIn(string? Key);

/// <summary>A sign-in that worked.</summary>
/// <param name="Name">What people call the key; may be empty.</param>
/// <param name="Tenant">Whose data it opens.</param>
/// <param name="Until">When the session ends.</param>
public sealed record SignedIn(string Name, string Tenant, DateTimeOffset Until);

/// <summary>Whether this browser is signed in, and how it may be.</summary>
/// <param name="SignedIn">Whether it is.</param>
/// <param name="Tenant">The organisation; null when not signed in.</param>
/// <param name="You">Who is signed in; null when nobody is.</param>
/// <param name="Oidc">Whether members may sign in by OpenID Connect, at <c>/session/oidc</c>.</param>
internal sealed record SessionRow(bool SignedIn, string? Tenant, CallerRow? You, bool Oidc);

/// <summary>Sign-in and sign-out of the dashboard.</summary>
internal static class SessionEndpoints
{
    public static IEndpointRouteBuilder MapSession(this IEndpointRouteBuilder app)
    {
        app.MapGet("/session", FindAsync).WithName("GetSession").WithTags("Session").WithSummary("Whether this browser is signed in, as whom, and how it may be");
        app.MapPost("/session", StartAsync).WithName("SignIn").WithTags("Session").ProducesProblem(401).ProducesProblem(403).ProducesProblem(429)
            .WithSummary("Sign the dashboard in with a key: sets a cookie that reads, and changes what the dashboard changes");
        app.MapDelete("/session", EndAsync).WithName("SignOut").WithTags("Session").WithSummary("Sign the dashboard out, of this browser or of all").ProducesProblem(400);
        app.MapGet("/session/oidc", ChallengeAsync).WithName("SignInByOidc").WithTags("Session").Produces(302).ProducesProblem(400).ProducesProblem(404).ProducesProblem(503)
            .WithSummary("Sends the browser to the OpenID Connect provider, to sign in as a member");
        return app;
    }

    private static async Task<Ok<SessionRow>> FindAsync(HttpContext http, Sessions sessions, AnalyticsOptions options)
    {
        http.Response.Headers.CacheControl = "no-store";
        var caller = await sessions.FindCallerAsync(http);
        return TypedResults.Ok(new SessionRow(caller is not null, caller?.Tenant, caller is null ? null : CallerRow.Of(caller), options.Oidc is not null));
    }

    private static async Task<Results<Ok<SignedIn>, ProblemHttpResult>> StartAsync(
        HttpContext http, SignIn wish, IApiKeys keys, Sessions sessions, SignInThrottle throttle, IAuditLog audit, ILogger<Sessions> log, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        var address = http.Connection.RemoteIpAddress;
        if (throttle.WaitOf(address) is var wait && wait > TimeSpan.Zero)
            return Problems.WaitAfterWrongKeys(http, wait);
        string given = wish.Key?.Trim() ?? "";
        if (await keys.FindAsync(given, stop) is not { } key)
        {
            if (throttle.Failed(address))
                log.SignInThrottled();
            if (throttle.MayNote())
                await audit.NoteAsync(Tenant.Default, Actor.Nobody(http.PeerAddress()), new AuditNote(AuditActions.SignInRefused, ApiKey.IdOf(given) ?? "", "by key"), stop);
            return Problems.KeyNeeded();
        }
        if (!key.Allows(Scopes.AnalyticsRead))
            return Problems.ScopeMissing(Scopes.AnalyticsRead);
        await audit.NoteAsync(key.Tenant, Caller.Of(key).ActorAt(http), new AuditNote(AuditActions.SignIn, key.Id, "by key"), stop);
        return TypedResults.Ok(new SignedIn(key.Name, key.Tenant, await sessions.StartAsync(http, new SessionOwner(ActorKind.Key, key.Id))));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        HttpContext http,
        [Description("true ends every session of the same key or member, in every browser; false (without it) this one alone.")] string? everywhere,
        Sessions sessions, IAuditLog audit, CancellationToken stop)
    {
        var check = new QueryCheck();
        bool isEverywhere = check.OneOf("everywhere", everywhere, ["true", "false"]) == "true";
        if (check.Failed(out var problem))
            return problem;
        var caller = await sessions.FindCallerAsync(http);
        string detail = "";
        if (isEverywhere)
            detail = $"everywhere, {await sessions.EndAllAsync(http)} sessions";
        else
            await sessions.EndAsync(http);
        if (caller is not null)
            await audit.NoteAsync(caller.Tenant, caller.ActorAt(http), new AuditNote(AuditActions.SignOut, caller.Id, detail), stop);
        return TypedResults.NoContent();
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> ChallengeAsync(
        HttpContext http,
        [Description("The organisation to sign in to; the last one without it.")] string? organisation,
        [Description("A path of the dashboard to return to, such as /?site=shop; / without it.")] string? returnTo,
        AnalyticsOptions options, ILogger<Sessions> log)
    {
        http.Response.Headers.CacheControl = "no-store";
        var check = new QueryCheck();
        if (organisation is not null && !Tenant.IsValid(organisation))
            check.Error("organisation", $"'organisation' must be {Tenant.Rule}.");
        if (returnTo is not null && !RedirectHttpResult.IsLocalUrl(returnTo))
            check.Error("returnTo", "'returnTo' must be a path of this dashboard, beginning with one slash.");
        if (check.Failed(out var problem))
            return problem;
        if (options.Oidc is not { } provider)
            return Problems.Make(404, "oidc-off", "No provider is set up", "Nobody signs in by OpenID Connect here.", "Sign in with a key, or set oidc in weir.json (docs/access.md).");
        try
        {
            await OidcSignIn.ChallengeAsync(http, organisation, returnTo);
            return TypedResults.Empty;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or Microsoft.IdentityModel.Protocols.OpenIdConnect.OpenIdConnectProtocolException)
        {
            log.OidcUnavailable(provider.ToString(), e.Message);
            return Problems.Make(503, "oidc-unavailable", "The provider does not answer", "The OpenID Connect provider could not be asked how to sign in.",
                "Try again later, or sign in with a key. The log says why.");
        }
    }
}
