namespace Weir.Proxy.Certificates;

/// <summary>The files of one certificate, and what tells that they were changed.</summary>
/// <param name="Certificate">Path of the PEM file with the certificate and its chain.</param>
/// <param name="Key">Path of the PEM file with the private key; the same file when it holds both.</param>
/// <param name="Stamp">Changes whenever one of the files does.</param>
internal sealed record CertificateFiles(string Certificate, string Key, FileStamps Stamp) : ListedCertificate(Certificate);

/// <summary>Size and time of two files, links followed.</summary>
internal readonly record struct FileStamps(FileStamp Certificate, FileStamp Key);

/// <summary>Size, time and place of one file; default when it cannot be seen.</summary>
internal readonly record struct FileStamp(long Bytes, DateTime WrittenUtc, string? LeadsTo);

/// <summary>Finds certificates in a folder by their layout: <c>HOST.pem</c> or <c>HOST.crt</c> with <c>HOST.key</c> beside it or the key
/// inside, and folders of certbot's kind with <c>fullchain.pem</c> and <c>privkey.pem</c>.</summary>
/// <param name="folder">The folder; need not be there yet.</param>
internal sealed class CertificateFolder(string folder) : ICertificateSource
{
    private const string Chain = "fullchain.pem";
    private const string ChainKey = "privkey.pem";

    /// <inheritdoc/>
    public string Name => folder;

    /// <inheritdoc/>
    public bool HoldsFiles => true;

    /// <summary>What the folder holds. Opens no file.</summary>
    public IReadOnlyList<ListedCertificate> List()
    {
        try
        {
            return Find();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateSourceException(e is DirectoryNotFoundException ? "it does not exist" : "it cannot be read", e);
        }
    }

    /// <inheritdoc/>
    public (SiteCertificate? Certificate, CertificateProblem? Problem) Read(ListedCertificate listed, DateTimeOffset now) =>
        CertificateReader.Read((CertificateFiles)listed, now);

    private List<CertificateFiles> Find()
    {
        var found = new List<CertificateFiles>();
        AddFiles(found);
        foreach (string inside in Directory.EnumerateDirectories(folder))
        {
            // certbot's own folder: archive/ and renewal/ beside live/ hold nothing to serve.
            if (Path.GetFileName(inside) == "live")
            {
                foreach (string lineage in Directory.EnumerateDirectories(inside))
                    TryAddChain(lineage, found);
            }
            else
            {
                TryAddChain(inside, found);
            }
        }
        return found;
    }

    private void AddFiles(List<CertificateFiles> found)
    {
        if (TryAddChain(folder, found))
            return;
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            if (Path.GetFileName(file)[0] != '.' && IsCertificate(file))
                found.Add(Of(file, KeyOf(file)));
        }
    }

    private static bool TryAddChain(string folder, List<CertificateFiles> found)
    {
        string chain = Path.Combine(folder, Chain);
        if (!File.Exists(chain))
            return false;
        found.Add(Of(chain, Path.Combine(folder, ChainKey)));
        return true;
    }

    // mkcert writes HOST.pem and HOST-key.pem; lego the issuer's certificate, which the pair holds too, as HOST.issuer.crt.
    private static bool IsCertificate(string file) => Path.GetExtension(file) switch
    {
        ".pem" => !file.EndsWith("-key.pem", StringComparison.Ordinal),
        ".crt" => !file.EndsWith(".issuer.crt", StringComparison.Ordinal),
        _ => false,
    };

    private static string KeyOf(string file)
    {
        string stem = Path.Combine(Path.GetDirectoryName(file)!, Path.GetFileNameWithoutExtension(file));
        return File.Exists(stem + ".key") ? stem + ".key" : File.Exists(stem + "-key.pem") ? stem + "-key.pem" : file;
    }

    private static CertificateFiles Of(string certificate, string key)
    {
        var stamp = StampOf(certificate);
        return new CertificateFiles(certificate, key, new FileStamps(stamp, key == certificate ? stamp : StampOf(key)));
    }

    private static FileStamp StampOf(string path)
    {
        try
        {
            // certbot swaps links; mounted secrets swap the folder that a link leads through. Either way the end of the way changes.
            var file = new FileInfo(path);
            var end = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
            return end.Exists ? new FileStamp(end.Length, end.LastWriteTimeUtc, end == file ? null : end.FullName) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
