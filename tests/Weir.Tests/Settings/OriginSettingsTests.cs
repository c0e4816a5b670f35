using Weir.Control;
using Weir.Settings;

namespace Weir.Tests.Settings;

public class OriginSettingsTests
{
    [Fact]
    public void An_origin_may_be_a_URL_or_an_object_with_a_weight()
    {
        var site = Read("""  "origins": ["http://10.0.0.1:80", { "url": "https://b.example", "weight": 0 }, { "url": "h2c://c.example:9" }] """);

        Assert.Equal([("http://10.0.0.1/", 1), ("https://b.example/", 0), ("h2c://c.example:9/", 1)], site.Origins.Select(o => (o.Url.ToString(), o.Weight)));
    }

    [Fact]
    public void Everything_about_origins_is_read()
    {
        string pem = PemOf();
        var site = Read($$"""
            "origins": "http://10.0.0.1",
            "health": { "path": "/up?x", "host": "up.example:81", "intervalSeconds": 3, "timeoutSeconds": 2, "status": "204", "healthyAfter": 4, "unhealthyAfter": 5,
                        "gatewayErrors": true, "timeouts": false, "failuresMax": 6 },
            "sticky": true, "timeouts": { "firstByteSeconds": 7, "idleSeconds": 8 }, "privateOrigins": true, "originCa": {{System.Text.Json.JsonSerializer.Serialize(pem)}},
            "rewrite": { "host": "own.example", "stripPrefix": "/shop/", "addPrefix": "/v2" },
            "maintenance": { "message": "Soon.", "retryAfterSeconds": 9, "allow": ["192.0.2.0/24", "2001:db8::1"] }
            """);

        Assert.Equal(new OriginCheck
        {
            Path = "/up?x",
            Host = "up.example:81",
            Interval = TimeSpan.FromSeconds(3),
            Timeout = TimeSpan.FromSeconds(2),
            StatusMin = 204,
            StatusMax = 204,
            HealthyAfter = 4,
            UnhealthyAfter = 5,
        }, site.Health.Check);
        Assert.Equal((true, false, 6), (site.Health.CountsGatewayErrors, site.Health.CountsTimeouts, site.Health.FailuresMax));
        Assert.Equal((true, new OriginTimeouts(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8)), true, pem), (site.IsSticky, site.Timeouts!, site.AllowsPrivateOrigins, site.OriginCa!));
        Assert.Equal(new SiteRewrite { Host = "own.example", StripPrefix = "/shop", AddPrefix = "/v2" }, site.Rewrite);
        Assert.Equal(("Soon.", 9, 2), (site.Maintenance!.Message, site.Maintenance.RetryAfterSeconds, site.Maintenance.Allow.Count));
    }

    [Fact]
    public void Maintenance_may_be_said_in_one_word() =>
        Assert.Equal(new MaintenanceNotice().Message, Read(""" "origins": "http://10.0.0.1", "maintenance": true """).Maintenance!.Message);

    [Fact]
    public void Without_maintenance_the_site_is_served() =>
        Assert.Null(Read(""" "origins": "http://10.0.0.1", "maintenance": false """).Maintenance);

    [Theory]
    [InlineData(""" "origins": ["http://a.example", "http://A.example:80"] """, "stands at weir.json:1:", "Write it once")]
    [InlineData(""" "origins": [{ "url": "http://a.example", "weight": 0 }] """, "Every origin is drained", "maintenance")]
    [InlineData(""" "origins": [{ "url": "http://a.example", "weight": 101 }] """, "101 is out of range", "from 0 to 100")]
    [InlineData(""" "origins": [{ "weight": 1 }] """, "An origin has no URL", "\"url\"")]
    [InlineData(""" "origins": [{ "url": "http://a.example", "wieght": 2 }] """, "no setting 'wieght'", "'weight'")]
    [InlineData(""" "origins": [7] """, "This is a number", "an object")]
    [InlineData(""" "origins": "http://a.example/shop" """, "has a path or query", "rewrite.addPrefix")]
    [InlineData(""" "origins": "http://a", "health": { "status": "200" } """, "there is none without a path", "/health")]
    [InlineData(""" "origins": "http://a", "health": { "path": "health" } """, "is no path", "leading slash")]
    [InlineData(""" "origins": "http://a", "health": { "path": "/", "status": "2xx" } """, "no range of status codes", "200-399")]
    [InlineData(""" "origins": "http://a", "health": { "path": "/", "host": "a b" } """, "is no host", "shop.internal:8080")]
    [InlineData(""" "origins": "http://a", "rewrite": { "stripPrefix": "shop/*" } """, "is no beginning of paths", "/shop")]
    [InlineData(""" "origins": "http://a", "maintenance": "yes" """, "This is a text", "true or false, or an object")]
    [InlineData(""" "origins": "http://a", "maintenance": { "allow": ["10.0.0.0/33"] } """, "is not a prefix", "203.0.113.0/24")]
    [InlineData(""" "origins": "http://a", "originCa": "/no/such/file.pem" """, "The file cannot be read", "PEM file")]
    [InlineData(""" "origins": "http://a", "originCa": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" """, "cannot be read", "PEM")]
    [InlineData(""" "origins": "http://a", "timeouts": { "idleSeconds": 0 } """, "0 is out of range", "from 1 to")]
    public void What_is_wrong_is_named_with_its_place_and_mend(string written, string what, string mend)
    {
        string error = Assert.Single(SettingsText.Errors(Json(written)));

        Assert.StartsWith("weir.json:1:", error, StringComparison.Ordinal);
        Assert.Contains(what, error, StringComparison.Ordinal);
        Assert.Contains(mend, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_may_set_an_origin_or_what_is_said_of_it()
    {
        var given = SettingOverride.FromEnvironment(new Dictionary<string, string>
        {
            ["WEIR__SITES__0__ORIGINS__0__WEIGHT"] = "3",
            ["WEIR__SITES__0__ORIGINS__1"] = "http://b.example",
            ["WEIR__SITES__0__MAINTENANCE"] = "true",
        });
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(Json(""" "origins": ["http://a.example"] """));

        var site = SettingsReader.Read(utf8, "weir.json", given, []).Settings.Sites[0];

        Assert.Equal([("a.example", 3), ("b.example", 1)], site.Origins.Select(o => (o.Url.Host, o.Weight)).Order());
        Assert.NotNull(site.Maintenance);
    }

    private static Site Read(string written) =>
        SettingsReader.Read(System.Text.Encoding.UTF8.GetBytes(Json(written)), "weir.json", [], []).Settings.Sites[0];

    private static string Json(string written) => $$"""{ "sites": [{ "id": "a", "hosts": "a.example", {{written}} }] }""";

    private static string PemOf()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=own", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now, now.AddDays(1));
        return made.ExportCertificatePem();
    }
}
