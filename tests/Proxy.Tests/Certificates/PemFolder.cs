using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Certificates;

/// <summary>A certificate as its PEM texts.</summary>
internal sealed record PemPair(string Certificate, string Key)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    /// <summary>Issues one, valid from yesterday for 90 days unless said otherwise.</summary>
    public static PemPair For(string names, int fromDays = -1, int toDays = 89, DateTimeOffset? now = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        if (names.Length > 0)
        {
            var hosts = new SubjectAlternativeNameBuilder();
            foreach (string name in names.Split(' '))
                hosts.AddDnsName(name);
            request.CertificateExtensions.Add(hosts.Build());
        }
        using var certificate = request.CreateSelfSigned((now ?? Now).AddDays(fromDays), (now ?? Now).AddDays(toDays));
        return new PemPair(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Issues one with an RSA key, however short.</summary>
    public static PemPair Weak(int bits)
    {
        using var key = RSA.Create(bits);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var hosts = new SubjectAlternativeNameBuilder();
        hosts.AddDnsName("a.example");
        request.CertificateExtensions.Add(hosts.Build());
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(89));
        return new PemPair(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Issues one by an authority made for it, whose certificate ends when said.</summary>
    /// <returns>The pair without chain, and the authority's certificate.</returns>
    public static (PemPair Pair, string Issuer) Issued(string host, int issuerToDays, DateTimeOffset now)
    {
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuerRequest = new CertificateRequest("CN=authority", issuerKey, HashAlgorithmName.SHA256);
        issuerRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var issuer = issuerRequest.CreateSelfSigned(now.AddDays(-90), now.AddDays(issuerToDays));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        var hosts = new SubjectAlternativeNameBuilder();
        hosts.AddDnsName(host);
        request.CertificateExtensions.Add(hosts.Build());
        var generator = X509SignatureGenerator.CreateForECDsa(issuerKey);
        using var certificate = request.Create(issuer.SubjectName, generator, now.AddDays(-1), now.AddDays(60), [1, 2, 3]);
        return (new PemPair(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n"), issuer.ExportCertificatePem() + "\n");
    }

    /// <summary>Serial number as openssl and .NET print it.</summary>
    public string Serial => X509Certificate2.CreateFromPem(Certificate).SerialNumber;
}

/// <summary>A folder of certificates.</summary>
internal sealed class PemFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>Writes HOST.pem and HOST.key, as a client of ours would: each renamed into its place.</summary>
    public PemPair Put(string file, PemPair pair)
    {
        Write(file + ".pem", pair.Certificate);
        Write(file + ".key", pair.Key);
        return pair;
    }

    public void Write(string file, string text)
    {
        string path = At(file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path + "~", text);
        File.Move(path + "~", path, overwrite: true);
    }

    public void Remove(string file) => File.Delete(At(file));

    public string At(string file) => System.IO.Path.Combine(Path, file);

    public void Dispose() => _folder.Dispose();
}
