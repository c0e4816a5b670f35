using System.CommandLine;
using System.Text.Json;
using Weir.Commands;
using Weir.TestKit;

namespace Weir.Tests.Commands;

public sealed class ClassifyCommandTests
{
    [Fact]
    public void A_fake_crawler_is_explained_with_the_list_its_date_and_its_age()
    {
        var (code, output, error) = Run("--ua", "GPTBot/1.2", "--ip", "203.0.113.9", "--time", "2026-11-24T12:00:00Z");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("crawler     GPTBot (gptbot)\noperator    OpenAI\npurpose     ai-training", output, StringComparison.Ordinal);
        Assert.Contains("identity    spoofed, by gptbot.json of 2026-04-12 (226 days old, published)\n", output, StringComparison.Ordinal);
        Assert.Contains("\n        The address is outside gptbot.json of 2026-04-12, which OpenAI publishes as complete.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_gives_the_same_reasons_with_their_sentences()
    {
        var (_, output, _) = Run("--ua", "GPTBot/1.2", "--ip", "20.125.66.81", "--json");
        using var document = JsonDocument.Parse(output);
        var verdict = document.RootElement;

        Assert.Equal("verified", verdict.GetProperty("identity").GetString());
        Assert.Equal(verdict.GetProperty("reasons").GetArrayLength(), verdict.GetProperty("sentences").GetArrayLength());
        Assert.Equal(verdict.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()),
            verdict.GetProperty("evidence").EnumerateArray().Select(e => e.GetProperty("reason").GetString()));
        Assert.Equal(7, verdict.GetProperty("evidence")[0].GetProperty("weight").GetDouble());
        Assert.Equal("From an address outside the list the same request would be spoofed.", verdict.GetProperty("wouldChange").GetString());
    }

    [Fact]
    public void A_hostile_user_agent_cannot_reach_the_terminal()
    {
        var (_, output, _) = Run("--ua", "[red]x\u001b[31m\u202e\u0007\u009bGPTBot/1.2");

        Assert.DoesNotContain(output, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', output);
        Assert.Contains("[red]x", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_path_and_referrer_are_judged()
    {
        const string chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

        var (_, fromEngine, _) = Run("--ua", chrome, "--path", "/a?utm_source=chatgpt.com", "--header", "Accept:*/*");
        var (_, inside, _) = Run("--ua", chrome, "--referrer", "https://shop.example/", "--header", "Host: shop.example");

        Assert.Contains("referral    ai (chatgpt)\n", fromEngine, StringComparison.Ordinal);
        Assert.Contains("No Accept-Language was sent", fromEngine, StringComparison.Ordinal);
        Assert.DoesNotContain("referral", inside, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("66.249.66.1", "verified, by googlebot.json", null, "The address is in googlebot.json")]
    [InlineData("5.9.1.1", "verified\n", "crawl-5-9-1-1.googlebot.com", "that name leads back to the address")]
    [InlineData("5.9.1.2", "spoofed, by googlebot.json", "crawl-66-249-66-1.googlebot.com", "No host name of Google leads to the address")]
    [InlineData("5.9.1.3", "spoofed, by googlebot.json", "(none)", "No host name of Google leads to the address")]
    public async Task Reverse_dns_is_asked_and_explained(string address, string identity, string? hostName, string why)
    {
        await using var server = await DnsServer.StartAsync([
            "1.1.9.5.in-addr.arpa. PTR crawl-5-9-1-1.googlebot.com.", "crawl-5-9-1-1.googlebot.com. A 5.9.1.1",
            "2.1.9.5.in-addr.arpa. PTR crawl-66-249-66-1.googlebot.com.", "crawl-66-249-66-1.googlebot.com. A 66.249.66.1"]);

        var (code, output, _) = Run("--ua", "Googlebot/2.1", "--ip", address, "--dns", "--dns-server", $"{server.EndPoint}");

        Assert.Equal(0, code);
        Assert.Contains($"identity    {identity}", output, StringComparison.Ordinal);
        Assert.Equal(hostName is not null, output.Contains($"host name   {hostName}\n", StringComparison.Ordinal));
        Assert.Contains(why, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--dns-server: 'nobody' is no DNS server.", "--dns", "--dns-server", "nobody")]
    [InlineData("--dns-server says whom --dns asks.", "--dns-server", "127.0.0.1")]
    public void A_dns_server_that_cannot_be_asked_is_an_error(string says, params string[] flags)
    {
        var (code, _, error) = Run(["--ua", "Googlebot/2.1", .. flags]);

        Assert.NotEqual(0, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    // The draft's own example: RFC 9421's test key, a signature of 1 January 2025.
    private const string SignedAt = "2025-01-01T00:01:00Z";
    private const string KeyFile = """{"keys":[{"kty":"OKP","crv":"Ed25519","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}]}""";

    private static readonly string[] Signed =
    [
        "--header", "Host: example.com", "--header", "Signature-Agent: \"https://signature-agent.test\"",
        "--header", "Signature-Input: sig2=(\"@authority\" \"signature-agent\");created=1735689600;keyid=\"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U\";alg=\"ed25519\";expires=1735693200;nonce=\"e8N7S2MFd/qrd6T2R3tdfAuuANngKI7LFtKYI/vowzk4lAZYadIX6wW25MwG7DCT9RUKAJ0qVkU0mEeLElW1qg==\";tag=\"web-bot-auth\"",
        "--header", "Signature: sig2=:jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==:",
    ];

    [Theory]
    [InlineData("example.com", SignedAt, "The request carries a true signature of a program that the catalog does not know.")]
    [InlineData("example.org", SignedAt, "The request carries a signature that is false")]
    [InlineData("example.com", "2026-11-24", "The request carries a signature that is false, expired")]
    public void A_signature_is_judged_by_the_keys_of_a_file(string host, string time, string says)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["keys.json"], KeyFile);
        string[] signed = ["--header", $"Host: {host}", .. Signed[2..], "--time", time];

        var (code, output, _) = Run([.. signed, "--signature-keys", folder["keys.json"]]);
        var (_, without, _) = Run(signed);

        Assert.Equal(0, code);
        Assert.Contains(says, output, StringComparison.Ordinal);
        Assert.Contains("kind        automation", output, StringComparison.Ordinal);
        Assert.DoesNotContain("signature", without, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_that_is_none_is_an_error_that_says_what_to_write()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["keys.json"], "<html>");

        var (code, _, error) = Run([.. Signed, "--signature-keys", folder["keys.json"]]);
        var (missing, _, says) = Run([.. Signed, "--signature-keys", folder["none.json"]]);

        Assert.Equal((1, 1), (code, missing));
        Assert.Contains("keys.json: this is no JWK set. Write {\"keys\":[…]}", error, StringComparison.Ordinal);
        Assert.Contains("cannot be read", says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--ip", "203.0.113", "--ip: '203.0.113' is not an address.")]
    [InlineData("--time", "soon", "--time: 'soon' is not a time.")]
    [InlineData("--header", "Accept", "--header: 'Accept' has no name.")]
    [InlineData("--ja4", "t13d", "--ja4: 't13d' is no fingerprint.")]
    [InlineData("--http-version", "4", "--http-version: '4' is no version of HTTP.")]
    [InlineData("--no-such-flag", "x", "--no-such-flag")]
    public void A_wrong_flag_is_an_error_that_says_what_to_write(string flag, string value, string expected)
    {
        var errors = new RootCommand { ClassifyCommand.Create() }.Parse(["classify", flag, value]).Errors;

        Assert.Contains(errors, e => e.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_and_one_request_do_not_mix() =>
        Assert.NotEmpty(new RootCommand { ClassifyCommand.Create() }.Parse(["classify", "--jsonl", "--ua", "x"]).Errors);

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = new RootCommand { ClassifyCommand.Create() }.Parse(["classify", .. args])
            .Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
