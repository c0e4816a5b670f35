using System.Text.RegularExpressions;

namespace Weir.Proxy.Tests.Protocols;

/// <summary>Messages that two servers could read differently must not get past the first.</summary>
public partial class SmugglingTests
{
    public static TheoryData<string> Names => [.. SmugglingCase.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_ambiguous_message_is_refused_or_passes_as_one_that_can_be_read_one_way_only(string name)
    {
        var given = SmugglingCase.All.Single(c => c.Name == name);
        using var origin = new StrictOrigin();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)]);
        using var raw = await edge.ConnectAsync();

        // The request behind it shows where the edge thinks that it ends.
        await raw.SendAsync(given.Bytes + "GET /next HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");
        string answer = await raw.ReadToEndAsync();

        // "100 Continue" and the like are no answers.
        string[] statuses = [.. StatusLine().Matches(answer).Select(m => m.Groups[1].Value)];
        Assert.Empty(origin.Faults);
        if (given.Statuses.Length > 0)
        {
            Assert.True(given.Statuses.Split(' ').Contains(statuses.FirstOrDefault("closed")), $"{given.Name}: {answer}");
            // TRACE and its like are understood and refused, so the connection may go on; what is not understood ends it.
            Assert.True(statuses.Length <= 1 || statuses is ["405" or "421", "200"], answer);
            Assert.DoesNotContain(origin.Heads, h => !h.StartsWith("GET /next ", StringComparison.Ordinal));
            return;
        }
        bool isLast = given.Bytes.Contains("Connection: close", StringComparison.Ordinal);
        Assert.Equal(isLast ? ["200"] : ["200", "200"], statuses);
        Assert.Equal(isLast ? ["POST /a HTTP/1.1"] : ["POST /a HTTP/1.1", "GET /next HTTP/1.1"], origin.Heads.Select(h => h.Split("\r\n")[0]));
        Assert.Equal(given.Body, origin.Bodies.First());
        Assert.DoesNotContain(origin.Heads.First().Split("\r\n"), l => l.Split(':')[0].Contains('_') || l.Contains("6.6.6.6", StringComparison.Ordinal));
        Assert.Contains("X-Forwarded-For: 127.0.0.1", origin.Heads.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order_and_each_is_a_hit()
    {
        using var origin = new StrictOrigin();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)]);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync("POST /1 HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 3\r\n\r\nGETGET /2 HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");

        Assert.Equal(2, StatusLine().Count(await raw.ReadToEndAsync()));
        Assert.Equal(["POST /1 HTTP/1.1", "GET /2 HTTP/1.1"], origin.Heads.Select(h => h.Split("\r\n")[0]));
        Assert.Equal("/1", (await edge.Hits.NextAsync()).Path);
        Assert.Equal("/2", (await edge.Hits.NextAsync()).Path);
    }

    [Theory]
    [InlineData("Connection: close, X-Hop")]
    [InlineData("Connection: X-Hop, close")]
    [InlineData("Connection: keep-alive, X-Hop")]
    [InlineData("connection: Keep-Alive , x-hop,")]
    [InlineData("Connection: X-Hop\r\nConnection: X-Other")]
    public async Task What_Connection_names_beside_other_words_is_not_passed_on(string connection)
    {
        using var origin = new StrictOrigin();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)]);
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"GET /1 HTTP/1.1\r\nHost: www.example.com\r\n{connection}\r\nX-Hop: 1\r\n\r\n");
        string head = await raw.ReadHeadAsync();

        Assert.DoesNotContain("X-Hop", origin.Heads.Single(), StringComparison.OrdinalIgnoreCase);
        // Whether the connection ends is still what the client asked.
        Assert.Equal(connection.Contains("close", StringComparison.Ordinal), head.Contains("Connection: close", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"HTTP/1\.1 ([2-5]\d\d) ")]
    private static partial Regex StatusLine();
}
