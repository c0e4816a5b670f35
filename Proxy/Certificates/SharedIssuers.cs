using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Proxy.Certificates;

/// <summary>Keeps one copy of each issuer's certificate, however many chains hold it. Safe from any thread.</summary>
internal static class SharedIssuers
{
    // An edge sees a few dozen issuers; beyond, those that no chain holds any more are let go.
    private const int KeptBeforePruning = 256;

    private static readonly ConcurrentDictionary<string, WeakReference<X509Certificate2>> Known = new(StringComparer.Ordinal);

    /// <summary>The copy to keep of a certificate; the one given is disposed when there is another.</summary>
    public static X509Certificate2 Share(X509Certificate2 certificate)
    {
        string key = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (Known.TryGetValue(key, out var known) && known.TryGetTarget(out var shared))
        {
            certificate.Dispose();
            return shared;
        }
        if (Known.Count >= KeptBeforePruning)
        {
            foreach (var (hash, _) in Known.Where(k => !k.Value.TryGetTarget(out _)).ToList())
                Known.TryRemove(hash, out _);
        }
        Known[key] = new WeakReference<X509Certificate2>(certificate);
        return certificate;
    }
}
