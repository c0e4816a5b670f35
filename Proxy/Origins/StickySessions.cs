using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Weir.Detection;

namespace Weir.Proxy.Origins;

/// <summary>Keeps a site's visitors at the origin that answered them first, by a cookie that tells nobody which it is. Immutable.</summary>
internal sealed class StickySessions
{
    /// <summary>Name of the cookie.</summary>
    public const string CookieName = "weir-origin";

    private const string Attributes = "; Path=/; HttpOnly; SameSite=Lax";

    // 96 bits, as base64url.
    private const int TokenBytes = 12;

    private readonly string[] _tokens;
    private readonly string[] _cookies;
    private readonly string[] _secureCookies;

    /// <param name="secret">The edge's own; with another one, every session begins anew.</param>
    /// <param name="site">The site: the same origin has another token there.</param>
    /// <param name="origins">Scheme and authority of each origin.</param>
    public StickySessions(ReadOnlySpan<byte> secret, SiteId site, IReadOnlyList<string> origins)
    {
        _tokens = new string[origins.Count];
        for (int i = 0; i < _tokens.Length; i++)
        {
            // Keyed, because private addresses are few enough to try them all against a plain hash.
            byte[] mac = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"sticky\n{site}\n{origins[i]}"));
            _tokens[i] = System.Buffers.Text.Base64Url.EncodeToString(mac.AsSpan(0, TokenBytes));
        }
        _cookies = [.. _tokens.Select(t => $"{CookieName}={t}{Attributes}")];
        _secureCookies = [.. _cookies.Select(c => c + "; Secure")];
    }

    /// <summary>The place of the origin that a token stands for; −1 for none.</summary>
    public int IndexOf(ReadOnlySpan<char> token)
    {
        for (int i = 0; i < _tokens.Length; i++)
        {
            if (token.SequenceEqual(_tokens[i]))
                return i;
        }
        return -1;
    }

    /// <summary>The Set-Cookie value that keeps a visitor at an origin.</summary>
    public string CookieOf(int origin, bool isSecure) => (isSecure ? _secureCookies : _cookies)[origin];

    /// <summary>The token among the cookies of a request; empty when there is none. Allocates nothing.</summary>
    /// <param name="cookies">Cookie headers as sent; hostile.</param>
    public static ReadOnlySpan<char> TokenIn(in StringValues cookies)
    {
        for (int i = 0; i < cookies.Count; i++)
        {
            var left = cookies[i].AsSpan();
            while (!left.IsEmpty)
            {
                int end = left.IndexOf(';');
                var pair = (end < 0 ? left : left[..end]).Trim(' ');
                left = end < 0 ? default : left[(end + 1)..];
                if (pair.StartsWith(CookieName, StringComparison.Ordinal) && pair.Length > CookieName.Length && pair[CookieName.Length] == '=')
                    return pair[(CookieName.Length + 1)..];
            }
        }
        return default;
    }
}
