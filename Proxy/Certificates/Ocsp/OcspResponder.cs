using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>Whom to ask about a certificate.</summary>
/// <param name="Url">Where the responder is.</param>
/// <param name="Id">What the certificate is called there.</param>
/// <param name="Issuer">Who signs, or delegates, the answers.</param>
internal sealed record OcspResponder(Uri Url, OcspCertificateId Id, X509Certificate2 Issuer)
{
    /// <summary>Reads it from a certificate; null when that names no http responder, or its issuer is not at hand.</summary>
    public static OcspResponder? Of(X509Certificate2 certificate, X509Certificate2? issuer)
    {
        if (issuer is null)
            return null;
        try
        {
            var url = certificate.Extensions.OfType<X509AuthorityInformationAccessExtension>().SelectMany(e => e.EnumerateOcspUris())
                .Select(text => Uri.TryCreate(text, UriKind.Absolute, out var read) && read.Scheme == Uri.UriSchemeHttp ? read : null)
                .FirstOrDefault(read => read is not null);
            return url is null ? null : new OcspResponder(url, new OcspCertificateId(certificate, issuer), issuer);
        }
        catch (CryptographicException)
        {
            return null; // an extension that is no ASN.1
        }
    }
}
