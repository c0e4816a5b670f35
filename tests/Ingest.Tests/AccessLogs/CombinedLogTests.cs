using System.Text;
using CsCheck;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

public class CombinedLogTests
{
    private const string Plain = """83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a/b.png?x=1&y HTTP/1.1" 200 203023 "http://e.org/" "Mozilla/5.0 (X11)" """;

    [Fact]
    public void A_line_is_read() => Assert.Equal(
        new ReadLine(new DateTimeOffset(2015, 5, 17, 10, 5, 3, TimeSpan.Zero), "83.149.9.216", "GET", "", "/a/b.png", "x=1&y", 11, 200, 203023, 0,
            "Mozilla/5.0 (X11)", "http://e.org/"),
        Read(Plain.Trim()));

    [Theory]
    [InlineData("""::1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/2.0" 200 1 "-" "-" """, "::1", "/", "", "")]
    [InlineData("""1.2.3.4 - john doe [x] [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua" """, "1.2.3.4", "/", "", "ua")]
    [InlineData("""shop.example:443 1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua" """, "1.2.3.4", "/", "shop.example", "ua")]
    [InlineData("""client.example - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua" """, "", "/", "", "ua")]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET http://h.example:8080/p HTTP/1.1" 200 1 "-" "ua" """, "1.2.3.4", "/p", "h.example", "ua")]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-" """, "1.2.3.4", "", "", "")]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua" "203.0.113.1" 0.003""", "1.2.3.4", "/", "", "ua")]
    public void Variants_of_the_format_are_read(string line, string address, string path, string host, string userAgent)
    {
        var read = Read(line.Trim());
        Assert.Equal((address, path, host, userAgent), (read!.Address, read.Path, read.Host, read.UserAgent));
    }

    [Theory]
    [InlineData("""say \"hi\" \\ there""", "say \"hi\" \\ there")]
    [InlineData("""\x22nginx\x22 \x5C""", "\"nginx\" \\")]
    [InlineData("""tab\there""", "tab\there")]
    [InlineData("""\q \x2 \xzz""", """\q \x2 \xzz""")]
    [InlineData("""\xe4\xb8\xad""", "中")]
    [InlineData("""\xff""", "\ufffd")]
    public void Escapes_are_undone(string logged, string sent) =>
        Assert.Equal(sent, Read(Plain.Trim().Replace("Mozilla/5.0 (X11)", logged, StringComparison.Ordinal))!.UserAgent);

    [Theory]
    [InlineData("[17/May/2015:10:05:03 +0200]", "2015-05-17T08:05:03")]
    [InlineData("[01/Mar/2024:00:30:00 +0100]", "2024-02-29T23:30:00")]
    [InlineData("[31/Dec/2023:23:59:60 -0030]", "2024-01-01T00:30:00")]
    public void The_zone_counts(string time, string utc) =>
        Assert.Equal(utc, $"{Read(Plain.Trim().Replace("[17/May/2015:10:05:03 +0000]", time, StringComparison.Ordinal))!.Time:yyyy-MM-ddTHH:mm:ss}");

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "never closed""")]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" """)]
    [InlineData("""1.2.3.4 - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua" """)]
    [InlineData("""1.2.3.4 - - [17/Mai/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua" """)]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 2000 1 "-" "ua" """)]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 x "-" "ua" """)]
    [InlineData("""1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "ua\""")]
    public void A_broken_line_is_rejected(string line) => Assert.Null(Read(line.Trim()));

    [Fact]
    public void The_common_format_ends_before_the_referrer()
    {
        const string Line = """1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 17""";
        Assert.Equal(17ul, ReadLine.All(new CombinedLog(isCommon: true), Line)[0]!.Bytes);
        Assert.Null(ReadLine.All(new CombinedLog(isCommon: true), Plain)[0]);
        Assert.Null(Read(Line));
    }

    [Fact]
    public void What_a_server_writes_is_read_back() =>
        Gen.Select(Gen.String, Gen.String, Gen.String[Gen.Char['a', 'z'], 0, 20], Gen.UInt, Gen.Long[0, 4_000_000_000], Gen.Int[100, 599]).Sample(
            (userAgent, referrer, path, address, seconds, status) =>
            {
                var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
                string line = $"{Weir.Detection.ClientAddress.FromIPv4(address)} - - [{time:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /{path} HTTP/1.1\" {status} 5 "
                    + $"\"{Escape(referrer)}\" \"{Escape(userAgent)}\"";
                var read = Read(line)!;
                Assert.Equal(time, read.Time);
                Assert.Equal("/" + path, read.Path);
                Assert.Equal(status, read.Status);
                Assert.Equal(Sent(userAgent), read.UserAgent);
                Assert.Equal(Sent(referrer), read.Referrer);
            });

    private static ReadLine? Read(string line) => ReadLine.All(new CombinedLog(isCommon: false), line)[0];

    // As Apache does: quotes and backslashes by backslash, what is no printable ASCII by \xhh.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            escaped.Append(b is (byte)'"' or (byte)'\\' ? $"\\{(char)b}" : b is >= 0x20 and < 0x7F ? $"{(char)b}" : $"\\x{b:x2}");
        return escaped.ToString();
    }

    private static string Sent(string text) => text == "-" ? "" : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
