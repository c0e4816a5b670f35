using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class StoredCertificatesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_certificate_is_added_listed_replaced_and_removed()
    {
        Assert.Contains("holds no certificate", Run("list").Output);
        var (chain, key) = Write("a", "www.a.example *.a.example");
        Assert.StartsWith("Certificate www.a.example is stored as version 1: for www.a.example, *.a.example, until ", Run("add", chain, key).Output);
        Assert.StartsWith("Certificate other is stored as version 2", Run("add", chain, key, "--name", "other").Output);
        Assert.StartsWith("Certificate other is stored as version 3", Run("add", chain, key, "--name", "other").Output);

        Assert.Contains("www.a.example, *.a.example", Run("list").Output);
        var listed = JsonDocument.Parse(Run("list", "--json").Output).RootElement;
        Assert.Equal(["other", "www.a.example"], listed.EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        Assert.All(listed.EnumerateArray(), e => Assert.Equal(JsonValueKind.Null, e.GetProperty("problem").ValueKind));

        Assert.Equal("Certificate other is removed.\n", Run("remove", "other").Output);
        Assert.Contains("has no certificate 'other'", Refused("remove", "other"));
        Assert.Single(JsonDocument.Parse(Run("list", "--json").Output).RootElement.EnumerateArray());
    }

    [Fact]
    public void One_file_may_hold_both_and_its_key_is_sealed()
    {
        var (chain, key) = Write("a", "a.example");
        string both = _folder["both.pem"];
        File.WriteAllText(both, File.ReadAllText(key) + "a comment\n" + File.ReadAllText(chain));

        Run("add", both, both);

        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(Run("list", "--json").Output).RootElement[0].GetProperty("problem").ValueKind);
        foreach (string file in Directory.GetFiles(_folder["data"], "control.db*"))
            Assert.DoesNotContain("PRIVATE KEY", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)));
    }

    [Fact]
    public void What_no_edge_could_show_is_refused_with_its_mend()
    {
        var (chain, key) = Write("a", "a.example");
        var (_, other) = Write("b", "b.example");
        var (ended, endedKey) = Write("c", "c.example", toDays: -1);
        Assert.Contains("This is not the key of the first certificate in a.pem", Refused("add", chain, other));
        Assert.Contains("There is no certificate in the file", Refused("add", key, key));
        Assert.Contains("There is no such file", Refused("add", _folder["none.pem"], key));
        Assert.Contains("expired on", Refused("add", ended, endedKey));
        Assert.Contains("not a name for a certificate", Refused("add", chain, key, "--name", "a b"));
        Assert.Contains("holds no certificate", Run("list").Output);
        Assert.False(File.Exists(_folder["data/certificates.key"]));
    }

    [Fact]
    public void The_key_stands_where_the_settings_say_and_list_names_what_another_does_not_open()
    {
        File.WriteAllText(_folder["weir.json"], """{ "control": { "certificateKeyFile": "keys/our.key" } }""");
        var (chain, key) = Write("a", "a.example");
        Run("add", chain, key, "--config", _folder["weir.json"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["keys/our.key"]));

        Assert.Contains("there is no key file", JsonDocument.Parse(Run("list", "--json").Output).RootElement[0].GetProperty("problem").GetString());
        Assert.Equal(JsonValueKind.Null,
            JsonDocument.Parse(Run("list", "--json", "--config", _folder["weir.json"]).Output).RootElement[0].GetProperty("problem").ValueKind);
    }

    private (string Chain, string Key) Write(string file, string hosts, int toDays = 60)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts.Split(' '))
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-10), now.AddDays(toDays));
        File.WriteAllText(_folder[file + ".pem"], certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder[file + ".key"], key.ExportPkcs8PrivateKeyPem() + "\n");
        return (_folder[file + ".pem"], _folder[file + ".key"]);
    }

    private string Refused(params string[] arguments) => Assert.Throws<CommandException>(() => Run(arguments)).Message;

    private (string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, CertificatesCommand.Create().Parse([.. arguments, "--data", _folder["data"]]).Invoke(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
        }));
        return (output.ToString(), error.ToString());
    }
}
