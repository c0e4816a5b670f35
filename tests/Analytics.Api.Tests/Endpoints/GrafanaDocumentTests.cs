using System.Text.RegularExpressions;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Analytics.Api.Tests.Support;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>What docs/grafana.md tells people to ask is what store and API answer.</summary>
[Collection(AnalyticsCollection.Name)]
public partial class GrafanaDocumentTests(AnalyticsFixture api)
{
    private static readonly string Document = File.ReadAllText(RepositoryRoot.Of("docs", "grafana.md"));

    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private async Task<string> SiteAsync()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(
            new TestHit(site, Noon) { HitId = 1 }.GptBot(), new TestHit(site, Noon.AddHours(1)) { HitId = 2 }.GptBot("spoofed"), new TestHit(site, Noon) { HitId = 3 });
        return site;
    }

    [Fact]
    public async Task Every_query_of_the_document_gives_rows()
    {
        string site = await SiteAsync();
        var queries = Block().Matches(Document).Where(m => m.Groups["kind"].Value == "sql").Select(m => m.Groups["text"].Value).ToList();
        Assert.Equal(3, queries.Count);
        foreach (string query in queries)
        {
            // As the plugin's documentation says that its macros read.
            string sql = Filter().Replace(Interval().Replace(query, "toStartOfInterval(toDateTime(${column}), INTERVAL 3600 second)"),
                "${column} >= toDateTime('2026-03-10 00:00:00', 'UTC') AND ${column} <= toDateTime('2026-03-11 00:00:00', 'UTC')").Replace("'shop'", $"'{site}'", StringComparison.Ordinal);
            using var reader = await api.Store.ExecuteReaderAsync(sql, new ClickHouseParameterCollection(), null, TestContext.Current.CancellationToken);
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken), query);
        }
    }

    [Fact]
    public async Task The_address_of_the_document_gives_a_table_with_a_time_first()
    {
        string site = await SiteAsync();
        string address = Block().Matches(Document).Single(m => m.Groups["kind"].Value == "url").Groups["text"].Value.Trim()
            .Replace("https://weir.example.com", "", StringComparison.Ordinal).Replace("/shop/", $"/{site}/", StringComparison.Ordinal)
            .Replace("${__from:date:iso}", "2026-03-10T00:00:00.000Z", StringComparison.Ordinal).Replace("${__to:date:iso}", "2026-03-11T00:00:00.000Z", StringComparison.Ordinal);

        string[] lines = (await api.Api.GetStringAsync(new Uri(address, UriKind.Relative))).Split("\r\n");

        Assert.Equal("hour,gptbot", lines[0]);
        Assert.Equal("2026-03-10T12:00:00.000Z,1", lines[13]);
    }

    [GeneratedRegex("^```(?<kind>[a-z-]+)\n(?<text>.*?)^```$", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\$__timeFilter\((?<column>\w+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Filter();

    [GeneratedRegex(@"\$__timeInterval\((?<column>\w+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Interval();
}
