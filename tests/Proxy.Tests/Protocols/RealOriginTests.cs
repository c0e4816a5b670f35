namespace Weir.Proxy.Tests.Protocols;

/// <summary>What the edge lets through means the same to servers that are not ours, and connections to them never fall out of step.</summary>
public class RealOriginTests
{
    [Theory]
    [InlineData("nginx")]
    [InlineData("node")]
    public async Task Every_smuggling_case_is_one_request_or_none_and_the_next_answers_belong_to_their_requests(string server)
    {
        using var origin = await RealOrigin.StartAsync(server);
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)]);
        int connections = 0;

        // One after another, so that all meet the connections that the ones before left open.
        for (int i = 0; i < SmugglingCase.All.Count; i++)
        {
            var given = SmugglingCase.All[i];
            string answer = await AskAsync(edge, given.Bytes + "GET /next HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");
            string body = $"body of {i}";
            string after = await AskAsync(edge, $"POST /after/{i} HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            var lines = await origin.SeenAsync($"/after/{i} ");
            connections += lines.Count(l => l.StartsWith("connection", StringComparison.Ordinal));
            // A request that the edge broke off has another status with nginx, and is no line with Node.
            var seen = lines.Where(l => l.StartsWith("200", StringComparison.Ordinal) || l.StartsWith("fault", StringComparison.Ordinal)).ToList();

            Assert.True(after.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && after.Contains($"POST /after/{i}", StringComparison.Ordinal), $"{given.Name}: {after}");
            bool isNextAnswered = answer.Contains("GET /next", StringComparison.Ordinal);
            List<string> expected = [.. isNextAnswered ? (string[])["200 GET /next"] : [], $"200 POST /after/{i} {body}"];
            if (given.Statuses.Length == 0)
            {
                string escaped = given.Body.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
                expected.Insert(0, $"200 POST /a {escaped}");
                int first = answer.IndexOf("POST /a", StringComparison.Ordinal);
                Assert.True(first > 0 && (!isNextAnswered || first < answer.IndexOf("GET /next", StringComparison.Ordinal)), $"{given.Name}: {answer}");
                Assert.Equal(given.Bytes.Contains("Connection: close", StringComparison.Ordinal), !isNextAnswered);
            }
            Assert.True(expected.SequenceEqual(seen.Select(l => l.TrimEnd())), $"{given.Name}: {string.Join(" | ", seen)}");
        }
        // Connections were kept, or nothing could have fallen out of step.
        Assert.True(connections < SmugglingCase.All.Count / 2, $"{connections} connections");
    }

    private static async Task<string> AskAsync(Edge edge, string bytes)
    {
        using var raw = await edge.ConnectAsync();
        await raw.SendAsync(bytes);
        return await raw.ReadToEndAsync();
    }
}
