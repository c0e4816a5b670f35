using System.Text.Json;
using CsCheck;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Whatever is asked, the answer is data or a problem that says what to do: never a fault, never SQL.</summary>
[Collection(AnalyticsCollection.Name)]
public class HostileTests(AnalyticsFixture api)
{
    private static readonly string[] Nasty =
    [
        "'", "\"", "\\", "\\'", "' OR 1=1 --", "{site:String}", "';DROP TABLE hits;--", "\0", "\n\n", "%00", "../../etc/passwd", "-1", "0", "1e9",
        "99999999999999999999", "2026-13-45", "9999-12-31T23:59:59Z", "0001-01-01", "2026-01-01T00:00:00+99:00", "NaN", "null", "true", "[]",
        "тест", "😀", "\uFFFF", "a\tb", "=1+1", "<script>", "UTC'", "Europe/Berlin", "crawler", "verified", "hour", "*", "%", "eyJ0IjowfQ",
        "eyJuIjotMSwiayI6bnVsbCwiZiI6MCwidSI6MX0", new string('x', 3000),
    ];

    private static readonly Gen<string> Value = Gen.OneOf(OneOf(Nasty), Gen.String[0, 40], Gen.Int.Select(i => $"{i}"),
        Gen.Select(OneOf(Nasty), OneOf(Nasty), (a, b) => a + b));

    private static Gen<T> OneOf<T>(T[] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    [Fact]
    public async Task No_parameter_makes_a_fault_or_shows_sql()
    {
        string site = await api.NewSiteAsync();
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()).GptBot());
        var reports = (await ReportsAsync()).ToArray();
        var requests = Gen.Select(
            OneOf(reports),
            Gen.Frequency((9, Gen.Const(site)), (1, Value.Where(v => v.Length is > 0 and < 200 && v.IndexOfAny(['/', '\0', '.']) < 0))),
            Value.Array[1, 4],
            Gen.Int[0, 1000]);

        await requests.SampleAsync(
            async (report, of, values, seed) =>
            {
                var query = values.Select((v, i) => $"{report.Parameters[(seed + i) % report.Parameters.Length]}={Uri.EscapeDataString(v)}");
                string url = $"{report.Path.Replace("{site}", Uri.EscapeDataString(of), StringComparison.Ordinal)}?{string.Join('&', query)}";
                using var response = await api.Api.GetAsync(new Uri(url, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
                int status = (int)response.StatusCode;
                if (status == 200)
                    return;
                string text = await response.Content.ReadAsStringAsync();
                Assert.True(status is >= 400 and < 500, $"{url}: {status} {text}\n{api.Log}");
                Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
                Assert.DoesNotContain("SELECT", text, StringComparison.Ordinal);
                Assert.DoesNotContain("DB::Exception", text, StringComparison.Ordinal);
                if (status == 400)
                    Assert.NotEmpty(JsonDocument.Parse(text).RootElement.GetProperty("errors").EnumerateObject());
            },
            iter: 300, threads: 2);
    }

    private async Task<IEnumerable<(string Path, string[] Parameters)>> ReportsAsync()
    {
        var paths = (await api.Api.JsonAsync("/openapi/v1.json")).GetProperty("paths");
        return from path in paths.EnumerateObject()
               where path.Name.StartsWith("/v1/", StringComparison.Ordinal) && path.Name != "/v1/live"
                   && path.Value.TryGetProperty("get", out var get) && get.TryGetProperty("parameters", out _)
               let parameters = path.Value.GetProperty("get").GetProperty("parameters").EnumerateArray()
                   .Where(p => p.Text("in") == "query").Select(p => p.Text("name")!).ToArray()
               where parameters.Length > 0
               select (path.Name.Replace("{id}", "1", StringComparison.Ordinal), parameters);
    }

    [Theory]
    [InlineData("summary?from=yesterday", "from")]
    [InlineData("summary?to=2026-02-30", "to")]
    [InlineData("summary?from=2026-01-02&to=2026-01-01", "from")]
    [InlineData("series?interval=fortnight", "interval")]
    [InlineData("series?by=colour", "by")]
    [InlineData("series?tz=Mars/Olympus", "tz")]
    [InlineData("crawlers?limit=0", "limit")]
    [InlineData("crawlers?cursor=abc", "cursor")]
    [InlineData("hits?kind=bot", "kind")]
    [InlineData("hits?identity=fake", "identity")]
    [InlineData("hits?status=abc", "status")]
    [InlineData("referrals?class=email", "class")]
    public async Task A_wrong_parameter_is_named(string report, string name)
    {
        var (status, problem) = await api.Api.RefusalAsync($"/v1/sites/{await api.NewSiteAsync()}/{report}");

        Assert.Equal(400, status);
        Assert.Equal([name], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task A_sign_in_that_is_no_json_is_refused_in_words()
    {
        using var nobody = api.Client(null);
        foreach (var (body, type) in new[] { ("{", "application/json"), ("key=x", "application/x-www-form-urlencoded"), ("[]", "application/json"), ("{\"key\":1}", "application/json") })
        {
            using var content = new StringContent(body, null, type);
            using var response = await nobody.PostAsync(new Uri("/session", UriKind.Relative), content);
            Assert.InRange((int)response.StatusCode, 400, 415);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }
}
