using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Detection.Identification;

namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>Looks where .NET would go to staple answers for a certificate: it fetches what URLs inside the certificates say, with no guard of ours.</summary>
internal static class StapleGuard
{
    // A certificate with more URLs was made to be trouble.
    private const int UrlsMax = 16;

    /// <summary>Whether every URL for revocation and for issuers in the certificate and its chain leads to public addresses alone.</summary>
    /// <remarks>A name may lead elsewhere later; whoever is not sure of the names in a certificate had better not serve it.</remarks>
    public static async Task<bool> LeadsOutsideAsync(SiteCertificate certificate, HostResolver resolve, CancellationToken stop)
    {
        try
        {
            var urls = certificate.Chain.Prepend(certificate.Leaf).SelectMany(UrlsOf).Distinct().ToList();
            if (urls.Count > UrlsMax)
                return false;
            foreach (string url in urls)
            {
                // .NET fetches no other kind.
                if (!Uri.TryCreate(url, UriKind.Absolute, out var read) || read.Scheme != Uri.UriSchemeHttp)
                    continue;
                var addresses = await resolve(read.IdnHost, stop);
                if (addresses.Length == 0 || !Array.TrueForAll(addresses, PublicAddress.IsPublic))
                    return false;
            }
            return true;
        }
        catch (Exception e) when (e is CryptographicException or SocketException or ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<string> UrlsOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509AuthorityInformationAccessExtension>().SelectMany(e => e.EnumerateOcspUris().Concat(e.EnumerateCAIssuersUris()));
}
