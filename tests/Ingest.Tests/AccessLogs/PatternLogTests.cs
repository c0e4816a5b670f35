using System.Globalization;
using CsCheck;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

public class PatternLogTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 5, 12, 0, 59, TimeSpan.Zero);

    [Theory]
    [InlineData("""$remote_addr|$time_iso8601|$request|$status|$body_bytes_sent|$http_referer|$http_user_agent""",
        """1.2.3.4|2026-01-05T12:00:59+00:00|GET /p?q=1 HTTP/1.1|200|512|https://e.org/|Bot/1 (a b)""")]
    [InlineData("""[$time_local] "$request_method $uri $server_protocol" ?$args [$status] ${remote_addr} up=$upstream_addr b=$bytes_sent "$http_user_agent" "$http_referer" """,
        """[05/Jan/2026:12:00:59 +0000] "GET /p HTTP/1.1" ?q=1 [200] 1.2.3.4 up=10.0.0.1:80 b=512 "Bot/1 (a b)" "https://e.org/" """)]
    [InlineData("""%v %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D""",
        """h.example 1.2.3.4 - - [05/Jan/2026:12:00:59 +0000] "GET /p?q=1 HTTP/1.1" 200 512 "https://e.org/" "Bot/1 (a b)" 1234""")]
    public void Lines_are_read_as_their_pattern_says(string pattern, string line)
    {
        var read = ReadLine.All(PatternLog.Of(pattern.Trim()), line.Trim())[0]!;
        Assert.Equal((Time, "1.2.3.4", "GET", "/p", "q=1", 11, 200, 512ul, "Bot/1 (a b)", "https://e.org/"),
            (read.Time, read.Address, read.Method, read.Path, read.Query, read.Version, read.Status, read.Bytes, read.UserAgent, read.Referrer));
    }

    [Theory]
    [InlineData("$remote_addr $request $status", "a time")]
    [InlineData("$time_local $status", "a request")]
    [InlineData("%t %r", "a status")]
    [InlineData("$time_local$status $request", "nothing stands between")]
    [InlineData("", "lacks a time")]
    public void A_pattern_that_cannot_do_is_refused_by_what_it_lacks(string pattern, string says) =>
        Assert.Contains(says, Assert.Throws<ImportException>(() => PatternLog.Of(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_quote_in_a_text_does_not_end_it()
    {
        var read = ReadLine.All(PatternLog.Of("""$time_iso8601 "$http_user_agent" "$request" $status"""),
            """2026-01-05T12:00:59Z "say \"hi\" \x22" "GET / HTTP/1.1" 200""")[0];
        Assert.Equal("say \"hi\" \"", read?.UserAgent);
    }

    [Fact]
    public void Random_lines_never_throw() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 2]).Sample((bytes, which) =>
    {
        string[] patterns = ["$time_local $request $status", "[$msec] \"$request\" $status \"$http_user_agent\"", "%t %r %s"];
        LogLine line = default;
        PatternLog.Of(patterns[which]).TryRead(bytes, new LineScratch(), ref line);
        byte[] nearly = [.. System.Text.Encoding.ASCII.GetBytes(Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)), .. bytes];
        PatternLog.Of("$msec $request $status").TryRead(nearly, new LineScratch(), ref line);
    });
}
