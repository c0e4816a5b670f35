using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Weir.Proxy.Certificates.Ocsp;

namespace Weir.Proxy.Certificates;

/// <summary>A certificate that can be shown. Never disposed: handshakes may still use it after it was replaced, and then nothing does.
/// Safe from any thread.</summary>
/// <param name="place">Where it was read: a file's path, or a row of another source.</param>
/// <param name="names">DNS names that it is for: lower case, ASCII, a wildcard as <c>*.example.com</c>.</param>
/// <param name="leaf">The certificate itself, with its key: RSA or ECDSA.</param>
/// <param name="chain">What stood behind it in its file.</param>
internal sealed class SiteCertificate(string place, IReadOnlyList<string> names, X509Certificate2 leaf, X509Certificate2Collection chain)
{
    private SslStreamCertificateContext? _context;

    /// <summary>Where it was read.</summary>
    public string Place { get; } = place;

    /// <summary>DNS names that it is for, one at least.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    /// <summary>When it begins to hold.</summary>
    public DateTimeOffset NotBefore { get; } = new(leaf.NotBefore);

    /// <summary>When it ends.</summary>
    public DateTimeOffset NotAfter { get; } = new(leaf.NotAfter);

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 Leaf { get; } = leaf;

    /// <summary>What stood behind it in its file.</summary>
    public X509Certificate2Collection Chain { get; } = chain;

    /// <summary>Who says whether it was revoked; null when nobody does.</summary>
    public OcspResponder? Responder { get; } = OcspResponder.Of(leaf, chain.FirstOrDefault(c => c.SubjectName.RawData.AsSpan().SequenceEqual(leaf.IssuerName.RawData)));

    /// <summary>Whether .NET fetches and staples OCSP answers to its handshakes.</summary>
    public bool IsStapled { get; private set; }

    /// <summary>Certificate, chain and key as handshakes take them; keeps what sessions are resumed by. Made when it is first asked for: most of
    /// ten thousand certificates wait for their first client for a long while. Asks nobody on the network.</summary>
    public SslStreamCertificateContext Context => Volatile.Read(ref _context) ?? MakeContext();

    /// <summary>Whether clients would take it at this time.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now < NotAfter;

    /// <summary>Lets .NET staple OCSP answers from now on. May ask the network for the chain's root: not for the way of handshakes, and for one
    /// thread at a time.</summary>
    public void Staple()
    {
        // .NET staples only by contexts that may use the network. Pairs with the read in Context; sessions begin anew, once.
        Volatile.Write(ref _context, SslStreamCertificateContext.Create(Leaf, Chain, offline: false));
        IsStapled = true;
    }

    // Two first handshakes at once: the one context that wins is used by both, for resumed sessions hang on it.
    private SslStreamCertificateContext MakeContext()
    {
        var made = SslStreamCertificateContext.Create(Leaf, Chain, offline: true);
        return Interlocked.CompareExchange(ref _context, made, null) ?? made;
    }
}
