using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Commands;

namespace Weir.Tests.Settings;

public sealed class CheckCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-check").FullName;

    [Fact]
    public void A_good_file_is_ok_and_its_sites_are_shown()
    {
        var (code, output, error) = Run(Example("""{ "sites": [{ "id": "a", "hosts": ["a.example", "*.a.example"], "origins": "http://127.0.0.1:3000" }] }"""));

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("ok: 1 site\n  a: a.example, *.a.example -> http://127.0.0.1:3000\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_of_a_bad_file_is_shown_and_the_exit_code_is_1()
    {
        var (code, output, error) = Run(Example("{\n  \"listenn\": 1,\n  \"api\": 2\n}"));

        Assert.Equal((1, ""), (code, output));
        Assert.Equal(
            "weir.json:2:3 listenn: There is no setting 'listenn' here. Did you mean 'listen'?\n" +
            "weir.json:3:10 api: This is a number. Write a text in double quotes.\n", error);
    }

    [Fact]
    public void The_folder_of_site_files_is_read_too_and_conflicts_name_both_places()
    {
        string sites = Directory.CreateDirectory(Path.Combine(_folder, "sites.d")).FullName;
        File.WriteAllText(Path.Combine(sites, "b.json"), """{ "id": "b", "hosts": "b.example", "origins": "http://127.0.0.1:3000" }""");
        string config = Example("""{ "sitesFolder": "sites.d", "sites": [{ "id": "a", "hosts": "a.example", "origins": "http://127.0.0.1:3000" }] }""");

        var (code, output, error) = Run(config);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"ok: 2 sites: 1 site of the settings, 1 site of {sites}\n  a: a.example -> ", output, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(sites, "c.json"), """{ "id": "c", "hosts": ["c.example", "A.example"], "origins": "http://127.0.0.1:3000" }""");
        File.WriteAllText(Path.Combine(sites, "d.json"), "{ \"id\": \"d\" }");
        (code, output, error) = Run(config);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal(
            "sites.d/d.json:1:1 hosts: A site has no hosts. Write \"hosts\": [\"www.example.com\"], or [\"*\"] for any host.\n" +
            "sites.d/d.json:1:1 origins: A site has no origin. Write \"origins\": [\"http://127.0.0.1:3000\"]: where the website itself runs.\n" +
            "sites.d/c.json:1:37 hosts: The host 'a.example' is taken by the site 'a' at weir.json:1:47. A host belongs to one site: remove it from one of the two.\n", error);
    }

    [Fact]
    public void A_folder_of_site_files_that_is_not_there_is_an_error()
    {
        var (code, _, error) = Run(Example("""{ "sitesFolder": "nowhere" }"""));

        Assert.Equal(1, code);
        Assert.Contains("nowhere sitesFolder: The folder cannot be read", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", "198.51.100.9, 203.0.113.9, 10.0.0.7", "client address: 203.0.113.9 (10.0.0.1 is a trusted proxy")]
    [InlineData("192.0.2.1", "203.0.113.9", "client address: 192.0.2.1 (192.0.2.1 is no trusted proxy")]
    [InlineData("10.0.0.1", "garbage", "client address: 10.0.0.1 (10.0.0.1 is a trusted proxy, but names no readable address)")]
    public void The_client_address_that_would_be_believed_is_shown(string peer, string xff, string line)
    {
        var (code, output, _) = Run(Example("""{ "trustedProxies": ["10.0.0.0/8"] }"""), "--peer", peer, "--xff", xff);

        Assert.Equal(0, code);
        Assert.Contains(line, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_without_certificate_and_bad_certificates_are_named_when_the_edge_ends_TLS()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.example");
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(_folder, "good.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder, "bad.pem"), certificate.ExportCertificatePem());

        var (code, output, _) = Run(Example("""
            { "listen": "https://:8443", "certificates": { "folder": "." },
              "sites": [{ "id": "a", "hosts": ["a.example", "*.a.example", "127.0.0.1"], "origins": "http://127.0.0.1:3000" }] }
            """));

        Assert.Equal(0, code);
        Assert.Contains(
            $"certificates: 1 in {_folder}\n" +
            $"  warning: {_folder}/bad.pem: There is no private key. Put it beside the certificate as bad.key, or into the same file.\n" +
            "  warning: no certificate is for *.a.example of site a\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--peer", "nonsense")]
    [InlineData("--xff", "203.0.113.9")]
    [InlineData("--no-such-flag", "x")]
    public void Wrong_flags_are_errors_of_the_command_line(string flag, string value) =>
        Assert.NotEmpty(new RootCommand { CheckCommand.Create() }.Parse(["check", "weir.json", flag, value]).Errors);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = new RootCommand { CheckCommand.Create() }.Parse(["check", .. args]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private string Example(string json)
    {
        string file = Path.Combine(_folder, "weir.json");
        File.WriteAllText(file, json);
        return file;
    }
}
