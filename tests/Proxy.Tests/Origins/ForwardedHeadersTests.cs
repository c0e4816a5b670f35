using System.Net;
using CsCheck;
using Weir.Control;
using Weir.Proxy.Connection;

namespace Weir.Proxy.Tests.Origins;

/// <summary>What the origin is told of who asked, and how.</summary>
public class ForwardedHeadersTests
{
    private const string Host = "www.example.com";

    [Theory]
    // One hop, as most balancers write it.
    [InlineData("X-Forwarded-For: 203.0.113.9", "203.0.113.9, 127.0.0.1", "http", Host, "80", "203.0.113.9")]
    [InlineData("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https", "203.0.113.9, 127.0.0.1", "https", Host, "443", "203.0.113.9")]
    [InlineData("X-Forwarded-For: [2001:4860::8]:4711", "2001:4860::8, 127.0.0.1", "http", Host, "80", "2001:4860::8")]
    // What the client wrote stands on the left, and goes; several lines are one list.
    [InlineData("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.9, 127.0.0.2", "203.0.113.9, 127.0.0.2, 127.0.0.1", "http", Host, "80", "203.0.113.9")]
    [InlineData("X-Forwarded-For: <script>, 203.0.113.9", "203.0.113.9, 127.0.0.1", "http", Host, "80", "203.0.113.9")]
    [InlineData("X-Forwarded-For: 6.6.6.6, unknown", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-For:", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    // The nearest proxy's word on the scheme, where it is one.
    [InlineData("X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto: http, HTTPS", "127.0.0.1", "https", Host, "443", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto: wss", "127.0.0.1", "https", Host, "443", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto: gopher", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto: https;x=\"", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto: https,", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    // Host and port.
    [InlineData("X-Forwarded-Host: evil.example, shop.example:8443\r\nX-Forwarded-Proto: https", "127.0.0.1", "https", "shop.example:8443", "8443", "127.0.0.1")]
    [InlineData("X-Forwarded-Host: [2001:db8::7]", "127.0.0.1", "http", "[2001:db8::7]", "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Host: a/b", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Host: a@b", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Port: 1, 8443", "127.0.0.1", "http", Host, "8443", "127.0.0.1")]
    [InlineData("X-Forwarded-Port: 0", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Port: 99999", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    [InlineData("X-Forwarded-Port: +443", "127.0.0.1", "http", Host, "80", "127.0.0.1")]
    // Forwarded, where no X-Forwarded-For says otherwise.
    [InlineData("Forwarded: for=6.6.6.6, for=\"[2001:4860::8]:4711\";proto=https;host=\"shop.example:8443\"", "2001:4860::8, 127.0.0.1", "https", "shop.example:8443", "8443", "2001:4860::8")]
    [InlineData("Forwarded: for=_hidden;proto=https", "127.0.0.1", "https", Host, "443", "127.0.0.1")]
    [InlineData("Forwarded: for=203.0.113.9;host=\"a\\\"b\"", "203.0.113.9, 127.0.0.1", "http", Host, "80", "203.0.113.9")]
    [InlineData("Forwarded: for=203.0.113.9;proto=ftp", "203.0.113.9, 127.0.0.1", "http", Host, "80", "203.0.113.9")]
    [InlineData("X-Forwarded-For: 203.0.113.9\r\nForwarded: for=6.6.6.6;proto=https;host=evil.example", "203.0.113.9, 127.0.0.1", "http", Host, "80", "203.0.113.9")]
    public async Task A_trusted_proxy_is_believed_as_far_as_it_makes_sense(string sent, string chain, string proto, string host, string port, string client)
    {
        var told = await ArriveAsync(sent, isTrusted: true);

        Assert.Equal((chain, proto, host, port, client),
            (told["X-Forwarded-For"], told["X-Forwarded-Proto"], told["X-Forwarded-Host"], told["X-Forwarded-Port"], told["X-Real-IP"]));
        Assert.DoesNotContain("Forwarded", told.Keys);
    }

    [Theory]
    [InlineData("", $"for=127.0.0.1;host={Host};proto=http")]
    [InlineData("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.2\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example:8443",
        $"for=203.0.113.9;host=\"shop.example:8443\";proto=https, for=127.0.0.2, for=127.0.0.1;host={Host};proto=http")]
    [InlineData("Forwarded: for=6.6.6.6, for=\"[2001:4860::8]:_port\";proto=https;by=_me",
        $"for=\"[2001:4860::8]\";host={Host};proto=https, for=127.0.0.1;host={Host};proto=http")]
    [InlineData("Forwarded: for=6.6.6.6, for=_SEVKISEK, for=127.0.0.2",
        $"for=_SEVKISEK;host={Host};proto=http, for=127.0.0.2, for=127.0.0.1;host={Host};proto=http")]
    [InlineData("X-Forwarded-For: unknown", $"for=unknown;host={Host};proto=http, for=127.0.0.1;host={Host};proto=http")]
    [InlineData("Forwarded: for=\"_a, for=6.6.6.6", $"for=127.0.0.1;host={Host};proto=http")]
    [InlineData("Forwarded: for=203.0.113.9;for=6.6.6.6", $"for=127.0.0.1;host={Host};proto=http")]
    public async Task Forwarded_is_written_by_hops_with_the_clients_own_first(string sent, string expected)
    {
        var both = await ArriveAsync(sent, isTrusted: true, ForwardedStyle.Both);
        var alone = await ArriveAsync(sent, isTrusted: true, ForwardedStyle.Forwarded);

        Assert.Equal((expected, expected), (both["Forwarded"], alone["Forwarded"]));
        Assert.Contains("X-Forwarded-For", both.Keys);
        Assert.DoesNotContain(alone.Keys, k => k.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("X-Real-IP", alone.Keys);
    }

    [Fact]
    public async Task From_a_stranger_nothing_survives_in_any_style()
    {
        const string Sent = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: 6.6.6.6\r\nX-Forwarded-Host: 6.6.6.6\r\nX-Forwarded-Port: 666\r\nForwarded: for=6.6.6.6\r\n"
            + "X-Forwarded-Prefix: /6.6.6.6\r\nX-Forwarded-Ssl: on6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Original-Forwarded-For: 6.6.6.6\r\nFly-Client-IP: 6.6.6.6\r\n"
            + "X-Envoy-External-Address: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nFront-End-Https: 6.6.6.6\r\nX-Url-Scheme: 6.6.6.6";
        foreach (var style in Enum.GetValues<ForwardedStyle>())
        {
            var told = await ArriveAsync(Sent, isTrusted: false, style);

            Assert.DoesNotContain(told.Values, v => v == "666" || v.Contains("6.6.6.6", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Where_trusted_proxies_write_Forwarded_alone_the_others_may_be_the_clients_and_go()
    {
        var told = await ArriveAsync(
            "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: ftp\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 666\r\nX-Forwarded-Prefix: /evil\r\nForwarded: for=203.0.113.9;proto=https",
            isTrusted: true, header: ForwardedHeader.Forwarded);

        Assert.Equal(("203.0.113.9, 127.0.0.1", "https", Host, "443"), (told["X-Forwarded-For"], told["X-Forwarded-Proto"], told["X-Forwarded-Host"], told["X-Forwarded-Port"]));
        Assert.DoesNotContain("X-Forwarded-Prefix", told.Keys);
    }

    [Fact]
    public async Task The_port_is_the_one_that_the_client_named()
    {
        Assert.Equal("8080", (await ArriveAsync("", isTrusted: false, host: Host + ":8080"))["X-Forwarded-Port"]);
        Assert.Equal($"for=127.0.0.1;host=\"{Host}:8080\";proto=http", (await ArriveAsync("", isTrusted: false, ForwardedStyle.Forwarded, host: Host + ":8080"))["Forwarded"]);
    }

    [Fact]
    public void A_parameter_is_found_as_a_plain_reader_finds_it()
    {
        var value = Gen.String[Gen.OneOf([.. "ab;,=\" \\"]), 0, 8];
        Gen.Select(value, value).Sample((first, second) =>
        {
            string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
            string element = $"by={Quoted(first)};For={Quoted(second)}";
            Assert.True(ForwardedElement.TryFind(ForwardedElement.Last($"for=x, host={Quoted(second)},{element}"), "for", out var found));
            Assert.Equal(Quoted(second)[1..^1], found.ToString());
            Assert.False(ForwardedElement.TryFind($"{element};for=y", "for", out _));
        });
    }

    private static async Task<Dictionary<string, string>> ArriveAsync(
        string sent, bool isTrusted, ForwardedStyle style = ForwardedStyle.XForwarded, ForwardedHeader header = ForwardedHeader.XForwardedFor, string host = Host)
    {
        Dictionary<string, string>? arrived = null;
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            arrived = c.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync([Edge.SiteOf(Host, origin.Url) with { Forwarded = style }],
            o => o with { TrustedProxies = isTrusted ? [IPNetwork.Parse("127.0.0.0/8")] : [], ForwardedHeader = header });
        using var raw = await edge.ConnectAsync();
        await raw.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n{sent}{(sent.Length > 0 ? "\r\n" : "")}\r\n");
        Assert.StartsWith("HTTP/1.1 200", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        return arrived!;
    }
}
