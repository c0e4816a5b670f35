using Weir.Detection;
using System.Text;
using System.Text.Json;
using CsCheck;
using Weir.Detection.Lines;
using Weir.Detection.Signals;

namespace Weir.Tests.Lines;

public class LineClassifierTests
{
    [Fact]
    public void Each_line_gets_its_verdict_in_order()
    {
        var lines = Run(
            """
            {"ua":"GPTBot/1.2","ip":"20.125.66.81"}
            {"ua":"GPTBot/1.2","ip":"203.0.113.9","time":"2026-11-24T10:00:00Z"}
            {"ua":"GPTBot/1.2","ip":"203.0.113.9","time":1431900000000}
            {}
            {"headers":{"User-Agent":"curl/8.5.0","Accept":["*/*"]},"unknown":{"a":[1]},"ip":null}
            {"ua":"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0","path":"/a?utm_source=chatgpt.com","referrer":""}
            """, out _);

        Assert.Equal(["verified", "spoofed", "unverifiable", "not-claimed", "unverifiable", "not-claimed"], lines.Select(l => l.GetProperty("identity").GetString()));
        Assert.Equal(["gptbot", "gptbot", "gptbot", null, "curl", null], lines.Select(l => l.GetProperty("crawler").GetString()));
        Assert.Equal([true, true, true, true, true, false], lines.Select(l => l.GetProperty("automated").GetBoolean()));
        Assert.Equal("ai", lines[5].GetProperty("referral").GetString());
        Assert.Equal("chatgpt", lines[5].GetProperty("referralSource").GetString());
    }

    [Fact]
    public void The_members_of_a_line_are_promised()
    {
        var line = Run("""{"ua":"GPTBot/1.2","ip":"20.125.66.81"}""", out _)[0];

        Assert.Equal(
            """{"kind":"crawler","automated":true,"crawler":"gptbot","operator":"OpenAI","purpose":"ai-training","identity":"verified","identityMethod":"range","rangeList":"gptbot.json@2026-04-12T05:29:11Z","score":100,"confidence":0.99,"reasons":["crawler-token","automation-word","not-a-browser-form","in-range-list"],"referral":"none","referralSource":null}""",
            line.GetRawText());
    }

    [Fact]
    public void A_line_says_how_the_request_came()
    {
        const string library = "t13d181100_85036bcba153_d41ae481755e";
        var lines = Run(
            $$$"""
            {"ua":"{{{Requests.Chrome}}}","ja4":"{{{library}}}"}
            {"ua":"{{{Requests.Chrome}}}","ja4":null,"headers":{"Accept":"*/*"}}
            {"ua":"{{{Requests.Chrome}}}","tls":true,"httpVersion":"HTTP/1.1","headers":{"Accept":"*/*"}}
            {"ua":"{{{Requests.Chrome}}}","tls":false,"httpVersion":1.0,"headers":{"Accept":"*/*"}}
            {"headers":{"user-agent":"{{{Requests.Chrome}}}","accept-encoding":"gzip","accept":"*/*"}}
            """, out _);
        var reasons = lines.ConvertAll(l => l.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()).ToList());

