using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates;

/// <summary>Says what is wrong with a certificate that fits its key: too weak, out of its time, a chain that clients stumble on.</summary>
internal static class CertificateJudge
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";

    // Browsers and OpenSSL's default level refuse less.
    private const int RsaBitsMin = 2048;
    private const int CurveBitsMin = 256;

    private static readonly string[] BrokenSignatures = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.840.113549.2.5", "1.3.14.3.2.26"];

    /// <summary>Why handshakes with it would fail; null when they would not. Weak ones are refused here, or else OpenSSL refuses each client.</summary>
    public static CertificateProblem? ReasonToRefuse(string place, X509Certificate2 leaf)
    {
        string kind = leaf.PublicKey.Oid.Value ?? "";
        if (kind is not (Rsa or EllipticCurve))
            return new(place, "The certificate's key is of a kind that browsers do not take.", "Have one issued with an RSA or ECDSA key.");
        int bits = BitsOf(leaf, kind);
        if (bits < (kind == Rsa ? RsaBitsMin : CurveBitsMin))
            return new(place, $"The certificate's key is too weak: {bits} bits.", "Have one issued with an ECDSA key of 256 bits, or an RSA key of 2048 bits or more.");
        return BrokenSignatures.Contains(leaf.SignatureAlgorithm.Value)
            ? new(place, $"The certificate is signed by {leaf.SignatureAlgorithm.FriendlyName}, which is broken.", "Have one issued that is signed with SHA-256 or better.")
            : null;
    }

    /// <summary>What clients will stumble on; null when on nothing.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="leaf">The certificate.</param>
    /// <param name="chain">What stood behind it.</param>
    /// <param name="now">The time.</param>
    public static CertificateProblem? ReasonToDoubt(string place, X509Certificate2 leaf, X509Certificate2Collection chain, DateTimeOffset now)
    {
        if (now >= new DateTimeOffset(leaf.NotAfter))
            return new(place, $"The certificate expired on {Day(leaf.NotAfter)}.", "Renew it; the new file is taken at once.");
        if (now < new DateTimeOffset(leaf.NotBefore))
            return new(place, $"The certificate is not valid before {Day(leaf.NotBefore)}.", "Check this machine's clock, or wait.");
        foreach (var issuer in chain)
        {
            if (now >= new DateTimeOffset(issuer.NotAfter))
                return Doubt(place, $"The chain's certificate of {issuer.GetNameInfo(X509NameType.SimpleName, forIssuer: false)} expired on {Day(issuer.NotAfter)}.", "Fetch the authority's current chain.");
        }
        return IsIssuedByStranger(leaf, chain)
            ? Doubt(place, $"The certificate of its issuer, {leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: true)}, is missing, so that many clients will not trust it.",
                "Put the authority's chain behind it in the file (certbot: use fullchain.pem, not cert.pem).")
            : null;
    }

    private static CertificateProblem Doubt(string place, string what, string mend) => new(place, what, mend) { IsWarning = true };

    private static bool IsIssuedByStranger(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        var issuer = leaf.IssuerName.RawData.AsSpan();
        if (issuer.SequenceEqual(leaf.SubjectName.RawData))
            return false;
        foreach (var other in chain)
        {
            if (issuer.SequenceEqual(other.SubjectName.RawData))
                return false;
        }
        // A root that this machine trusts may issue it itself. Looked up only here: building a chain takes a millisecond.
        using var built = new X509Chain();
        built.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        built.ChainPolicy.DisableCertificateDownloads = true;
        built.Build(leaf);
        bool isPartial = built.ChainStatus.Any(s => s.Status.HasFlag(X509ChainStatusFlags.PartialChain));
        foreach (var element in built.ChainElements)
            element.Certificate.Dispose();
        return isPartial;
    }

    private static int BitsOf(X509Certificate2 leaf, string kind)
    {
        using AsymmetricAlgorithm? key = kind == Rsa ? leaf.GetRSAPublicKey() : leaf.GetECDsaPublicKey();
        return key?.KeySize ?? 0;
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
