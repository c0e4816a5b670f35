using Weir.TestKit;

namespace Weir.Tests.Settings;

public sealed class OidcSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_provider_is_read_with_its_secret_from_a_file()
    {
        string file = Path.Combine(_folder.Path, "secret");
        File.WriteAllText(file, "a secret\n");

        var oidc = SettingsText.Read($$"""
            { "oidc": { "authority": "https://id.example.com/realms/main", "clientId": "weir", "clientSecretFile": "{{file}}",
              "publicUrl": "https://weir.example.com", "trustEmails": true }, "audit": { "retentionDays": 30 } }
            """).Analytics;

        Assert.Equal(("https://id.example.com/realms/main", "weir", "a secret", "https://weir.example.com/", true),
            (oidc.Oidc!.Authority.ToString(), oidc.Oidc.ClientId, oidc.Oidc.ClientSecret, oidc.Oidc.PublicUrl!.ToString(), oidc.Oidc.TrustsEmails));
        Assert.DoesNotContain("a secret", oidc.Oidc.ToString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromDays(30), oidc.AuditLife);
    }

    [Fact]
    public void Without_a_provider_there_is_none() => Assert.Null(SettingsText.Read("{}").Analytics.Oidc);

    [Theory]
    [InlineData(""" "clientId": "weir" """, "oidc.authority", "without its address")]
    [InlineData(""" "authority": "https://id.example.com" """, "oidc.clientId", "calls this installation")]
    [InlineData(""" "authority": "http://id.example.com", "clientId": "weir" """, "oidc.authority", "https")]
    [InlineData(""" "authority": "id.example.com", "clientId": "weir" """, "oidc.authority", "https")]
    [InlineData(""" "authority": "https://id.example.com", "clientId": "weir", "publicUrl": "https://weir.example.com/weir" """, "oidc.publicUrl", "without a path")]
    [InlineData(""" "authority": "https://id.example.com", "clientId": "weir", "clientSecret": "a", "clientSecretFile": "/no/such" """, "oidc.clientSecretFile", "Keep one")]
    public void What_cannot_work_is_named(string oidc, string path, string says)
    {
        Assert.Contains(SettingsText.Errors($"{{ \"oidc\": {{ {oidc} }} }}"), e => e.Contains(path, StringComparison.Ordinal) && e.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_provider_of_this_machine_needs_no_tls() =>
        Assert.NotNull(SettingsText.Read("""{ "oidc": { "authority": "http://127.0.0.1:9000", "clientId": "weir" } }""").Analytics.Oidc);
}