        Assert.Contains("tls-contradicts", reasons[0]);
        Assert.DoesNotContain("client-hints-missing", reasons[1]);
        Assert.Contains("client-hints-missing", reasons[2]);
        Assert.Contains("http-version-contradicts", reasons[2]);
        Assert.Contains("old-http-version", reasons[3]);
        Assert.DoesNotContain("client-hints-missing", reasons[3]);
        Assert.Contains("header-order-odd", reasons[4]);
    }

    [Theory]
    [InlineData("{\"ja4\":\"x\"}", "'ja4' is no fingerprint")]
    [InlineData("{\"tls\":1}", "'tls' is neither true nor false")]
    [InlineData("{\"httpVersion\":4}", "'httpVersion' is no version of HTTP")]
    [InlineData("{\"httpVersion\":[]}", "'httpVersion' is no version of HTTP")]
    [InlineData("nonsense", "this is not JSON")]
    [InlineData("", "the line is empty")]
    [InlineData("[1]", "this is not a JSON object")]
    [InlineData("{\"ua\":1}", "'ua' is not a text")]
    [InlineData("{\"ip\":\"1.2.3\"}", "'ip' is not an address")]
    [InlineData("{\"time\":\"soon\"}", "'time' is not a time")]
    [InlineData("{\"headers\":[]}", "'headers' is not an object")]
    [InlineData("{\"status\":99}", "'status' is not an HTTP status")]
    [InlineData("{\"status\":\"200\"}", "'status' is not an HTTP status")]
    [InlineData("{\"status\":70000}", "'status' is not an HTTP status")]
    [InlineData("{\"ua\":\"\\ud800\"}", "a text is not UTF-8 or not Unicode")]
    [InlineData("{} {}", "this is not JSON")]
    [InlineData("{\"ua\":\"x\"", "this is not JSON")]
    public void A_bad_line_is_reported_in_its_place_and_the_rest_goes_on(string bad, string expected)
    {
        var lines = Run("{}\n" + bad + "\n{}\n", out var totals);

        Assert.Equal(3, lines.Count);
        Assert.StartsWith("line 2: " + expected, lines[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.True(lines[2].TryGetProperty("kind", out _));
        Assert.Equal(new LineTotals(3, 1), totals);
    }

    [Fact]
    public void The_thousandth_line_of_an_address_is_judged_as_the_first()
    {
        var lines = Run(string.Concat(Enumerable.Repeat($$"""{"ua":"{{Requests.Chrome}}","ip":"203.0.113.9"}""" + "\n", 3000)), out _);

        Assert.Single(lines.Select(l => l.GetRawText()).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void With_windows_a_line_is_judged_by_those_before_it_and_how_they_ended()
    {
        string text = string.Concat(Enumerable.Range(0, 20).Select(i =>
            $$"""{"ua":"{{Requests.Chrome}}","ip":"203.0.113.9","path":"/admin{{i}}","status":404,"contentType":"text/html","time":{{1_790_000_000_000 + (i * 500)}}}""" + "\n"));
        using var output = new MemoryStream();
        new LineClassifier(new Detector(Requests.Catalog, new ClientWindows(64)), 0).Run(new MemoryStream(Encoding.UTF8.GetBytes(text)), output);
        string[] lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.DoesNotContain("many-errors", lines[0], StringComparison.Ordinal);
        Assert.Contains("many-errors", lines[19], StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_longer_than_the_bound_is_passed_over_and_reported()
    {
        string big = "{\"ua\":\"" + new string('x', LineClassifier.MaxLineLength * 2) + "\"}";

        var lines = Run("{}\n" + big + "\n{\"ua\":\"curl/8\"}", out var totals);

        Assert.Equal(3, lines.Count);
        Assert.Contains("longer than", lines[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("curl", lines[2].GetProperty("crawler").GetString());
        Assert.Equal(1, totals.Bad);
    }

    [Fact]
    public void However_the_input_is_cut_into_reads_the_output_is_the_same()
    {
        string text = string.Concat(Enumerable.Range(0, 50).Select(i => $$"""{"ua":"Reader {{i}} é😀","ip":"203.0.113.{{i}}"}""" + "\r\n"));
        string whole = Output(new MemoryStream(Encoding.UTF8.GetBytes(text)));

        Gen.Int[1, 400].Sample(step => Output(new SlowStream(Encoding.UTF8.GetBytes(text), step)) == whole, iter: 30);
    }

    [Fact]
    public void Any_bytes_give_one_answer_a_line()
    {
        byte[][] pieces = ["{"u8.ToArray(), "\"ua\":"u8.ToArray(), "\"x\""u8.ToArray(), "\"headers\":{"u8.ToArray(), "\"Accept\":["u8.ToArray(), "null"u8.ToArray(),
            "}"u8.ToArray(), ","u8.ToArray(), "\n"u8.ToArray(), "\"\\ud800\""u8.ToArray(), [0xff], "\"ip\":"u8.ToArray(), "1e9"u8.ToArray()];
        Gen.OneOf(Generators.Pick(pieces), Gen.Byte.Array[0, 4]).Array[0, 25].Select(parts => parts.SelectMany(p => p).ToArray()).Sample(bytes =>
        {
            int expected = bytes.Count(b => b == (byte)'\n') + (bytes.Length > 0 && bytes[^1] != (byte)'\n' ? 1 : 0);
            return Output(new MemoryStream(bytes)).Count(c => c == '\n') == expected;
        });
    }

    private static string Output(Stream input)
    {
        using var output = new MemoryStream();
        new LineClassifier(Requests.Detector, Requests.Now.ToUnixTimeMilliseconds()).Run(input, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static List<JsonElement> Run(string text, out LineTotals totals)
    {
        using var output = new MemoryStream();
        totals = new LineClassifier(Requests.Detector, Requests.Now.ToUnixTimeMilliseconds()).Run(new MemoryStream(Encoding.UTF8.GetBytes(text)), output);
        return [.. Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    private sealed class SlowStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, step));
    }
}
