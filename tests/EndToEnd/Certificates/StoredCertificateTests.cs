using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Weir.EndToEnd.Support;

namespace Weir.EndToEnd.Certificates;

/// <summary><c>weir certificates add</c> beside a running <c>weir up</c> that has no folder of certificates.</summary>
public class StoredCertificateTests
{
    private const string Host = "www.example.com";

    [Fact]
    public async Task A_certificate_added_to_the_store_is_shown_to_curl_until_it_is_removed()
    {
        await using var origin = await TestOrigin.StartAsync();
        await using var edge = await TlsEdge.StartAsync([Host], _ => new JsonObject
        {
            ["sites"] = new JsonArray(new JsonObject { ["id"] = "shop", ["hosts"] = Host, ["origins"] = origin.Url }),
        });
        Issue(edge);
        Assert.NotEqual(0, (await edge.CurlAsync(Host, edge.Folder["chain.pem"])).Code);

        var (code, output) = await CertificatesAsync(edge, "add", edge.Folder["chain.pem"], edge.Folder["key.pem"]);
        Assert.True(code == 0, output);
        Assert.Contains($"Certificate {Host} is stored as version 1", output, StringComparison.Ordinal);
        await WeirUp.EventuallyAsync(() => edge.CurlAsync(Host, edge.Folder["chain.pem"]), a => a.Code == 0, "the stored certificate");

        (code, output) = await CertificatesAsync(edge, "remove", Host);
        Assert.True(code == 0, output);
        await WeirUp.EventuallyAsync(() => edge.CurlAsync(Host, edge.Folder["chain.pem"]), a => a.Code != 0, "the end of the stored certificate");
    }

    private static Task<(int Code, string Output)> CertificatesAsync(TlsEdge edge, params string[] arguments) =>
        TlsEdge.RunAsync(TestKit.RepositoryRoot.Of("weir"), ["certificates", .. arguments, "--config", edge.Settings]);

    private static void Issue(TlsEdge edge)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(60));
        File.WriteAllText(edge.Folder["chain.pem"], certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(edge.Folder["key.pem"], key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
