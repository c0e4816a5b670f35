using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Weir.TestKit;

namespace Weir.Delivery.Tests;

/// <summary>Mail through a real SMTP server.</summary>
public sealed class MailSenderTests : IDisposable
{
    private static readonly Message Hello = new("alert.firing", "Ärger: 40 % spoofed", "GPTBot\nsecond line ä", "{}");

    private readonly TemporaryFolder _folder = new();

    public MailSenderTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(_folder["cert.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder["key.pem"], key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SmtpSecurity.StartTls)]
    [InlineData(SmtpSecurity.Tls)]
    public async Task Mail_goes_encrypted_and_signed_in_to_every_address(SmtpSecurity security)
    {
        await using var server = await StartAsync(security == SmtpSecurity.Tls);
        var smtp = Smtp(server) with { Security = security };

        var result = await SendAsync(smtp, "ops@example.com,seo@example.org");

        Assert.Equal((250, ""), (result.Status, result.Error));
        var mail = await server.NextAsync();
        Assert.True(mail.GetProperty("secure").GetBoolean());
        Assert.Equal("weir", mail.GetProperty("user").GetString());
        Assert.Equal("weir@example.com", mail.GetProperty("from").GetString());
        Assert.Equal(["ops@example.com", "seo@example.org"], mail.GetProperty("to").EnumerateArray().Select(a => a.GetString()));
        var read = await MimeKit.MimeMessage.LoadAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(mail.GetProperty("text").GetString()!)));
        Assert.Equal(Hello.Title, read.Subject);
        Assert.Equal("msg_1@example.com", read.MessageId);
        Assert.Equal(Hello.Text, read.TextBody!.ReplaceLineEndings("\n").TrimEnd());
        Assert.Equal("auto-generated", read.Headers["Auto-Submitted"]);
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_it_and_may_be_mended()
    {
        await using var server = await StartAsync();
        var result = await SendAsync(Smtp(server) with { Password = "wr0ng" }, "ops@example.com");
        Assert.Equal(535, result.Status);
        Assert.False(result.IsFinal);
        Assert.DoesNotContain("wr0ng", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_gets_no_password()
    {
        await using var server = await StartAsync();
        var result = await SendAsync(Smtp(server) with { AuthorityFile = null }, "ops@example.com");
        Assert.Contains("certificate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_STARTTLS_gets_nothing_in_plain()
    {
        await using var server = await MailServer.StartAsync(new JsonObject { ["startTls"] = false });
        var result = await SendAsync(Smtp(server) with { User = null }, "ops@example.com");
        Assert.Contains("STARTTLS", result.Error, StringComparison.Ordinal);

        Assert.True((await SendAsync(Smtp(server) with { User = null, Security = SmtpSecurity.None }, "ops@example.com")).IsDelivered);
        Assert.False((await server.NextAsync()).GetProperty("secure").GetBoolean());
    }

    [Theory]
    [InlineData("unknown@example.com", 550, true)]
    [InlineData("busy@example.com", 451, false)]
    public async Task A_refusal_for_good_ends_it_and_one_for_now_does_not(string address, int status, bool isFinal)
    {
        await using var server = await StartAsync();
        var result = await SendAsync(Smtp(server), address);
        Assert.Equal((status, isFinal), (result.Status, result.IsFinal));
        Assert.DoesNotContain("not taken", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_server_and_a_dead_one_are_told_apart()
    {
        Assert.Contains("No mail server", (await SendAsync(null, "ops@example.com")).Error, StringComparison.Ordinal);
        var server = await StartAsync();
        var smtp = Smtp(server);
        await server.DisposeAsync();
        Assert.Contains("connected", (await SendAsync(smtp, "ops@example.com")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a@example.com", true)]
    [InlineData("a.b+c@sub.example.com", true)]
    [InlineData("a@example.com,b@example.com", false)]
    [InlineData("A <a@example.com>", false)]
    [InlineData("a@example.com\r\nBcc: b@example.com", false)]
    [InlineData("a", false)]
    [InlineData("@example.com", false)]
    [InlineData("", false)]
    public void An_address_is_one_bare_address(string text, bool isAddress) => Assert.Equal(isAddress, MailSender.IsAddress(text));

    private Task<MailServer> StartAsync(bool isSecure = false) => MailServer.StartAsync(new JsonObject
    {
        ["secure"] = isSecure,
        ["password"] = "s3cret",
        ["key"] = _folder["key.pem"],
        ["cert"] = _folder["cert.pem"],
    });

    private SmtpOptions Smtp(MailServer server) => new()
    {
        Host = "127.0.0.1",
        Port = server.Port,
        User = "weir",
        Password = "s3cret",
        From = "Weir <weir@example.com>",
        AuthorityFile = _folder["cert.pem"],
    };

    private static Task<AttemptResult> SendAsync(SmtpOptions? smtp, string addresses) =>
        new MailSender(new DeliveryOptions { Smtp = smtp }, TimeProvider.System).SendAsync("msg_1", addresses, Hello, TestContext.Current.CancellationToken);
}
