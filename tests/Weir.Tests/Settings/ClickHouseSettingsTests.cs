namespace Weir.Tests.Settings;

public class ClickHouseSettingsTests
{
    [Fact]
    public void Shards_name_the_servers_of_each_part()
    {
        var read = SettingsText.Read(
            """{ "clickhouse": { "user": "weir", "database": "crawls", "shards": [{ "urls": ["http://a1:8123", "http://a2:8123"] }, { "urls": "https://b1:8443" }] } }""").ClickHouse!;

        Assert.Equal("http://a1:8123/ and 2 more (user weir, database crawls, 2 shards)", read.ToString());
        Assert.Equal(("crawls_shard", new Uri("http://a1:8123"), new Uri("http://a2:8123")), (read.Shards[0].Database, read.Shards[0].Url, Assert.Single(read.Shards[0].Others)));
        Assert.Equal(new Uri("https://b1:8443"), read.Shards[1].Url);
    }

    [Theory]
    [InlineData("""{ "clickhouse": { "url": "http://a:8123", "shards": [{ "urls": "http://b:8123" }] } }""", "clickhouse.url: Both url and shards are given.")]
    [InlineData("""{ "clickhouse": { "shards": [{ "urls": [] }] } }""", "clickhouse.shards[0].urls: A shard has 0 servers.")]
    [InlineData("""{ "clickhouse": { "shards": [{ "urls": "a:8123" }] } }""", "clickhouse.shards[0].urls: 'a:8123' is no http or https URL.")]
    [InlineData("""{ "clickhouse": { "shards": [{ "urls": "http://a:8123" }, { "urls": ["http://a:8123"] }] } }""", "clickhouse.shards[1].urls[0]: 'http://a:8123' is named twice.")]
    [InlineData("""{ "clickhouse": { "shards": [{ "urls": "http://weir:secret@a:8123" }] } }""", "A URL with a password in it ends up in logs.")]
    public void A_wrong_setting_is_named_with_its_mend(string json, string error) =>
        Assert.Contains(error, Assert.Single(SettingsText.Errors(json)), StringComparison.Ordinal);
}
