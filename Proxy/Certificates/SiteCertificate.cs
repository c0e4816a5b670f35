using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates;

/// <summary>A certificate ready to be shown. Never disposed: handshakes may still use it after it was replaced, and then nothing does.</summary>
/// <param name="Place">Where it was read: a file's path, or a row of another source.</param>
/// <param name="Names">DNS names that it is for: lower case, ASCII, a wildcard as <c>*.example.com</c>.</param>
/// <param name="NotBefore">When it begins to hold.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="Context">Certificate, chain and key as handshakes take them; keeps what sessions are resumed by.</param>
internal sealed record SiteCertificate(
    string Place, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, SslStreamCertificateContext Context)
{
    /// <summary>Whether clients would take it at this time.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now < NotAfter;

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 Leaf => Context.TargetCertificate;
}

/// <summary>Something that cannot be used as a certificate, or not yet, or no more.</summary>
/// <param name="Place">Where it is: a file's path, or a row of another source.</param>
/// <param name="What">What is wrong: one sentence.</param>
/// <param name="Mend">What to do: one sentence.</param>
public sealed record CertificateProblem(string Place, string What, string Mend)
{
    /// <summary>The one line for people.</summary>
    public override string ToString() => $"{Place}: {What} {Mend}";
}
