using CsCheck;
using System.Net;
using Weir.Detection.Signals;
using Weir.Proxy.Connection;
using Weir.Settings;
using Weir.TestKit;

namespace Weir.Tests.Settings;

public class SettingsReaderTests
{
    [Fact]
    public void No_settings_at_all_give_the_defaults()
    {
        var settings = SettingsReader.Read(null, [], []);

        Assert.Equal([new ListenAddress(null, 8080)], settings.Listen);
        Assert.Equal(new ListenAddress(IPAddress.Loopback, 8090), settings.Api);
        Assert.Empty(settings.Sites);
        Assert.Null(settings.ClickHouse);
        Assert.Equal(10_000, settings.Edge.Limits.ConnectionsMax);
    }

    [Fact]
    public void The_example_is_valid_and_means_what_it_says()
    {
        string example = RepositoryRoot.Of("config", "weir.example.json");

        var settings = SettingsReader.Read(example, [], []);

        Assert.Equal(["example.com", "shops"], settings.Sites.Select(s => s.Id.Value));
        Assert.Equal(["http://10.0.0.21:8080/", "http://10.0.0.22:8080/"], settings.Sites[1].Origins.Select(o => o.Url.ToString()));
        Assert.Equal(104_857_600, settings.Sites[1].BodyBytesMax);
        Assert.Equal(2, settings.TrustedProxies.Count);
        Assert.Equal(new Proxy.EdgeLimits(), settings.Limits);
        Assert.Equal(RepositoryRoot.Of("config", "weir-data"), settings.Data);
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_a_flag_over_both()
    {
        const string Json = """{ "api": "127.0.0.1:1", "listen": ["127.0.0.1:2"], "limits": { "connectionsMax": 3 } }""";

        var settings = SettingsText.Read(
            Json, [("WEIR__API", "127.0.0.1:11"), ("WEIR__LIMITS__CONNECTIONSMAX", "33")], [SettingOverride.Flag("--api", "api", "127.0.0.1:111")]);

        Assert.Equal((111, 2, 33), (settings.Api.Port, settings.Listen[0].Port, settings.Limits.ConnectionsMax));
    }

    [Fact]
    public void The_environment_reaches_into_lists_and_objects_that_the_file_does_not_have()
    {
        var settings = SettingsText.Read(
            "{}", ("WEIR__SITES__0__ID", "a"), ("WEIR__SITES__0__HOSTS", "a.example, b.example"), ("WEIR__SITES__0__ORIGINS__0", "http://127.0.0.1:3000"),
            ("WEIR__SITES__0__PASSHOST", "false"), ("WEIR__TRUSTEDPROXIES", "10.0.0.0/8,192.0.2.7"), ("weir__clickhouse__url", "http://db:8123"));

        var site = Assert.Single(settings.Sites);
        Assert.Equal(["a.example", "b.example"], site.Hosts);
        Assert.False(site.PassHost);
        Assert.Equal(["10.0.0.0/8", "192.0.2.7/32"], settings.TrustedProxies.Select(p => p.ToString()));
        Assert.Equal("http://db:8123/", settings.ClickHouse?.Url.ToString());
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed_and_a_text_may_stand_for_a_list_of_one()
    {
        var settings = SettingsText.Read("""
            { // the edge
              "listen": "8081", /* everywhere */
              "trustedProxies": "10.0.0.0/8",
            }
            """);

        Assert.Equal([new ListenAddress(null, 8081)], settings.Listen);
    }

    [Fact]
    public void International_hosts_are_kept_in_the_form_that_clients_send()
    {
        var settings = SettingsText.Read("""{ "sites": [{ "id": "a", "hosts": ["Bücher.example.", "*.EXAMPLE.com"], "origins": ["http://127.0.0.1:3000"] }] }""");

        Assert.Equal(["xn--bcher-kva.example", "*.example.com"], settings.Sites[0].Hosts);
    }

    [Fact]
    public void Paths_in_the_file_are_relative_to_it_and_those_of_flags_are_not()
    {
        string folder = Directory.CreateTempSubdirectory("weir-settings").FullName;
        try
        {
            string file = Path.Combine(folder, "weir.json");
            File.WriteAllText(Path.Combine(folder, "secret"), "hunter2\n");
            File.WriteAllText(file, """{ "data": "kept", "clickhouse": { "url": "http://db:8123", "passwordFile": "secret" } }""");

            var fromFile = SettingsReader.Read(file, [], []);
            var fromFlag = SettingsReader.Read(file, [], [SettingOverride.Flag("--data", "data", "here")]);

            Assert.Equal((Path.Combine(folder, "kept"), "hunter2"), (fromFile.Data, fromFile.ClickHouse?.Password));
            Assert.Equal("here", fromFlag.Data);
            Assert.DoesNotContain("hunter2", fromFile.ClickHouse?.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_error_is_told_at_once_with_its_place_and_its_mend()
    {
        string[] errors = SettingsText.Errors("""
            {
              "listen": ["ftp://x"],
              "sitez": [],
              "sites": [
                { "id": "a", "hosts": ["a.example", "a.example:80"], "origins": ["127.0.0.1:3000"] },
                { "id": "a", "hosts": ["A.example"], "origins": ["http://127.0.0.1:3000/app"] },
                { "hosts": "b.example" }
              ],
              "trustedProxies": ["10.0.0.0/33", "10.0.0.1/8"],
              "limits": { "connectionsMax": 0, "headersMax": "many" }
            }
            """);

        Assert.Equal(
        [
            "weir.json:3:3 sitez: There is no setting 'sitez' here. Did you mean 'sites'?",
            "weir.json:10:50 limits.headersMax: This is a text. Write a whole number.",
            $"weir.json:2:14 listen[0]: 'ftp://x' is nothing to listen on. Write {ListenAddress.Rule}.",
            "weir.json:5:41 sites[0].hosts[1]: 'a.example:80' has a port, and a site answers on every port. Write the name alone, such as www.example.com.",
            "weir.json:5:70 sites[0].origins[0]: '127.0.0.1:3000' has no scheme. Write http:// or https:// before it, such as http://127.0.0.1:3000.",
            "weir.json:6:13 sites[1].id: The id 'a' is taken by the site at weir.json:5:13. Give each site its own id; one site may have many hosts.",
            "weir.json:6:28 sites[1].hosts[0]: The host 'a.example' is taken at weir.json:5:28. A host belongs to one site: remove it from the other.",
            "weir.json:6:54 sites[1].origins[0]: 'http://127.0.0.1:3000/app' has a path or query. Write http://127.0.0.1:3000 alone; rewrite.addPrefix puts a path before every request's.",
            "weir.json:7:5 sites[2].id: A site has no id. Write \"id\": \"example.com\", or any short name that stays.",
            "weir.json:7:5 sites[2].origins: A site has no origin. Write \"origins\": [\"http://127.0.0.1:3000\"]: where the website itself runs.",
            "weir.json:9:22 trustedProxies[0]: '10.0.0.0/33' is not a prefix. Write an address and a length, such as 203.0.113.0/24.",
            "weir.json:9:37 trustedProxies[1]: '10.0.0.1/8' is not a prefix. Write 10.0.0.0/8 if you mean the whole prefix, or 10.0.0.1 for the one address.",
            "weir.json:10:33 limits.connectionsMax: 0 is out of range. Write a number from 1 to 1000000.",
        ], errors);
    }

    [Theory]
    [InlineData("{ \"listen\": \"8080\"\n  \"api\": \"1\" }", "weir.json:2:3 A comma or a closing bracket is missing before this. Write a comma between two values.")]
    [InlineData("{ listen: 1 }", "weir.json:1:3 A name is expected here. Write names in double quotes, such as \"listen\".")]
    [InlineData("{ 'listen': 1 }", "weir.json:1:3 A name is expected here. Write names in double quotes, such as \"listen\".")]
    [InlineData("{ \"listen\" \"8080\" }", "weir.json:1:12 A colon is missing after a name. Write \"name\": value.")]
    [InlineData("{ \"listen\": abc }", "weir.json:1:13 A value is expected here. Write a text in double quotes, a number, true, false, […] or {…}.")]
    [InlineData("{ \"data\": \"ä\", \"listen\": [ }", "weir.json:1:28 A value is expected here. Write a text in double quotes, a number, true, false, […] or {…}.")]
    [InlineData("{", "weir.json:1:2 The file ends too early. Close every { with } and every [ with ]; the smallest file is {}.")]
    [InlineData("", "weir.json:1:1 The file ends too early. Close every { with } and every [ with ]; the smallest file is {}.")]
    [InlineData("{ \"data\": \"C:\\q\" }", "weir.json:1:15 A text holds a backslash that means nothing. Write two backslashes for one.")]
    [InlineData("{} {}", "weir.json:1:4 Something stands behind the end of the settings. Keep one { … } in the file.")]
    [InlineData("[]", "weir.json:1:1 The settings are not an object. Begin the file with { and end it with }.")]
    [InlineData("{ \"api\": \"1\", \"api\": \"2\" }", "weir.json:1:15 api: This stands here twice. Keep one of the two; the other is at weir.json:1:10.")]
    public void Broken_JSON_is_told_with_line_column_and_what_to_write(string json, string error) =>
        Assert.Equal([error], SettingsText.Errors(json));

    [Fact]
    public void A_missing_file_is_told()
    {
        var e = Assert.Throws<SettingsException>(() => SettingsReader.Read("nowhere/weir.json", [], []));

        Assert.Equal("nowhere/weir.json There is no such file. Name an existing file, or copy config/weir.example.json there.", e.Message);
    }

    [Fact]
    public void A_wrong_variable_is_named()
    {
        Assert.Equal(
            ["WEIR__CLICKHOSE__URL There is no setting 'CLICKHOSE' here. Did you mean 'clickhouse'?"],
            SettingsText.Errors("{}", ("WEIR__CLICKHOSE__URL", "x")));
        Assert.Equal(
            ["WEIR__LIMITS__HEADERSMAX limits.headersMax: lots is not a whole number. Write digits only."],
            SettingsText.Errors("{}", ("WEIR__LIMITS__HEADERSMAX", "lots")));
        Assert.Equal(
            ["WEIR__SITES__5__ID sites: '5' is no place in this list of 0. Write 0 to 0."],
            SettingsText.Errors("{}", ("WEIR__SITES__5__ID", "x")));
    }

    [Fact]
    public void No_error_repeats_a_password()
    {
        string[] errors = SettingsText.Errors("""
            { "clickhouse": { "url": "http://weir:hunter2@db:8123", "password": "hunter2", "passwordFile": "nowhere" },
              "sites": [{ "id": "a", "hosts": "*", "origins": "http://weir:hunter2@127.0.0.1:3000" }] }
            """);

        Assert.Equal(4, errors.Length);
        Assert.DoesNotContain(errors, e => e.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "content": { "sample": 1.5 } }""", "weir.json:1:26 content.sample: 1.5 is out of range. Write a number from 0 to 1.")]
    [InlineData("""{ "content": { "sample": "all" } }""", "weir.json:1:26 content.sample: This is a text. Write a number.")]
    [InlineData("""{ "content": { "queueMax": 0 } }""", "weir.json:1:28 content.queueMax: 0 is out of range. Write a number from 1 to 10000.")]
    public void A_wrong_bound_of_reading_pages_says_its_range(string json, string error) => Assert.Equal([error], SettingsText.Errors(json));

    [Fact]
    public void Reading_pages_is_bound_by_the_file_and_by_variables()
    {
        Assert.Equal(0.25, SettingsText.Read("""{ "content": { "sample": 0.25, "queueMax": 8 } }""").Edge.ContentSample);
        Assert.Equal(0.5, SettingsText.Read("{}", ("WEIR__CONTENT__SAMPLE", "0.5")).Edge.ContentSample);
        Assert.Equal(["WEIR__CONTENT__SAMPLE content.sample: a lot is not a number. Write digits and a point, such as 0.25."],
            SettingsText.Errors("{}", ("WEIR__CONTENT__SAMPLE", "a lot")));
    }

    [Fact]
    public void A_listener_behind_a_balancer_reads_its_PROXY_header() =>
        Assert.Equal([new ListenAddress(null, 443, IsHttps: true, HasProxyHeader: true)], SettingsText.Read(
            """{ "listen": "https://:443 proxy-protocol", "trustedProxies": "10.0.0.0/8", "certificates": { "folder": "certs" } }""").Listen);

    [Theory]
    [InlineData("""{ "listen": [":80", ":81 proxy-protocol"] }""",
        "weir.json:1:21 listen[1]: Nobody may send a PROXY header: there are no trusted proxies. Write the balancer's prefix into trustedProxies.")]
    [InlineData("""{ "api": ":8090 proxy-protocol" }""", "weir.json:1:10 api: The API reads no PROXY header. Write http://*:8090.")]
    public void A_PROXY_header_that_nobody_could_send_or_read_is_refused(string json, string error) => Assert.Equal([error], SettingsText.Errors(json));

    [Theory]
    [InlineData("\"http://127.0.0.1:8080\"", "is where the edge itself listens")]
    [InlineData("\"ftp://127.0.0.1\"", "has the scheme 'ftp'")]
    [InlineData("\"http://\"", "is not a URL")]
    [InlineData("\"http://127.0.0.1:99999\"", "is not a URL")]
    public void An_origin_that_cannot_work_is_refused(string origin, string what) =>
        Assert.Contains(what, Assert.Single(SettingsText.Errors($$"""{ "sites": [{ "id": "a", "hosts": "*", "origins": {{origin}} }] }""")), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "detection": { "behaviour": "seed" } }""", "weir.json:1:31 detection.behaviour: 'seed' is no rule of behaviour. Write weir or baseline.")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "honeypotPaths": ["trap"] }] }""",
        "weir.json:1:94 sites[0].honeypotPaths[0]: 'trap' is no path. Write a path of its own without query or star, such as /private/list.")]
    public void A_rule_or_trap_that_does_not_exist_is_refused(string json, string error) => Assert.Equal([error], SettingsText.Errors(json));

    [Fact]
    public void The_rule_of_behaviour_and_honeypots_are_read()
    {
        var settings = SettingsText.Read("""
            { "detection": { "behaviour": "baseline" },
              "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "honeypotPaths": "/trap" }] }
            """);

        Assert.Equal(BehaviourPreset.Baseline, settings.Behaviour);
        Assert.Equal(["/trap"], settings.Sites[0].HoneypotPaths);
        Assert.Equal(BehaviourPreset.Weir, SettingsText.Read("{}").Behaviour);
    }

    [Theory]
    [InlineData("https://a.example/", "is a URL or a path")]
    [InlineData("a.*.example", "has a star inside")]
    [InlineData("a b.example", "is not a host name")]
    [InlineData("a..example", "is not a host name")]
    [InlineData("", "is not a host name")]
    public void A_host_that_no_client_can_send_is_refused(string host, string what) =>
        Assert.Contains(what, SettingsText.Errors($$"""{ "sites": [{ "id": "a", "hosts": ["{{host}}"], "origins": "http://127.0.0.1:3000" }] }""")[0], StringComparison.Ordinal);

    [Fact]
    public void Random_bytes_give_an_error_or_settings_and_nothing_else() => Check.Sample(
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.OneOf([.. "{}[]\",:\\ \n01tfn/*sites"u8.ToArray()]).Array[0, 60]),
        bytes =>
        {
            try
            {
                SettingsReader.Read(bytes, "weir.json", [], []);
            }
            catch (SettingsException e)
            {
                Assert.NotEmpty(e.Errors);
            }
        }, iter: 2000);

    [Fact]
    public void Settings_of_10_000_sites_are_read()
    {
        string sites = string.Join(",", Enumerable.Range(0, 10_000).Select(i => $$"""{"id":"s{{i}}","hosts":["h{{i}}.example"],"origins":["http://127.0.0.1:3000"]}"""));

        Assert.Equal(10_000, SettingsText.Read($$"""{"sites":[{{sites}}]}""").Sites.Count);
    }
}
