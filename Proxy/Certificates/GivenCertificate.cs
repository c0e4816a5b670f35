using System.Security.Cryptography;
using System.Text;

namespace Weir.Proxy.Certificates;

/// <summary>A certificate that somebody gives, read by the rules by which edges read theirs.</summary>
/// <param name="Names">DNS names that it is for, one at least.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="Chain">The certificate and its chain in PEM form, and nothing else.</param>
/// <param name="Key">Its private key in PEM form, and nothing else.</param>
public sealed record GivenCertificate(IReadOnlyList<string> Names, DateTimeOffset NotAfter, string Chain, string Key)
{
    /// <summary>Reads one from its files.</summary>
    /// <param name="chainFile">PEM file of the certificate and its chain; what else stands in it is left out.</param>
    /// <param name="keyFile">PEM file of the key; may be the same.</param>
    /// <param name="now">The time.</param>
    /// <returns>A certificate that is out of its time, or that clients may stumble on, comes with its problem; else it is one of the two.</returns>
    public static (GivenCertificate? Given, CertificateProblem? Problem) Read(string chainFile, string keyFile, DateTimeOffset now) =>
        !CertificateReader.TryReadFile(chainFile, out string chain, out var problem) || !CertificateReader.TryReadFile(keyFile, out string key, out problem)
            ? (null, problem) : Of(chainFile, chain, keyFile, key, now);

    /// <summary>Reads one from its texts; see <see cref="Read"/>.</summary>
    /// <param name="place">Where the certificate comes from, for people.</param>
    /// <param name="chain">The certificate first, then its chain.</param>
    /// <param name="keyPlace">Where its key comes from.</param>
    /// <param name="key">The private key.</param>
    /// <param name="now">The time.</param>
    public static (GivenCertificate? Given, CertificateProblem? Problem) Of(string place, string chain, string keyPlace, string key, DateTimeOffset now)
    {
        var (read, problem) = CertificateReader.Read(place, chain, keyPlace, key, now);
        if (read is null)
            return (null, problem);
        read.Leaf.Dispose();
        return (new GivenCertificate(read.Names, read.NotAfter, Blocks(chain, "CERTIFICATE"), Blocks(key, "PRIVATE KEY")), problem);
    }

    // A key in the chain's file must not be kept where chains are.
    private static string Blocks(string text, string labelEnd)
    {
        var found = new StringBuilder();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            if (rest[fields.Label].EndsWith(labelEnd, StringComparison.Ordinal))
                found.Append(rest[fields.Location]).Append('\n');
        }
        return found.ToString();
    }
}
