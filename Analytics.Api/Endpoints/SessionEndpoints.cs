using System.Globalization;
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

/// <summary>Sign-in and sign-out of the dashboard.</summary>
internal static class SessionEndpoints
{
    public static IEndpointRouteBuilder MapSession(this IEndpointRouteBuilder app)
    {
        app.MapPost("/session", StartAsync).WithName("SignIn").WithTags("Session").ProducesProblem(401).ProducesProblem(403).ProducesProblem(429)
            .WithSummary("Sign the dashboard in with a key: sets a cookie that reads, and changes what the dashboard changes");
        app.MapDelete("/session", End).WithName("SignOut").WithTags("Session").WithSummary("Sign the dashboard out");
        return app;
    }

    private static async Task<Results<Ok<SignedIn>, ProblemHttpResult>> StartAsync(
        HttpContext http, SignIn wish, IApiKeys keys, Sessions sessions, SignInThrottle throttle, ILogger<Sessions> log, CancellationToken stop)
    {
        http.Response.Headers.CacheControl = "no-store";
        var address = http.Connection.RemoteIpAddress;
        if (throttle.WaitOf(address) is var wait && wait > TimeSpan.Zero)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Problems.TooMany("Ten wrong keys came from this address.", "Wait five minutes, then paste the key again.");
        }
        if (await keys.FindAsync(wish.Key?.Trim() ?? "", stop) is not { } key)
        {
            if (throttle.Failed(address))
                log.SignInThrottled();
            return Problems.KeyNeeded();
        }
        if (!key.Allows(Scopes.AnalyticsRead))
            return Problems.ScopeMissing(Scopes.AnalyticsRead);
        return TypedResults.Ok(new SignedIn(key.Name, key.Tenant, sessions.Start(http, wish.Key!.Trim())));
    }

    private static NoContent End(HttpContext http, Sessions sessions)
    {
        sessions.End(http);
        return TypedResults.NoContent();
    }
}
