using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>Every parameter of every endpoint, as the OpenAPI document lists them, wrong in turn: data or a problem that names it, never a fault, never SQL.</summary>
[Collection(AnalyticsCollection.Name)]
public class WrongParameterTests(AnalyticsFixture api)
{
    private const string Missing = "4242424242424242";

    // One of each way to be wrong.
    private static readonly string[] Wrong =
    [
        "", " ", "\0", "a\0b", "\u0001\u001b[31m", "a\r\nSet-Cookie: x=1", "'; DROP TABLE hits; --", "' OR 1=1 UNION SELECT text FROM robots_versions --", "{site:String}", "\\'", "\"",
        "-1", "0", "1.5", "1e9", "99999999999999999999", "NaN", "null", "true", "[]", "{}", "%", "*", "../../etc/passwd", "тест😀", "\uFFFD\uFFFF",
        "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30", "2026-01-01T00:00:00+99:00", "1969-12-31", "2106-01-01", new string('x', 5_000), new string('9', 300),
        // Cursors that are well made and hold what none of ours does.
        Cursor("""{"n":-1,"k":"","f":0,"u":1}"""), Cursor("""{"n":1,"k":null,"f":0,"u":1}"""), Cursor("""{"n":9223372036854775807,"k":"'\u0000","f":0,"u":1}"""),
        Cursor("""{"n":1,"k":"x","f":-9223372036854775808,"u":9223372036854775807}"""), Cursor("""{"t":9223372036854775807,"i":18446744073709551615}"""), Cursor("[]"), Cursor("{}"), Cursor("null"),
    ];

    private static readonly string[] Bodies =
        ["", "{", "[]", "null", "\"x\"", "1", "{\"a\":1}", "{\"name\":{}}", "{\"name\":\"\\u0000'; DROP TABLE keys; --\",\"name\":2}", new string('[', 2_000), "\0\0\0", "<urlset/>"];

    private sealed record Operation(HttpMethod Method, string Path, string[] InPath, string[] InQuery, bool HasBody)
    {
        public string Filled(string site, string? name = null, string value = "") => InPath.Aggregate(Path,
            (path, p) => path.Replace($"{{{p}}}", Uri.EscapeDataString(p == name ? value : p == "site" ? site : Missing), StringComparison.Ordinal));

        public override string ToString() => $"{Method} {Path}";
    }

    private async Task<List<Operation>> OperationsAsync()
    {
        var paths = (await api.Api.JsonAsync("/openapi/v1.json")).GetProperty("paths");
        return
        [
            .. from path in paths.EnumerateObject()
               where path.Name.StartsWith("/v1/", StringComparison.Ordinal)
               from operation in path.Value.EnumerateObject()
               let parameters = operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : []
               select new Operation(HttpMethod.Parse(operation.Name.ToUpperInvariant()), path.Name, Names(parameters, "path"), Names(parameters, "query"),
                   operation.Value.TryGetProperty("requestBody", out _)),
        ];

        static string[] Names(List<JsonElement> parameters, string place) => [.. parameters.Where(p => p.Text("in") == place).Select(p => p.Text("name")!)];
    }

    private async Task<(HttpClient Client, string Site)> SomebodyAsync()
    {
        string tenant = api.NewTenant(), site = await api.NewSiteAsync(tenant);
        await api.StoreAsync(new TestHit(site, TimeProvider.System.GetUtcNow()).GptBot());
        return (api.Client(await api.NewKeyAsync([.. Scopes.All], tenant)), site);
    }

    [Fact]
    public async Task Every_query_parameter_of_every_question_is_refused_by_name_or_answered()
    {
        var (client, site) = await SomebodyAsync();
        var questions = (await OperationsAsync()).Where(o => o.Method == HttpMethod.Get && o.Path != "/v1/live").ToList();
        Assert.True(questions.Count > 20, $"{questions.Count} endpoints are not all there are.");
        foreach (var operation in questions)
        {
            foreach (string name in operation.InQuery)
            {
                foreach (string value in Wrong)
                    await CheckAsync(client, operation, $"{operation.Filled(site)}?{name}={Uri.EscapeDataString(value)}", name);
                await CheckAsync(client, operation, $"{operation.Filled(site)}?{name}=1&{name}=2", name);
            }
        }
    }

    [Fact]
    public async Task Every_part_of_every_path_is_refused_or_answered()
    {
        var (client, site) = await SomebodyAsync();
        foreach (var operation in (await OperationsAsync()).Where(o => o.Path != "/v1/live"))
        {
            foreach (string name in operation.InPath)
            {
                // A path of dots is another path before it is sent, and an empty part another endpoint.
                foreach (string value in Wrong.Where(w => w.Length > 0 && !w.Contains("..", StringComparison.Ordinal)))
                    await CheckAsync(client, operation, operation.Filled(site, name, value), null);
            }
        }
    }

    [Fact]
    public async Task Every_body_of_no_sense_is_refused()
    {
        var (client, site) = await SomebodyAsync();
        foreach (var operation in (await OperationsAsync()).Where(o => o.HasBody))
        {
            foreach (string type in (string[])["application/json", "text/plain", "application/xml", "application/x-www-form-urlencoded"])
            {
                foreach (string body in Bodies)
                    await CheckAsync(client, operation, operation.Filled(site), null, body, type);
            }
        }
    }

    private async Task CheckAsync(HttpClient client, Operation operation, string url, string? name, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(operation.Method, new Uri(url, UriKind.Relative));
        if (operation.HasBody)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? "{"));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        string what = $"{operation.Method} {(url.Length > 300 ? url[..300] : url)} {body}";
        if (response.IsSuccessStatusCode)
            return;
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode is >= 400 and < 500, $"{what}: {(int)response.StatusCode} {text}\n{api.Log}");
        // What is no HTTP, or too long to be read, Kestrel refuses before anybody can word it.
        if (response.Content.Headers.ContentLength == 0 && response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestUriTooLong)
            return;
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{what}: {(int)response.StatusCode} {response.Content.Headers.ContentType} {text}");
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.False(string.IsNullOrEmpty(problem.Text("next")), what);
        foreach (string sign in (string[])["SELECT ", "DB::", "hits_hourly", "fromUnixTimestamp", "Npgsql", "SQLite", " at Weir."])
            Assert.False(text.Contains(sign, StringComparison.Ordinal) && !Uri.UnescapeDataString(url).Contains(sign, StringComparison.Ordinal), $"{what}: {text}");
        if (name is not null && response.StatusCode == HttpStatusCode.BadRequest)
        {
            var named = problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).ToList();
            // An end far off makes the beginning wrong as well.
            Assert.True(named.Contains(name) || (name == "to" && named.Contains("from")), $"{what}: names {string.Join(", ", named)}");
        }
    }

    private static string Cursor(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
