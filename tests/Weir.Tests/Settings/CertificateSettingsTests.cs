namespace Weir.Tests.Settings;

public class CertificateSettingsTests
{
    [Fact]
    public void An_https_listener_takes_its_certificates_from_a_folder()
    {
        var settings = SettingsText.Read("""{ "listen": ["https://:8443", ":8080"], "certificates": { "folder": "certs", "defaultHost": "WWW.example.com" } }""");

        Assert.True(settings.Edge.IsTlsUsed);
        Assert.Equal(Path.GetFullPath("certs"), settings.Edge.Certificates.Folder);
        Assert.Equal("www.example.com", settings.Edge.Certificates.DefaultHost);
    }

    [Fact]
    public void Without_a_folder_certificates_are_those_of_the_control_store_and_their_key_is_in_the_data_folder()
    {
        var settings = SettingsText.Read("""{ "listen": "https://:8443", "data": "kept" }""");

        Assert.True(settings.Edge is { IsTlsUsed: true, Certificates: { Folder: null, AllowsPrivateOcsp: false } });
        Assert.Equal(Path.GetFullPath("kept/certificates.key"), settings.CertificateKey.Path);
    }

    [Fact]
    public void The_key_of_stored_certificates_and_responders_in_private_networks_are_settings()
    {
        var settings = SettingsText.Read("""{ "certificates": { "privateOcsp": true }, "control": { "certificateKeyFile": "our.key" } }""");

        Assert.True(settings.Edge.Certificates.AllowsPrivateOcsp);
        Assert.Equal(Path.GetFullPath("our.key"), settings.CertificateKey.Path);
    }

    [Fact]
    public void A_site_may_ask_for_HTTPS_and_say_for_how_long()
    {
        var site = Assert.Single(SettingsText.Read("""
            { "listen": "https://:8443", "certificates": { "folder": "certs", "challengeFolder": "/var/www" }, "sites": [{ "id": "a", "hosts": "*",
              "origins": "http://127.0.0.1:3000", "redirectToHttps": true, "acmeToOrigin": true,
              "hsts": { "maxAgeSeconds": 31536000, "includeSubDomains": true, "preload": true } }] }
            """).Sites);

        Assert.True(site.RedirectToHttps && site.AcmeToOrigin);
        Assert.Equal("max-age=31536000; includeSubDomains; preload", site.StrictTransport?.HeaderValue);
    }

    [Theory]
    [InlineData("\"redirectToHttps\": true", "redirectToHttps: Nothing listens with HTTPS here.")]
    [InlineData("\"hsts\": {}", "hsts.maxAgeSeconds: For how long HTTPS alone may be used is missing.")]
    [InlineData("\"hsts\": { \"maxAgeSeconds\": 86400, \"preload\": true }", "hsts.preload: Browsers' lists would refuse this.")]
    public void A_site_that_could_not_be_reached_or_listed_is_refused(string setting, string error) =>
        Assert.Contains($"sites[0].{error}", Assert.Single(SettingsText.Errors(
            $$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", {{setting}} }] }""")), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "control": { "certificateKeyFile": " " } }""",
        "weir.json:1:38 control.certificateKeyFile: The file has no name. Write a path, such as /etc/weir/certificates.key.")]
    [InlineData("""{ "certificates": { "folder": " " } }""", "weir.json:1:31 certificates.folder: The folder has no name. Write a path, such as /etc/letsencrypt/live.")]
    [InlineData("""{ "certificates": { "defaultHost": "*.a.example" } }""",
        "weir.json:1:36 certificates.defaultHost: '*.a.example' stands for many hosts. Write one name, such as www.example.com.")]
    [InlineData("""{ "api": "https://:8090" }""",
        "weir.json:1:10 api: The API does not end TLS. Write http://*:8090, and reach it through an edge site or a proxy that does.")]
    public void What_is_wrong_about_certificates_is_told_with_its_mend(string json, string error) =>
        Assert.Equal([error], SettingsText.Errors(json));
}
