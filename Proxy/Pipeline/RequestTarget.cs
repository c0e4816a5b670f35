using System.Buffers;

namespace Weir.Proxy.Pipeline;

/// <summary>Takes a request target (RFC 9112 section 3.2) apart, exactly as it was sent.</summary>
/// <remarks>ASP.NET's own Path is decoded and has its dot segments removed; an origin must see the bytes that the client sent, and so
/// must the stored hit, or <c>%2F</c> and <c>..</c> would mean one thing here and another there.</remarks>
internal static class RequestTarget
{
    // '!' to '~'. A table, because the library's search by range boxes its bounds until it is recompiled.
    private static readonly SearchValues<char> Visible = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);

    /// <summary>The path and query of a target: an absolute target loses scheme and authority.</summary>
    /// <param name="rawTarget">As sent.</param>
    /// <param name="pathAndQuery">Starts with a slash; the given string itself where possible.</param>
    /// <returns>False for <c>*</c> and for targets with blanks, control characters or anything beyond ASCII, which RFC 3986 rules out.</returns>
    public static bool TryRead(string rawTarget, out string pathAndQuery)
    {
        pathAndQuery = rawTarget;
        if (rawTarget.Length == 0 || rawTarget.AsSpan().ContainsAnyExcept(Visible))
            return false;
        if (rawTarget[0] == '/')
            return true;
        int authority = rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
            return false;
        int path = rawTarget.AsSpan(authority + 3).IndexOfAny('/', '?');
        if (path < 0)
            pathAndQuery = "/";
        else if (rawTarget[authority + 3 + path] == '?')
            pathAndQuery = string.Concat("/", rawTarget.AsSpan(authority + 3 + path));
        else
            pathAndQuery = rawTarget[(authority + 3 + path)..];
        return true;
    }

    /// <summary>Splits path and query at the first question mark.</summary>
    public static int PathLength(ReadOnlySpan<char> pathAndQuery) =>
        pathAndQuery.IndexOf('?') is var mark && mark >= 0 ? mark : pathAndQuery.Length;
}
