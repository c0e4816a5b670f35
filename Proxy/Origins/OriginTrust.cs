namespace Weir.Proxy.Origins;

/// <summary>What a connection to an origin may be. Part of what an origin is known by: a pooled connection that one site may use is no
/// answer to another that may not.</summary>
/// <param name="AllowsPrivate">Whether it may lead into a private network.</param>
/// <param name="Ca">Certificates in PEM that alone vouch for it; null for the system's.</param>
internal readonly record struct OriginTrust(bool AllowsPrivate, string? Ca)
{
    /// <summary>What a site allows of an origin. Who wrote an address knew where it leads; where a name leads is for its zone's owner to say.</summary>
    public static OriginTrust Of(Uri url, bool allowsPrivateNames, string? ca) => new(
        allowsPrivateNames || url.HostNameType != UriHostNameType.Dns || url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
        url.Scheme == Uri.UriSchemeHttps ? ca : null);
}
