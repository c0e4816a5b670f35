using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Control;

namespace Weir.Analytics.Api.Access;

/// <summary>Dashboard sign-ins: a random cookie that stands for a key, for reading only. Safe from any thread.</summary>
/// <remarks>
/// Kept in memory, so a restart signs everybody out. The table holds the cookie's hash; the key is checked anew at each request, so
/// that revoking it ends its sessions.
/// </remarks>
internal sealed class Sessions(IApiKeys keys, AnalyticsOptions options, TimeProvider time)
{
    public const string CookieName = "weir_session";

    // Far above the people who watch one installation; at 300 bytes each it stays below 3 MB.
    private const int MaxSessions = 10_000;

    private readonly ConcurrentDictionary<string, Session> _byHash = new(StringComparer.Ordinal);

    /// <summary>Starts a session for a key that was found valid, and sets its cookie.</summary>
    public DateTimeOffset Start(HttpContext http, string key)
    {
        Prune();
        End(http);
        string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var until = time.GetUtcNow() + options.SessionLife;
        _byHash[Hash(secret)] = new Session(key, until);
        http.Response.Cookies.Append(CookieName, secret, Cookie(http, options.SessionLife));
        return until;
    }

    /// <summary>Ends the request's session, if it has one.</summary>
    public void End(HttpContext http)
    {
        if (http.Request.Cookies[CookieName] is not { } secret)
            return;
        _byHash.TryRemove(Hash(secret), out _);
        http.Response.Cookies.Delete(CookieName, Cookie(http, null));
    }

    /// <summary>The key behind the request's cookie; null without a session, or when its key opens nothing any more.</summary>
    public async ValueTask<ApiKey?> FindKeyAsync(HttpContext http)
    {
        if (http.Request.Cookies[CookieName] is not { Length: 64 } secret)
            return null;
        string hash = Hash(secret);
        if (!_byHash.TryGetValue(hash, out var session))
            return null;
        if (time.GetUtcNow() < session.Until && await keys.FindAsync(session.Key, http.RequestAborted) is { } key)
            return key;
        _byHash.TryRemove(hash, out _);
        return null;
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

    private static CookieOptions Cookie(HttpContext http, TimeSpan? life) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        Path = "/",
        MaxAge = life,
        IsEssential = true,
    };

    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));

    private sealed record Session(string Key, DateTimeOffset Until);
}
