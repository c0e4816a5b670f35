using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates;

/// <summary>A certificate ready to be shown. Never disposed: handshakes may still use it after it was replaced, and then nothing does.</summary>
/// <param name="File">Where it was read.</param>
/// <param name="Names">DNS names that it is for: lower case, ASCII, a wildcard as <c>*.example.com</c>.</param>
/// <param name="NotBefore">When it begins to hold.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="Context">Certificate, chain and key as handshakes take them; keeps what sessions are resumed by.</param>
internal sealed record SiteCertificate(
    string File, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, SslStreamCertificateContext Context)
{
    /// <summary>Whether clients would take it at this time.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now < NotAfter;

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 Leaf => Context.TargetCertificate;
}

/// <summary>A file that cannot be used as a certificate, or not yet, or no more.</summary>
/// <param name="File">The file.</param>
/// <param name="What">What is wrong: one sentence.</param>
/// <param name="Mend">What to do: one sentence.</param>
public sealed record CertificateProblem(string File, string What, string Mend)
{
    /// <summary>The one line for people.</summary>
    public override string ToString() => $"{File}: {What} {Mend}";
}
