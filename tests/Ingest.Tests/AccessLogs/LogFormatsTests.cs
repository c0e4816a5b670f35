using System.Text;
using CsCheck;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

public class LogFormatsTests
{
    public static readonly TheoryData<string, string[]> Samples = new()
    {
        { "combined", ["""1.2.3.4 - - [05/Jan/2026:12:00:59 +0000] "GET /p?q=1 HTTP/1.1" 200 512 "https://e.org/" "Bot/1 (a b)" """.Trim()] },
        { "common", ["""1.2.3.4 - - [05/Jan/2026:12:00:59 +0000] "GET /p?q=1 HTTP/1.1" 200 512"""] },
        {
            "nginx JSON",
            ["""{"time_iso8601":"2026-01-05T13:00:59+01:00","remote_addr":"1.2.3.4","request":"GET /p?q=1 HTTP/1.1","status":"200","body_bytes_sent":"512","http_referer":"https://e.org/","http_user_agent":"Bot\/1 (a b)","other":{"x":[1]}}"""]
        },
        {
            "nginx JSON",
            ["""{"msec":1767614459.000,"remote_addr":"1.2.3.4","request_method":"GET","uri":"/p","args":"q=1","server_protocol":"HTTP/1.1","status":200,"bytes_sent":512,"http_referer":"https://e.org/","http_user_agent":"Bot/1 (a b)","request_time":0.25}"""]
        },
        {
            "Caddy JSON",
            ["""{"level":"info","ts":1767614459.0,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"9.9.9.9","client_ip":"1.2.3.4","proto":"HTTP/1.1","method":"GET","host":"e.com:443","uri":"/p?q=1","headers":{"User-Agent":["Bot/1 (a b)"],"Accept":["*/*","x"],"Referer":["https://e.org/"]},"tls":{"version":772}},"bytes_read":0,"duration":0.25,"size":512,"status":200,"resp_headers":{"Server":["Caddy"]}}"""]
        },
        {
            "CloudFront",
            [
                "#Version: 1.0",
                "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query x-host-header cs-protocol time-taken cs-protocol-version",
                "2026-01-05\t12:00:59\tFRA2\t512\t1.2.3.4\tGET\td1.cloudfront.net\t/p\t200\thttps://e.org/\tBot/1%2520(a%20b)\tq=1\te.com\thttps\t0.25\tHTTP/1.1",
            ]
        },
        {
            "IIS W3C",
            [
                "#Software: Microsoft Internet Information Services 10.0",
                "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken sc-bytes cs-version",
                "2026-01-05 12:00:59 10.0.0.1 GET /p q=1 443 - 1.2.3.4 Bot/1+(a+b) https://e.org/ 200 0 0 250 512 HTTP/1.1",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Each_format_is_told_from_the_others_and_says_the_same(string name, string[] lines)
    {
        var format = LogFormats.Detect(Encoding.UTF8.GetBytes(string.Join("\r\n", lines)));
        Assert.Equal(name, format?.Name);
        var read = Assert.Single(ReadLine.All(format!, lines))!;
        bool isCommon = name == "common";
        Assert.Equal(
            (new DateTimeOffset(2026, 1, 5, 12, 0, 59, TimeSpan.Zero), "1.2.3.4", "GET", "/p", "q=1", 11, 200, 512ul, isCommon ? "" : "Bot/1 (a b)", isCommon ? "" : "https://e.org/"),
            (read.Time, read.Address, read.Method, read.Path, read.Query, read.Version, read.Status, read.Bytes, read.UserAgent, read.Referrer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("this is no log\nnor is this")]
    [InlineData("{\"a\":1}\n{\"b\":2}")]
    [InlineData("#Fields: date time\n2026-01-05 12:00:00")]
    public void What_is_no_log_has_no_format(string text) => Assert.Null(LogFormats.Detect(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_few_broken_lines_at_the_head_do_not_hide_the_format() => Assert.Equal("combined", LogFormats.Detect(Encoding.UTF8.GetBytes(
        "broken\nbroken again\n" + Samples.First().Data.Item2[0]))?.Name);

    [Fact]
    public void Columns_may_change_within_a_file() => Assert.Equal(
        ["/a", "/b"],
        ReadLine.All(new W3cLog(isCloudFront: false), "#Fields: date time cs-uri-stem", "2026-01-05 12:00:00 /a",
            "#Fields: cs-uri-stem date time", "/b 2026-01-05 12:00:00").Select(l => l!.Path));

    [Fact]
    public void Caddys_other_loggers_are_no_requests() =>
        Assert.Empty(ReadLine.All(new CaddyJsonLog(), """{"level":"info","ts":1767614459.0,"logger":"tls.obtain","msg":"acquiring lock"}"""));

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 400].Sample(bytes => ReadAll(bytes));

    [Fact]
    public void Lines_with_a_changed_byte_never_throw() =>
        Gen.Select(Gen.Int[0, Samples.Count - 1], Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 10_000]).Sample((sample, at, value, length) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', Samples.ElementAt(sample).Data.Item2));
            bytes[at % bytes.Length] = value;
            ReadAll(bytes[..(length % (bytes.Length + 1))]);
        }, iter: 5_000);

    private static void ReadAll(byte[] bytes)
    {
        var scratch = new LineScratch();
        LogFormat[] formats = [new CombinedLog(false), new CombinedLog(true), new NginxJsonLog(), new CaddyJsonLog(), new W3cLog(true), new W3cLog(false)];
        foreach (var format in formats)
        {
            foreach (var range in bytes.AsSpan().Split((byte)'\n'))
            {
                LogLine line = default;
                format.TryRead(bytes.AsSpan()[range], scratch, ref line);
            }
        }
        LogFormats.Detect(bytes);
    }
}
