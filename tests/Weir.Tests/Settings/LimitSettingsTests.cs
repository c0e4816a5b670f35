using System.Net;
using Weir.Control;
using Weir.Detection;
using Weir.TestKit;

namespace Weir.Tests.Settings;

public class LimitSettingsTests
{
    [Fact]
    public void A_limit_without_numbers_is_a_hundred_in_a_minute_for_each_client()
    {
        var site = SettingsText.Read("""
            { "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "limit": {}, "policy": [{ "name": "slow", "action": "limit" }] }] }
            """).Sites[0];

        Assert.Equal(new RequestLimit(100, 60, LimitScope.Client), site.Policy[0].Limit);
        Assert.Equal((new RequestLimit(100, 60), false, "site-limit", PolicyAction.Limit), (site.Limit!.Limit, site.Limit.IsEnforced, site.Limit.Name, site.Limit.Action));
    }

    [Fact]
    public void Redis_is_read_with_its_password_from_a_file_which_nothing_prints()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["redis.password"], "correct-horse\n");

        var redis = SettingsText.Read($$"""
            { "redis": { "hosts": ["Redis.example.com:6380", "10.0.0.5", "[2001:db8::5]:7000", "2001:db8::6"], "user": "weir", "passwordFile": "{{folder["redis.password"]}}",
              "tls": true, "database": 3, "keyPrefix": "edge:" } }
            """).SharedLimits!;

        Assert.Equal(
            [new DnsEndPoint("redis.example.com", 6380), IPEndPoint.Parse("10.0.0.5:6379"), IPEndPoint.Parse("[2001:db8::5]:7000"), IPEndPoint.Parse("[2001:db8::6]:6379")],
            redis.Servers);
        Assert.Equal(("weir", "correct-horse", true, 3, "edge:"), (redis.User, redis.Password, redis.IsTls, redis.Database, redis.KeyPrefix));
        Assert.DoesNotContain("correct", $"{redis}", StringComparison.Ordinal);
        Assert.Equal("env-secret", SettingsText.Read("""{ "redis": { "hosts": "redis" } }""", ("WEIR__REDIS__PASSWORD", "env-secret")).SharedLimits!.Password);
        Assert.Null(SettingsText.Read("{}").SharedLimits);
    }

    [Theory]
    [InlineData("""{ "redis": { "database": 1 } }""", "redis.hosts: A Redis is described without its host. Write \"hosts\": [\"127.0.0.1:6379\"], or leave redis out.")]
    [InlineData("""{ "redis": { "hosts": "redis:0" } }""", "redis.hosts: 'redis:0' is no host of Redis. Write a host and port, such as redis.example.com:6379 or [2001:db8::1]:6379.")]
    [InlineData("""{ "redis": { "hosts": "no host" } }""", "redis.hosts: 'no host' is no host of Redis.")]
    [InlineData("""{ "redis": { "hosts": "redis", "user": "weir" } }""", "redis.user: A user is named without a password.")]
    [InlineData("""{ "redis": { "hosts": "redis", "keyPrefix": "{a}" } }""", "redis.keyPrefix: This is no begin of keys.")]
    [InlineData("""{ "redis": { "hosts": "redis", "database": -1 } }""", "redis.database: -1 is out of range.")]
    [InlineData("""{ "redis": { "hosts": "redis", "passwordFile": "/nowhere/at/all" } }""", "redis.passwordFile: The password cannot be read from '/nowhere/at/all'.")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "limit": { "requests": 0 } }] }""", "sites[0].limit.requests: 0 is out of range. Write a number from 1 to 60000.")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "policy": [{ "name": "site-limit", "action": "block" }] }] }""", "policy[0].name: The name 'site-limit' is the site's own limit's. Choose another name.")]
    public void A_wrong_setting_is_named_with_its_mend(string json, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(json)), StringComparison.Ordinal);

    [Fact]
    public void A_password_in_a_url_is_not_repeated()
    {
        string error = Assert.Single(SettingsText.Errors("""{ "redis": { "hosts": "rediss://weir:correct-horse@redis.example:6379" } }"""));

        Assert.Contains("passwordFile", error, StringComparison.Ordinal);
        Assert.DoesNotContain("correct-horse", error, StringComparison.Ordinal);
    }
}
