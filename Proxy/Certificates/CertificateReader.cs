using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Certificates;

/// <summary>Reads one certificate with its chain and key in PEM form, and says what is wrong with them.</summary>
internal static class CertificateReader
{
    // A chain of ten with comments has 30 KB.
    private const int BytesMax = 1 << 20;

    // Chains in use have two or three; clients give up after ten.
    private const int ChainMax = 10;

    /// <summary>Reads a certificate from its files. A certificate that is out of its time is read too: both answers are given then.</summary>
    public static (SiteCertificate? Certificate, CertificateProblem? Problem) Read(CertificateFiles files, DateTimeOffset now)
    {
        if (!TryReadFile(files.Certificate, out string chain, out var problem))
            return (null, problem);
        string key = chain;
        if (files.Key != files.Certificate && !TryReadFile(files.Key, out key, out problem))
            return (null, problem);
        return Read(files.Certificate, chain, files.Key, key, now);
    }

    /// <summary>Reads a certificate from its texts in PEM form.</summary>
    /// <param name="place">Where the certificate comes from, for people.</param>
    /// <param name="chain">The certificate first, then its chain.</param>
    /// <param name="keyPlace">Where its key comes from.</param>
    /// <param name="key">The private key, among other things perhaps.</param>
    /// <param name="now">The time.</param>
    public static (SiteCertificate? Certificate, CertificateProblem? Problem) Read(string place, string chain, string keyPlace, string key, DateTimeOffset now)
    {
        if (!TryReadChain(place, chain, out var all, out var problem))
            return (null, problem);
        if (ProblemOfKey(place, keyPlace, key) is { } wrong)
            return (null, wrong);
        if (CertificateJudge.ReasonToRefuse(place, all[0]) is { } refused)
            return (null, refused);
        if (Fit(all[0], key) is { } leaf)
            return Finish(place, leaf, all, now);
        int other = all.Skip(1).TakeWhile(c => Fit(c, key) is null).Count() + 1;
        return (null, other < all.Count
            ? new(place, $"The certificate of this key stands at place {other + 1} in the file, not first.", "Put it first, then the certificate of its issuer, and so on.")
            : new(keyPlace, $"This is not the key of the first certificate in {Path.GetFileName(place)}.",
                "Put the certificate that was issued for this key first in its file, or its own key beside it."));
    }

    private static X509Certificate2? Fit(X509Certificate2 certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static (SiteCertificate? Certificate, CertificateProblem? Problem) Finish(
        string place, X509Certificate2 leaf, X509Certificate2Collection all, DateTimeOffset now)
    {
        var names = NamesOf(leaf);
        if (names.Count == 0)
            return (null, new(place, "The certificate names no host (subjectAltName).", "Have one issued for the host names of your sites."));
        all[0].Dispose();
        var chain = new X509Certificate2Collection(all.Skip(1).Select(SharedIssuers.Share).ToArray());
        return (new SiteCertificate(place, names, leaf, chain), CertificateJudge.ReasonToDoubt(place, leaf, chain, now));
    }

    /// <summary>Reads a file of at most a megabyte, or says what is wrong with it.</summary>
    internal static bool TryReadFile(string file, out string text, out CertificateProblem? problem)
    {
        (text, problem) = ("", null);
        try
        {
            if (new FileInfo(file).Length > BytesMax)
                problem = new(file, "The file is too large for a certificate.", "Keep the certificate, its chain and its key in it.");
            else
                text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = Directory.Exists(file)
                ? new(file, "This is a folder, not a file.", "Put a file of that name in its place.")
                : new(file, "There is no such file.", "Put the private key there, or take the certificate away.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = new(file, "The file cannot be read.", "Give the account that runs Weir the right to read it.");
        }
        return problem is null;
    }

    private static bool TryReadChain(string file, string text, out X509Certificate2Collection all, out CertificateProblem? problem)
    {
        (all, problem) = ([], null);
        try
        {
            all.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            problem = new(file, "A certificate in the file is damaged.", "Copy it again, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.");
            return false;
        }
        if (all.Count == 0)
            problem = new(file, "There is no certificate in the file.", "Write it in PEM form, which begins with -----BEGIN CERTIFICATE-----.");
        else if (all.Count > ChainMax)
            problem = new(file, $"There are {all.Count} certificates in the file.", "Write one certificate and its chain alone; others go into files of their own.");
        return problem is null;
    }

    private static CertificateProblem? ProblemOfKey(string place, string keyPlace, string text)
    {
        bool isEncrypted = false;
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var label = rest[fields.Label];
            if (label is "ENCRYPTED PRIVATE KEY")
                isEncrypted = true;
            else if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                return null;
        }
        string stem = Path.GetFileNameWithoutExtension(place);
        return isEncrypted
            ? new(keyPlace, "The private key is encrypted.", "Decrypt it (openssl pkey), and let this account alone read the file.")
            : new(keyPlace, "There is no private key.", $"Put it beside the certificate as {stem}.key, or into the same file.");
    }

    private static List<string> NamesOf(X509Certificate2 leaf)
    {
        var names = new List<string>();
        try
        {
            foreach (string name in leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()))
            {
                string lower = name.TrimEnd('.').ToLowerInvariant();
                var rest = lower.AsSpan(lower.StartsWith("*.", StringComparison.Ordinal) ? 2 : 0);
                if (rest.Length is > 0 and <= HostName.MaxLength && !rest.Contains('*') && rest[0] != '.' && !names.Contains(lower))
                    names.Add(lower);
            }
        }
        catch (CryptographicException)
        {
            // An extension that is no ASN.1; the names before it count.
        }
        return names;
    }
}
