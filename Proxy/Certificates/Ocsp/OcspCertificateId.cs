using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>Names a certificate to a responder: by hashes of its issuer, and its serial number (RFC 6960 section 4.1.1).</summary>
internal sealed class OcspCertificateId
{
    private const string Sha1 = "1.3.14.3.2.26";

    private readonly byte[] _issuerName;
    private readonly byte[] _issuerKey;
    private readonly byte[] _serial;

    /// <summary>The name of a certificate.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms",
        Justification = "A name, not a proof: RFC 5019 section 2.1.1 wants SHA-1 here, and responders know no other.")]
    public OcspCertificateId(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        _issuerName = SHA1.HashData(issuer.SubjectName.RawData);
        _issuerKey = SHA1.HashData(issuer.PublicKey.EncodedKeyValue.RawData);
        _serial = certificate.SerialNumberBytes.ToArray();
    }

    /// <summary>The question to a responder about this certificate alone.</summary>
    public byte[] Question()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) // OCSPRequest
        using (writer.PushSequence()) // TBSRequest
        using (writer.PushSequence()) // requestList
        using (writer.PushSequence()) // Request
        using (writer.PushSequence()) // CertID
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Sha1);
                writer.WriteNull();
            }
            writer.WriteOctetString(_issuerName);
            writer.WriteOctetString(_issuerKey);
            writer.WriteInteger(_serial);
        }
        return writer.Encode();
    }

    /// <summary>Whether an answer's CertID names this certificate.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public bool IsAt(AsnReader id)
    {
        string hash = id.ReadSequence().ReadObjectIdentifier();
        return hash == Sha1
            & id.ReadOctetString().AsSpan().SequenceEqual(_issuerName)
            & id.ReadOctetString().AsSpan().SequenceEqual(_issuerKey)
            & id.ReadIntegerBytes().Span.SequenceEqual(_serial);
    }
}
