using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Control;

/// <summary>What a connection to an origin may be. Part of what an origin is known by: a pooled connection that one site may use is no
/// answer to another that may not.</summary>
/// <param name="AllowsPrivate">Whether it may lead into a private network.</param>
/// <param name="Ca">Certificates in PEM that alone vouch for it; null for the system's.</param>
public readonly record struct OriginTrust(bool AllowsPrivate, string? Ca)
{
    /// <summary>What a site allows of an origin. Who wrote an address knew where it leads; where a name leads is for its zone's owner to say.</summary>
    /// <param name="url">The origin.</param>
    /// <param name="allowsPrivateNames">Whether its name may lead into a private network.</param>
    /// <param name="ca">As <see cref="Site.OriginCa"/>.</param>
    public static OriginTrust Of(Uri url, bool allowsPrivateNames, string? ca)
    {
        ArgumentNullException.ThrowIfNull(url);
        return new(
            allowsPrivateNames || url.HostNameType != UriHostNameType.Dns || url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
            url.Scheme == Uri.UriSchemeHttps ? ca : null);
    }

    /// <summary>How TLS to an https origin judges certificates.</summary>
    /// <param name="host">The origin's own name: with a visitor's Host header passed on, .NET asks for a certificate of that name, and one of the origin's own is as good.</param>
    public SslClientAuthenticationOptions TlsTo(string host)
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsAcceptable(errors, certificate, host),
        };
        if (Ca is { } ca)
            options.CertificateChainPolicy = OnlyFrom(ca);
        return options;
    }

    /// <summary>Whether a certificate will do: valid for the name asked for, or valid in every other way and made out to the origin.</summary>
    /// <param name="errors">What is wrong with it.</param>
    /// <param name="certificate">It; null when none came.</param>
    /// <param name="host">The origin's own name.</param>
    public static bool IsAcceptable(SslPolicyErrors errors, X509Certificate? certificate, string host) =>
        errors == SslPolicyErrors.None
        || (errors == SslPolicyErrors.RemoteCertificateNameMismatch && certificate is X509Certificate2 given && given.MatchesHostname(host));

    // A private authority publishes no lists of revoked certificates that could be asked from here.
    private static X509ChainPolicy OnlyFrom(string ca)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(ca);
        return policy;
    }
}
