using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>Whether an answer is signed by a certificate's issuer, or by whom the issuer gave that right (RFC 6960 section 4.2.2.2).</summary>
internal static class OcspSignature
{
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    // Answers carry one delegate, and now and then its chain.
    private const int DelegatesMax = 4;
    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0);

    /// <summary>Reads an AlgorithmIdentifier: its object identifier.</summary>
    public static string ReadAlgorithm(AsnReader reader) => reader.ReadSequence().ReadObjectIdentifier();

    /// <summary>Whether the bytes are signed by the issuer or a delegate of its own.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="signed">What was signed.</param>
    /// <param name="algorithm">How.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="rest">The answer behind its signature: perhaps certificates of delegates.</param>
    /// <param name="now">The time.</param>
    public static bool IsOf(X509Certificate2 issuer, ReadOnlySpan<byte> signed, string algorithm, byte[] signature, AsnReader rest, DateTimeOffset now)
    {
        if (IsSignedBy(issuer, signed, algorithm, signature))
            return true;
        if (!rest.HasData)
            return false;
        var certificates = rest.ReadSequence(Tag0).ReadSequence();
        for (int i = 0; i < DelegatesMax && certificates.HasData; i++)
        {
            using var other = X509CertificateLoader.LoadCertificate(certificates.ReadEncodedValue().Span);
            if (IsDelegate(other, issuer, now) && IsSignedBy(other, signed, algorithm, signature))
                return true;
        }
        return false;
    }

    private static bool IsDelegate(X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset now)
    {
        bool maySign = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(e => e.EnhancedKeyUsages.Cast<Oid>())
            .Any(usage => usage.Value == OcspSigning);
        if (!maySign || now < new DateTimeOffset(certificate.NotBefore) || now >= new DateTimeOffset(certificate.NotAfter) || !certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData))
            return false;
        var whole = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        var signed = whole.ReadEncodedValue();
        string algorithm = ReadAlgorithm(whole);
        return IsSignedBy(issuer, signed.Span, algorithm, whole.ReadBitString(out _));
    }

    private static bool IsSignedBy(X509Certificate2 certificate, ReadOnlySpan<byte> signed, string algorithm, byte[] signature)
    {
        // SHA-1 is left out: signatures with it can be forged.
        HashAlgorithmName? hash = algorithm switch
        {
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (hash is null)
            return false;
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
            return algorithm.StartsWith("1.2.840.113549.", StringComparison.Ordinal) && rsa.VerifyData(signed, signature, hash.Value, RSASignaturePadding.Pkcs1);
        using var ecdsa = certificate.GetECDsaPublicKey();
        return ecdsa is not null && algorithm.StartsWith("1.2.840.10045.", StringComparison.Ordinal)
            && ecdsa.VerifyData(signed, signature, hash.Value, DSASignatureFormat.Rfc3279DerSequence);
    }
}
