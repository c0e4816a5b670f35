using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Control;

namespace Weir.Analytics.Api.Access;

/// <summary>Dashboard sign-ins: a random cookie that stands for a key or a member. Safe from any thread.</summary>
/// <remarks>
/// Kept in memory, so a restart signs everybody out. The table holds the cookie's hash; key or member is looked up anew at each request, so
/// that revoking the key, removing the member or changing the role counts from the next one on.
/// </remarks>
internal sealed class Sessions(IApiKeys keys, IOrganisations organisations, AnalyticsOptions options, TimeProvider time)
{
    public const string CookieName = "weir_session";

    // Far above the people who watch one installation; at 300 bytes each it stays below 3 MB.
    private const int MaxSessions = 10_000;

    private readonly ConcurrentDictionary<string, Session> _byHash = new(StringComparer.Ordinal);

    /// <summary>Starts a session for a key that was found valid, and sets its cookie.</summary>
    public DateTimeOffset Start(HttpContext http, string key) => Start(http, new Session(key, null, time.GetUtcNow() + options.SessionLife));

    /// <summary>Starts a session for a member who has just shown who they are, and sets its cookie.</summary>
    public DateTimeOffset Start(HttpContext http, Member member) => Start(http, new Session(null, member.Id, time.GetUtcNow() + options.SessionLife));

    // A new cookie each time: one that somebody else put into the browser before is worth nothing.
    private DateTimeOffset Start(HttpContext http, Session session)
    {
        Prune();
        End(http);
        string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _byHash[Hash(secret)] = session;
        http.Response.Cookies.Append(CookieName, secret, Cookie(http, options.SessionLife));
        return session.Until;
    }

    /// <summary>Ends the request's session, if it has one.</summary>
    public void End(HttpContext http)
    {
        if (http.Request.Cookies[CookieName] is not { } secret)
            return;
        _byHash.TryRemove(Hash(secret), out _);
        http.Response.Cookies.Delete(CookieName, Cookie(http, null));
    }

    /// <summary>Who is behind the request's cookie; null without a session, or when its key or member is no more.</summary>
    public async ValueTask<Caller?> FindCallerAsync(HttpContext http)
    {
        if (http.Request.Cookies[CookieName] is not { Length: 64 } secret)
            return null;
        string hash = Hash(secret);
        if (!_byHash.TryGetValue(hash, out var session))
            return null;
        if (time.GetUtcNow() < session.Until && await FindCallerAsync(session, http.RequestAborted) is { } caller)
            return caller;
        _byHash.TryRemove(hash, out _);
        return null;
    }

    private async ValueTask<Caller?> FindCallerAsync(Session session, CancellationToken stop)
    {
        if (session.Key is { } text)
            return await keys.FindAsync(text, stop) is { } key ? Caller.Of(key) : null;
        return await organisations.FindMemberAsync(session.Member!, stop) is { } member ? Caller.Of(member) : null;
    }

    private void Prune()
    {
        var now = time.GetUtcNow();
        foreach (var (hash, session) in _byHash)
        {
            if (session.Until <= now)
                _byHash.TryRemove(hash, out _);
        }
        while (_byHash.Count >= MaxSessions && _byHash.MinBy(s => s.Value.Until) is { Key: { } oldest })
            _byHash.TryRemove(oldest, out _);
    }

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

    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));

    private sealed record Session(string? Key, string? Member, DateTimeOffset Until);
}
