using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>What a responder says of one certificate, its signature checked (RFC 6960 section 4.2).</summary>
/// <param name="State">Good, revoked or unknown.</param>
/// <param name="ThisUpdate">When that was known to be so.</param>
/// <param name="NextUpdate">When newer word will be there; null when at any time.</param>
/// <param name="RevokedAt">When it was taken back.</param>
internal sealed record OcspAnswer(OcspState State, DateTimeOffset ThisUpdate, DateTimeOffset? NextUpdate, DateTimeOffset? RevokedAt)
{
    // Clocks differ by some minutes.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string BasicResponse = "1.3.6.1.5.5.7.48.1.1";
    private const int Successful = 0;
    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Tag1 = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Tag2 = new(TagClass.ContextSpecific, 2);

    /// <summary>Reads an answer. Hostile bytes; never throws for what they hold.</summary>
    /// <param name="bytes">The body of the answer.</param>
    /// <param name="id">Whom it must be about.</param>
    /// <param name="issuer">Who must have signed it, or have delegated that.</param>
    /// <param name="now">The time.</param>
    /// <param name="answer">What it says.</param>
    /// <param name="why">Why it is not believed: a clause.</param>
    public static bool TryRead(
        byte[] bytes, OcspCertificateId id, X509Certificate2 issuer, DateTimeOffset now, [NotNullWhen(true)] out OcspAnswer? answer, out string why)
    {
        (answer, why) = (null, "the answer is malformed");
        try
        {
            var outer = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
            int status = outer.ReadEnumeratedBytes().Span[^1];
            if (status != Successful)
            {
                why = $"the responder answered with error {status}";
                return false;
            }
            var body = outer.ReadSequence(Tag0).ReadSequence();
            if (body.ReadObjectIdentifier() != BasicResponse)
                return false;
            var basic = new AsnReader(body.ReadOctetString(), AsnEncodingRules.DER).ReadSequence();
            var signed = basic.PeekEncodedValue();
            var data = basic.ReadSequence();
            var algorithm = OcspSignature.ReadAlgorithm(basic);
            byte[] signature = basic.ReadBitString(out _);
            if (!OcspSignature.IsOf(issuer, signed.Span, algorithm, signature, basic, now))
            {
                why = "the answer is not signed by the certificate's issuer";
                return false;
            }
            answer = Find(data, id, now, ref why);
            return answer is not null;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    private static OcspAnswer? Find(AsnReader data, OcspCertificateId id, DateTimeOffset now, ref string why)
    {
        if (data.PeekTag().HasSameClassAndValue(Tag0))
            data.ReadEncodedValue(); // version
        data.ReadEncodedValue(); // responder
        data.ReadGeneralizedTime(); // produced at
        var responses = data.ReadSequence();
        why = "the answer is about another certificate";
        while (responses.HasData)
        {
            var one = responses.ReadSequence();
            if (!id.IsAt(one.ReadSequence()))
                continue;
            var answer = ReadOne(one);
            if (answer.ThisUpdate > now + ClockSkew)
                why = "the answer is from the future";
            else if (answer.NextUpdate + ClockSkew < now)
                why = "the answer has run out";
            else
                return answer;
        }
        return null;
    }

    private static OcspAnswer ReadOne(AsnReader one)
    {
        var (state, revokedAt) = (OcspState.Good, default(DateTimeOffset?));
        var tag = one.PeekTag();
        if (tag.HasSameClassAndValue(Tag1))
            (state, revokedAt) = (OcspState.Revoked, one.ReadSequence(Tag1).ReadGeneralizedTime());
        else if (tag.HasSameClassAndValue(Tag2))
            (state, _) = (OcspState.Unknown, one.ReadEncodedValue());
        else
            one.ReadNull(Tag0);
        var thisUpdate = one.ReadGeneralizedTime();
        DateTimeOffset? nextUpdate = one.HasData && one.PeekTag().HasSameClassAndValue(Tag0) ? one.ReadSequence(Tag0).ReadGeneralizedTime() : null;
        return new OcspAnswer(state, thisUpdate, nextUpdate, revokedAt);
    }
}
