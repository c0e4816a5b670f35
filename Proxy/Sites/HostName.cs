namespace Weir.Proxy.Sites;

/// <summary>Reads host names as they stand in a Host header.</summary>
public static class HostName
{
    /// <summary>The longest name DNS knows; longer ones belong to no site.</summary>
    public const int MaxLength = 253;

    /// <summary>Cuts the port and one trailing dot off a Host header; brackets of an IPv6 literal stay. Allocates nothing.</summary>
    /// <param name="host">Header value as sent; hostile.</param>
    /// <returns>The name in the case it was sent in; empty when there is none.</returns>
    public static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> host)
    {
        int end = host.LastIndexOf(']');
        if (end < 0 || host.IsEmpty || host[0] != '[')
        {
            int colon = host.IndexOf(':');
            end = (colon < 0 ? host.Length : colon) - 1;
        }
        host = host[..(end + 1)];
        return host is [.. var name, '.'] ? name : host;
    }
}
