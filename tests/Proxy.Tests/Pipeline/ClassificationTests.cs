using System.Net;
using Weir.Detection;

namespace Weir.Proxy.Tests.Pipeline;

/// <summary>What of a request's headers and connection reaches Detection.</summary>
public class ClassificationTests
{
    private const string Chrome =
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n";

    private const string Page = "Accept: text/html,image/webp\r\nAccept-Language: de\r\nAccept-Encoding: gzip\r\n";

    [Fact]
    public async Task A_browser_over_plain_HTTP_is_a_likely_human_with_nothing_against_it()
    {
        var verdict = await VerdictAsync(Chrome + Page + "Upgrade-Insecure-Requests: 1\r\n");

        Assert.Equal((VerdictKind.LikelyHuman, default(ReasonSet).With(Reason.BrowserForm)), (verdict.Kind, verdict.Reasons));
    }

    [Fact]
    public async Task Fetch_metadata_and_hints_are_read()
    {
        var verdict = await VerdictAsync(Chrome + Page +
            "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-User: ?1\r\n" +
            "Sec-CH-UA: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\nSec-CH-UA-Mobile: ?0\r\nSec-CH-UA-Platform: \"Linux\"\r\n");

        Assert.True(verdict.Reasons.Has(Reason.FetchMetadataSent));
        Assert.True(verdict.Reasons.Has(Reason.ClientHintsContradict)); // Linux under Windows
    }

    [Fact]
    public async Task A_strangers_proxy_weakens_what_is_missing()
    {
        var bare = await VerdictAsync(Chrome);
        var marked = await VerdictAsync(Chrome + "Via: 1.1 proxy.company.example\r\n");

        Assert.Equal((VerdictKind.Unknown, false), (bare.Kind, bare.IsProxied));
        Assert.True(marked.IsProxied && marked.Score < bare.Score);
    }

    [Fact]
    public async Task A_proxy_of_the_sites_own_is_not_taken_for_the_client()
    {
        // HTTP/1.0 and no Accept-Encoding are the proxy's; Via and X-Forwarded-For are no marks of a stranger's.
        var verdict = await VerdictAsync(Chrome + "Accept: text/html,image/webp\r\nAccept-Language: de\r\nVia: 1.1 cdn\r\nX-Forwarded-For: 203.0.113.9\r\n" +
            "X-Forwarded-Proto: https\r\n", "HTTP/1.0", "127.0.0.0/8");

        Assert.Equal(default(ReasonSet).With(Reason.BrowserForm).With(Reason.ClientHintsMissing).With(Reason.FetchMetadataMissing), verdict.Reasons);
        Assert.False(verdict.IsProxied);
    }

    private static async Task<Verdict> VerdictAsync(string headers, string version = "HTTP/1.1", string? trusted = null)
    {
        await using var origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using var edge = await Edge.BeforeAsync(origin, o => trusted is null ? o : o with { TrustedProxies = [IPNetwork.Parse(trusted)] });
        using var raw = await edge.ConnectAsync();

        await raw.SendAsync($"GET / {version}\r\nHost: www.example.com\r\n{headers}\r\n");
        return (await edge.Hits.NextAsync()).Verdict;
    }
}
