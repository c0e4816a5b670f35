using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Weir.TestKit;

namespace Weir.Proxy.Tests.Certificates;

/// <summary>An authority with an OCSP responder: HTTP is ours, and each answer is made and signed by <c>openssl ocsp</c>.</summary>
internal sealed class OcspAuthority : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _root;
    private readonly SemaphoreSlim _one = new(1);
    private TestOrigin _responder = null!;
    private int _asked;

    private OcspAuthority() => _root = Make("CN=root", null, isAuthority: true, "root");

    /// <summary>Answers instead of the responder, when set.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>File name of who signs: root, or a delegate made by <see cref="AddSigner"/>.</summary>
    public string Signer { get; set; } = "root";

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public X509Certificate2 Root => _root;

    public static async Task<OcspAuthority> StartAsync()
    {
        var authority = new OcspAuthority();
        authority._responder = await TestOrigin.StartAsync(authority.AnswerAsync);
        await File.WriteAllTextAsync(authority._folder["index"], "");
        return authority;
    }

    /// <summary>Issues a certificate that names the responder; its file holds the root too.</summary>
    public PemPair Issue(string host)
    {
        using var leaf = Make($"CN={host}", host, isAuthority: false, "leaf");
        SetStatus(leaf.SerialNumber, "V");
        return new PemPair(File.ReadAllText(_folder["leaf.pem"]) + _root.ExportCertificatePem() + "\n", File.ReadAllText(_folder["leaf.key"]));
    }

    /// <summary>Makes somebody who signs answers, with the right to do so or without.</summary>
    public void AddSigner(string name, bool maySign)
    {
        using var signer = Make($"CN={name}", null, isAuthority: false, name, maySign);
    }

    public void Revoke(PemPair pair) => SetStatus(pair.Serial, "R");

    public void Forget(PemPair pair) => SetStatus(pair.Serial, null);

    /// <summary>The answer to a question, in bytes.</summary>
    public async Task<byte[]> AnswerAsync(byte[] question)
    {
        await _one.WaitAsync();
        try
        {
            await File.WriteAllBytesAsync(_folder["question"], question);
            var (code, output) = await ClientProgram.RunAsync("openssl", "ocsp", "-index", _folder["index"], "-CA", _folder["root.pem"], "-rsigner", _folder[Signer + ".pem"],
                "-rkey", _folder[Signer + ".key"], "-reqin", _folder["question"], "-respout", _folder["answer"], "-ndays", "1");
            Assert.True(code == 0, output);
            return await File.ReadAllBytesAsync(_folder["answer"]);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _responder.DisposeAsync();
        _root.Dispose();
        _one.Dispose();
        _folder.Dispose();
    }

    // Questions come as bodies, and from .NET's stapling in the path (RFC 6960 appendix A.1).
    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _asked);
        if (Instead is { } instead)
        {
            await instead(http);
            return;
        }
        byte[] question;
        if (HttpMethods.IsPost(http.Request.Method))
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            question = body.ToArray();
        }
        else
        {
            question = Convert.FromBase64String(Uri.UnescapeDataString(http.Request.Path.Value![1..]));
        }
        http.Response.ContentType = "application/ocsp-response";
        await http.Response.Body.WriteAsync(await AnswerAsync(question));
    }

    private void SetStatus(string serial, string? status)
    {
        var lines = File.ReadAllLines(_folder["index"]).Where(l => !l.Contains(serial, StringComparison.Ordinal)).ToList();
        var now = TimeProvider.System.GetUtcNow();
        if (status is not null)
        {
            string revoked = status == "R" ? Stamp(now.AddHours(-1)) : "";
            lines.Add($"{status}\t{Stamp(now.AddDays(80))}\t{revoked}\t{serial}\tunknown\t/CN={serial}");
        }
        File.WriteAllText(_folder["index"], string.Concat(lines.Select(l => l + "\n")));
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyMMddHHmmss'Z'", CultureInfo.InvariantCulture);

    private X509Certificate2 Make(string subject, string? host, bool isAuthority, string file, bool maySign = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([_responder.Url.AbsoluteUri], []));
        }
        if (maySign)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.9")], false));
        var now = TimeProvider.System.GetUtcNow();
        byte[] serial = [0x1A, .. Guid.NewGuid().ToByteArray()];
        var made = isAuthority ? request.CreateSelfSigned(now.AddDays(-2), now.AddDays(90)) : request.Create(_root, now.AddDays(-1), now.AddDays(80), serial);
        File.WriteAllText(_folder[file + ".pem"], made.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder[file + ".key"], key.ExportPkcs8PrivateKeyPem() + "\n");
        return made;
    }
}
