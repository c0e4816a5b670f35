using System.Net;
using System.Text;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Protocols;

/// <summary>HTTP/2 requests that would mean something else once written as HTTP/1.1 (Kettle: HTTP/2: The Sequel is Always Worse, 2021; RFC 9113
/// sections 8.2, 8.3): none arrives at the origin, or what arrives can be read one way only.</summary>
public class Http2DowngradeTests
{
    private const byte Data = 0, Headers = 1, Reset = 3, GoAway = 7;

    /// <summary>Fields as <c>name=value</c>, separated by bars; a leading minus takes a usual one away. Then the body.</summary>
    public static TheoryData<string, string, bool> Requests => new()
    {
        { "", "", true },
        { "content-length=4", "1234", true },
        { "host=evil.example", "", true }, // :authority goes before it (section 8.3.1)
        { "content-length=0", "GPOST / HTTP/1.1\r\n", false }, // H2.CL
        { "content-length=100", "1234", false },
        { "content-length=4|content-length=5", "1234", false },
        { "content-length=4, 5", "1234", false },
        { "transfer-encoding=chunked", "0\r\n\r\nGET /hidden HTTP/1.1\r\n", false }, // H2.TE
        { "x=a\r\ntransfer-encoding: chunked", "0\r\n\r\n", false },
        { "x=a\ntransfer-encoding: chunked", "", false },
        { "x=a\rb", "", false },
        { "x=a\0b", "", false },
        { "x: y\r\nz=b", "", true },
        { "transfer-encoding: chunked\r\nx=b", "", true },
        { "X-Upper=b", "", false },
        { "=b", "", false },
        { "x y=b", "", true }, // a name that is no token is dropped
        { "connection=close", "", false },
        { "connection=transfer-encoding", "", false },
        { "keep-alive=5", "", true },
        { "proxy-connection=close", "", true }, // and so is what concerns one hop
        { "upgrade=h2c", "", true },
        { "te=gzip", "", false },
        { "-:method|:method=GET / HTTP/1.1\r\nX: y", "", false },
        { "-:method|:method=GET /hidden", "", false },
        { "-:method|:method=", "", false },
        { "-:method", "", false },
        { "-:path", "", false },
        { "-:path|:path=", "", false },
        { "-:path|:path=*", "", false },
        { "-:path|:path=hidden", "", false },
        { "-:path|:path=/ HTTP/1.1\r\nHost: evil.example\r\n", "", false },
        { "-:path|:path=/a b", "", false },
        { "-:path|:path=/a\u0001", "", false },
        { "-:path|:path=http://evil.example/", "", false },
        { "-:scheme", "", false },
        { "-:scheme|:scheme=http://evil.example/?", "", false },
        { "-:scheme|:scheme=https", "", false },
        { "-:authority|:authority=www.example.com\r\nX: y", "", false },
        { "-:authority|:authority=www.example.com/evil", "", false },
        { "-:authority|:authority=a@www.example.com", "", false },
        { "-:authority|:authority=www.example.com:80:80", "", false },
        { "-:authority", "", false },
        { ":path=/twice", "", false },
        { ":evil=1", "", false },
        { "x=b|:path=/late", "", false },
        { ":protocol=websocket", "", false }, // without CONNECT (RFC 8441 section 4)
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_that_would_change_its_meaning_in_HTTP_1_does_not_arrive(string fields, string body, bool passes)
    {
        using var origin = new StrictOrigin();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)],
            o => o with { Listen = [new ListenAddress(IPAddress.Loopback, 0, IsHttp2Only: true)] });
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, 0, "")
            + Frame(Headers, (byte)(body.Length == 0 ? 5 : 4), 1, Block(fields)) + (body.Length == 0 ? "" : Frame(Data, 1, 1, body)));
        await ReadToAnswerAsync(raw);

        Assert.Empty(origin.Faults);
        Assert.DoesNotContain(origin.Heads, h => h.Contains("hidden", StringComparison.OrdinalIgnoreCase) || h.Contains("evil", StringComparison.Ordinal));
        Assert.Equal(passes ? 1 : 0, origin.Heads.Count);
    }

    // Literals without indexing, never compressed (RFC 7541 section 6.2.2): every byte can be written.
    private static string Block(string fields)
    {
        var all = new List<(string Name, string Value)> { (":method", "POST"), (":path", "/a"), (":scheme", "http"), (":authority", "www.example.com") };
        foreach (string field in fields.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            if (field[0] == '-')
            {
                all.RemoveAll(f => f.Name == field[1..]);
                continue;
            }
            int at = field.IndexOf('=', StringComparison.Ordinal);
            // Pseudo-headers stand first, unless being late is what is tried.
            bool isEarly = field[0] == ':' && !field.Contains("late", StringComparison.Ordinal);
            all.Insert(isEarly ? 0 : all.Count, (field[..at], field[(at + 1)..]));
        }
        return string.Concat(all.Select(f => "\0" + Text(f.Name) + Text(f.Value)));
    }

    private static string Text(string text) => (char)text.Length + text;

    private static string Frame(byte type, byte flags, int stream, string payload) =>
        $"{(char)(payload.Length >> 16)}{(char)(payload.Length >> 8 & 255)}{(char)(payload.Length & 255)}{(char)type}{(char)flags}\0\0\0{(char)stream}{payload}";

    // To the end of the stream, whichever way it ends.
    private static async Task ReadToAnswerAsync(RawConnection raw)
    {
        while (await raw.ReadAsync(9) is { Length: 9 } head)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(head);
            await raw.ReadAsync((bytes[0] << 16) | (bytes[1] << 8) | bytes[2]);
            bool isEnd = bytes[3] is Data or Headers && (bytes[4] & 1) != 0;
            if (isEnd || bytes[3] is Reset or GoAway)
                return;
        }
    }
}
