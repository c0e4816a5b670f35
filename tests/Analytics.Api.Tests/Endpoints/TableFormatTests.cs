using System.Net;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>A table is the same in all of its forms, and other programs can read them.</summary>
[Collection(AnalyticsCollection.Name)]
public class TableFormatTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private async Task<string> SiteAsync()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, Noon) { HitId = 7 };
        await api.StoreAsync(
            hit with { Path = "/ä \"quoted\"\r\n,=1+1", UserAgent = "" },
            (hit with { HitId = 8, Path = "/b", Time = Noon.AddMilliseconds(1), Country = "DE", EdgeUs = 250 }).GptBot());
        return site;
    }

    private async Task<HttpResponseMessage> GetAsync(string url, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        return await api.Api.SendAsync(request);
    }

    [Fact]
    public async Task Json_lines_hold_each_row_once_with_the_columns_of_the_csv()
    {
        string site = await SiteAsync();

        using var response = await GetAsync($"/v1/sites/{site}/hits", "application/jsonl");

        Assert.Equal("application/jsonl", response.Content.Headers.ContentType?.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("", lines[^1]);
        var rows = lines[..^1].Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(["/b", "/ä \"quoted\"\r\n,=1+1"], rows.Select(r => r.Text("path")));
        Assert.Equal(("2026-03-10T12:00:00.001Z", 200, 0.25, "gptbot"), (rows[0].Text("time"), rows[0].Long("status"), rows[0].GetProperty("edge_ms").GetDouble(), rows[0].Text("crawler")));
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("user_agent").ValueKind);
        using var csv = await GetAsync($"/v1/sites/{site}/hits", "text/csv");
        Assert.Equal((await csv.Content.ReadAsStringAsync()).Split("\r\n")[0], string.Join(',', rows[0].EnumerateObject().Select(p => p.Name)));
    }

    [Fact]
    public async Task A_parquet_file_is_read_by_a_reader_that_is_not_ours()
    {
        string site = await SiteAsync();

        var file = await ReadParquetAsync($"/v1/sites/{site}/hits?format=parquet");

        Assert.Equal(("time", "TIMESTAMP", "OPTIONAL"), Column(file, 0));
        Assert.Equal([("status", "INTEGER"), ("duration_ms", "DOUBLE"), ("user_agent", "STRING")],
            new[] { 8, 10, 11 }.Select(i => (Column(file, i).Name, Column(file, i).Type)));
        var rows = file.GetProperty("rows");
        Assert.Equal(["/b", "/ä \"quoted\"\r\n,=1+1"], rows.EnumerateArray().Select(r => r.Text("path")));
        Assert.Equal(Noon.AddMilliseconds(1), rows[0].GetProperty("time").GetDateTimeOffset());
        Assert.Equal((200, 1.5, 0.25, "DE"), (rows[0].Long("status"), rows[0].GetProperty("duration_ms").GetDouble(), rows[0].GetProperty("edge_ms").GetDouble(), rows[0].Text("country")));
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("user_agent").ValueKind);
    }

    [Fact]
    public async Task An_empty_parquet_file_has_the_same_columns()
    {
        var full = await ReadParquetAsync($"/v1/sites/{await SiteAsync()}/crawlers?from=2026-03-10&to=2026-03-11&format=parquet");
        var empty = await ReadParquetAsync($"/v1/sites/{await api.NewSiteAsync()}/crawlers?from=2026-03-10&to=2026-03-11&format=parquet");

        Assert.Equal(1, full.GetProperty("rows").GetArrayLength());
        Assert.Equal(0, empty.GetProperty("rows").GetArrayLength());
        Assert.Equal(full.GetProperty("columns").GetRawText(), empty.GetProperty("columns").GetRawText());
    }

    [Theory]
    [InlineData("series?by=crawler", 24)]
    [InlineData("pages?", 2)]
    [InlineData("crawlers?", 1)]
    [InlineData("policy?", 0)]
    [InlineData("referrals?", 0)]
    [InlineData("robots?", 0)]
    public async Task Every_table_comes_in_every_form(string report, int rows)
    {
        string url = $"/v1/sites/{await SiteAsync()}/{report}&from=2026-03-10&to=2026-03-11";

        using var csv = await GetAsync($"{url}&format=csv");
        using var lines = await GetAsync($"{url}&format=jsonl");
        var parquet = await ReadParquetAsync($"{url}&format=parquet");

        Assert.Equal("attachment", csv.Content.Headers.ContentDisposition?.DispositionType);
        Assert.EndsWith(".jsonl", lines.Content.Headers.ContentDisposition?.FileName?.Trim('"'), StringComparison.Ordinal);
        Assert.Equal(rows, (await lines.Content.ReadAsStringAsync()).Count(c => c == '\n'));
        Assert.Equal(rows, parquet.GetProperty("rows").GetArrayLength());
    }

    [Theory]
    [InlineData("format=csv", "application/json", "text/csv")]
    [InlineData("format=", "application/jsonl", "application/jsonl")]
    [InlineData("", "*/*", "application/json")]
    [InlineData("", "text/html, */*;q=0.1", "application/json")]
    [InlineData("", "text/csv;q=0.5, application/vnd.apache.parquet", "application/vnd.apache.parquet")]
    [InlineData("", "application/json, text/csv", "application/json")]
    [InlineData("", "application/x-ndjson", "application/jsonl")]
    public async Task The_parameter_counts_before_what_is_accepted(string query, string accept, string type)
    {
        using var response = await GetAsync($"/v1/sites/{await SiteAsync()}/hits?{query}", accept);

        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("format=xlsx")]
    [InlineData("format=CSV")]
    [InlineData("format=csv&format=json")]
    public async Task An_unknown_format_is_refused_by_name(string query)
    {
        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{await SiteAsync()}/hits?{query}");

        Assert.Equal(400, status);
        Assert.Equal(["format"], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task An_export_goes_on_by_its_link_and_an_unchanged_one_is_not_sent_twice()
    {
        string site = await SiteAsync();
        using var first = await GetAsync($"/v1/sites/{site}/hits?limit=1&format=jsonl");
        string link = Assert.Single(first.Headers.GetValues("Link"));

        using var second = await GetAsync(link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/v1/sites/{site}/hits?limit=1&format=jsonl");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var same = await api.Api.SendAsync(again);

        Assert.Equal("/ä \"quoted\"\r\n,=1+1", JsonDocument.Parse(await second.Content.ReadAsStringAsync()).RootElement.Text("path"));
        Assert.False(second.Headers.Contains("Link"));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    private async Task<JsonElement> ReadParquetAsync(string url)
    {
        using var response = await GetAsync(url);
        Assert.Equal("application/vnd.apache.parquet", response.Content.Headers.ContentType?.MediaType);
        string scripts = Path.Combine(AppContext.BaseDirectory, "Endpoints", "node"), file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, await response.Content.ReadAsByteArrayAsync());
            var (code, output) = await NodePackages.RunAsync("node", ["read.mjs", await NodePackages.InstallAsync(scripts), file], scripts);
            Assert.True(code == 0, output);
            return JsonDocument.Parse(output).RootElement;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (string? Name, string? Type, string? Repetition) Column(JsonElement file, int index)
    {
        var column = file.GetProperty("columns")[index];
        return (column[0].GetString(), column[1].GetString(), column[2].GetString());
    }
}
