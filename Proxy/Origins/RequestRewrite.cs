using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weir.Control;

namespace Weir.Proxy.Origins;

/// <summary>Gives an origin another path than the client asked, and the client the client's paths back. Immutable.</summary>
/// <remarks>Paths are compared as they were sent: <c>/%73hop</c> is not <c>/shop</c>, and passes as it is.</remarks>
internal sealed class RequestRewrite(SiteRewrite settings)
{
    /// <summary>The Host header that the origin gets; null for what it would get otherwise.</summary>
    public string? Host { get; } = settings.Host;

    /// <summary>What a site's settings ask for; null when nothing.</summary>
    public static RequestRewrite? Of(SiteRewrite? settings) => settings is null ? null : new(settings);

    /// <summary>Whether a path is one of those that are changed.</summary>
    public bool IsMeant(ReadOnlySpan<char> path) => StartsWith(path, settings.StripPrefix);

    /// <summary>The target that the origin gets.</summary>
    public string TargetOf(string pathAndQuery, int pathLength)
    {
        if (!IsMeant(pathAndQuery.AsSpan(0, pathLength)))
            return pathAndQuery;
        var rest = pathAndQuery.AsSpan(settings.StripPrefix.Length);
        return rest is ['/', ..] ? string.Concat(settings.AddPrefix, rest) : string.Concat(settings.AddPrefix, "/", rest);
    }

    /// <summary>The path, with whatever follows it, that a client must ask for what the origin calls so; null when the client has none.</summary>
    public string? PathBack(ReadOnlySpan<char> path)
    {
        if (path is not ['/', ..] || !StartsWith(path, settings.AddPrefix))
            return null;
        var rest = path[settings.AddPrefix.Length..];
        return rest is ['/', ..] ? string.Concat(settings.StripPrefix, rest) : string.Concat(settings.StripPrefix, "/", rest);
    }

    /// <summary>Changes where an answer leads and which paths its cookies are for.</summary>
    /// <param name="headers">The answer's headers.</param>
    /// <param name="sentHost">The Host header that the origin got.</param>
    /// <param name="origin">The origin's own authority.</param>
    /// <param name="client">Scheme and authority that the client asked, such as <c>https://www.example.com</c>.</param>
    public void Return(IHeaderDictionary headers, string sentHost, string origin, string client)
    {
        if (headers.Location.ToString() is { Length: > 0 } location && LocationBack(location, sentHost, origin, client) is { } mended)
            headers.Location = mended;
        if (headers.SetCookie is { Count: > 0 } cookies)
            headers.SetCookie = new StringValues([.. cookies.Select(c => CookieBack(c ?? "", sentHost, origin))]);
    }

    // Only what leads to the origin itself; a path without a slash is relative to the client's own.
    private string? LocationBack(string location, string sentHost, string origin, string client)
    {
        if (location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal))
            return PathBack(location);
        int authority = location.IndexOf("//", StringComparison.Ordinal);
        if (authority < 0 || location.AsSpan(0, authority) is not ("" or "http:" or "https:"))
            return null;
        var rest = location.AsSpan(authority + 2);
        int end = rest.IndexOfAny('/', '?', '#');
        var host = end < 0 ? rest : rest[..end];
        var path = rest[host.Length..];
        if (!host.Equals(sentHost, StringComparison.OrdinalIgnoreCase) && !host.Equals(origin, StringComparison.OrdinalIgnoreCase))
            return null;
        string back = PathBack(path is ['/', ..] ? path : string.Concat("/", path)) ?? path.ToString();
        return client + back;
    }

    private string CookieBack(string cookie, string sentHost, string origin)
    {
        string[] parts = cookie.Split(';');
        bool isChanged = false;
        for (int i = 1; i < parts.Length; i++)
        {
            var (name, value) = parts[i].Split('=', 2) is [var n, var v] ? (n.Trim(), v.Trim()) : (parts[i].Trim(), "");
            string? mended = null;
            if (name.Equals("Path", StringComparison.OrdinalIgnoreCase) && PathBack(value) is { } path)
                mended = $" Path={(path.Length > 1 ? path.TrimEnd('/') : path)}";
            else if (name.Equals("Domain", StringComparison.OrdinalIgnoreCase) && (IsHost(value, sentHost) || IsHost(value, origin)))
                mended = "";
            isChanged |= mended is not null;
            parts[i] = mended ?? parts[i];
        }
        return isChanged ? string.Join(';', parts.Where((p, i) => i == 0 || p.Length > 0)) : cookie;
    }

    private static bool IsHost(string domain, string authority) =>
        domain.AsSpan().TrimStart('.').Equals(Sites.HostName.Normalize(authority), StringComparison.OrdinalIgnoreCase);

    // A prefix of whole segments.
    private static bool StartsWith(ReadOnlySpan<char> path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || prefix.Length == 0 || path[prefix.Length] is '/' or '?' or '#');
}
