using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Weir.Control;

namespace Weir.Analytics.Api.Access;

/// <summary>Dashboard sign-ins: a random cookie that stands for a key or a member. Safe from any thread.</summary>
/// <remarks>
/// The control store has the cookie's hash, so that every program over it knows the session and a restart ends none; key or member is looked up anew
/// at each request, so that revoking the key, removing the member or changing the role counts from the next one on.
/// </remarks>
internal sealed class Sessions(ISessions sessions, IApiKeys keys, IOrganisations organisations, AnalyticsOptions options, TimeProvider time)
{
    public const string CookieName = "weir_session";

    private const int SecretBytes = 32;

    /// <summary>Starts a session for a key that was found valid or a member who has just shown who they are, and sets its cookie; returns its end.</summary>
    /// <remarks>A new cookie each time: one that somebody else put into the browser before is worth nothing.</remarks>
    public async Task<DateTimeOffset> StartAsync(HttpContext http, SessionOwner owner)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        var until = time.GetUtcNow() + options.SessionLife;
        await sessions.BeginAsync(token, owner, until, TokenOf(http), http.RequestAborted);
        http.Response.Cookies.Append(CookieName, token, Cookie(http, options.SessionLife));
        return until;
    }

    /// <summary>Ends the request's session, if it has one.</summary>
    public async Task EndAsync(HttpContext http)
    {
        if (TokenOf(http) is { } token)
            await sessions.EndAsync(token, http.RequestAborted);
        http.Response.Cookies.Delete(CookieName, Cookie(http, null));
    }

    /// <summary>Ends every session of whose session the request's is; returns how many there were.</summary>
    public async Task<int> EndAllAsync(HttpContext http)
    {
        int ended = TokenOf(http) is { } token && await sessions.FindAsync(token, http.RequestAborted) is { } owner
            ? await sessions.EndAllAsync(owner, http.RequestAborted) : 0;
        http.Response.Cookies.Delete(CookieName, Cookie(http, null));
        return ended;
    }

    /// <summary>Who is behind the request's cookie; null without a session, or when its key or member is no more.</summary>
    public async ValueTask<Caller?> FindCallerAsync(HttpContext http)
    {
        if (TokenOf(http) is not { } token || await sessions.FindAsync(token, http.RequestAborted) is not { } owner)
            return null;
        if (owner.Kind == ActorKind.Key)
            return await keys.FindByIdAsync(owner.Id, http.RequestAborted) is { } key ? Caller.Of(key) : null;
        return await organisations.FindMemberAsync(owner.Id, http.RequestAborted) is { } member ? Caller.Of(member) : null;
    }

    private static string? TokenOf(HttpContext http) => http.Request.Cookies[CookieName] is { Length: SecretBytes * 2 } token ? token : null;

    private CookieOptions Cookie(HttpContext http, TimeSpan? life) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        // Behind a proxy that ends TLS the request itself does not know.
        Secure = http.Request.IsHttps || options.Oidc?.PublicUrl?.Scheme == Uri.UriSchemeHttps,
        Path = "/",
        MaxAge = life,
        IsEssential = true,
    };
}
