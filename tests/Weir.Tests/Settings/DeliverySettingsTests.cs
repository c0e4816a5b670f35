using Weir.Delivery;
using Weir.TestKit;

namespace Weir.Tests.Settings;

public class DeliverySettingsTests
{
    [Fact]
    public void Without_settings_no_mail_is_sent_and_only_public_https_is_reached()
    {
        var delivery = SettingsText.Read("{}").Delivery;
        Assert.Equal((false, false, null), (delivery.AllowsPrivateTargets, delivery.AllowsHttp, delivery.Smtp));
    }

    [Fact]
    public void A_mail_server_is_read_and_its_password_printed_nowhere()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["pw"], "s3cret\n");
        var smtp = SettingsText.Read($$"""{ "smtp": { "host": "mail.example.com", "security": "tls", "user": "weir", "passwordFile": "{{folder["pw"]}}", "from": "Weir <weir@example.com>" } }""").Delivery.Smtp!;
        Assert.Equal(("mail.example.com", 465, SmtpSecurity.Tls, "weir", "s3cret"), (smtp.Host, smtp.Port, smtp.Security, smtp.User, smtp.Password));
        Assert.DoesNotContain("s3cret", smtp.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "from": "weir@example.com" }""", "smtp.host")]
    [InlineData("""{ "host": "https://mail.example.com", "from": "weir@example.com" }""", "smtp.host")]
    [InlineData("""{ "host": "mail.example.com" }""", "smtp.from")]
    [InlineData("""{ "host": "mail.example.com", "from": "weir" }""", "smtp.from")]
    [InlineData("""{ "host": "mail.example.com", "from": "weir@example.com", "port": 0 }""", "smtp.port")]
    [InlineData("""{ "host": "mail.example.com", "from": "weir@example.com", "security": "ssl" }""", "smtp.security")]
    [InlineData("""{ "host": "mail.example.com", "from": "weir@example.com", "password": "s3cret" }""", "smtp.user")]
    [InlineData("""{ "host": "mail.example.com", "from": "weir@example.com", "passwordFile": "/none/such" }""", "smtp.passwordFile")]
    [InlineData("""{ "host": "mail.example.com", "from": "weir@example.com", "authorityFile": "/none/such" }""", "smtp.authorityFile")]
    public void What_is_wrong_is_named(string smtp, string path)
    {
        string error = Assert.Single(SettingsText.Errors($$"""{ "smtp": {{smtp}} }"""));
        Assert.Contains(path, error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error, StringComparison.Ordinal);
    }
}
