using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;
using Weir.TestKit;

namespace Weir.Tests.IdentityOf.Signatures;

/// <summary>What clients that are not ours sign: npm <c>web-bot-auth</c> 0.1.3 and <c>http-message-sig</c> 0.3.0.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private const string Agent = "https://chatgpt.com";
    private const string Page = "https://shop.example/pricing?a=b%2Fc";

    private static readonly DateTimeOffset Now = Requests.Now;
    private static readonly long NowMs = Now.ToUnixTimeMilliseconds();

    private readonly Signer _signer = new();
    private readonly Signer _stranger = new();
    private readonly FakeTimeProvider _time = new(Now);

    public void Dispose()
    {
        _signer.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task Every_form_that_they_sign_in_is_valid()
    {
        await ExpectAllAsync(SignatureResult.Valid,
            Job(),                                                                                     // a string, as the client's own example
            Job("sig1=\"https://chatgpt.com\""),                                                       // a dictionary, covered whole
            Job().With(("label", "other")),
            Job().With(("components", Names("@method", "@scheme", "@authority", "@path", "@query", "@request-target", "signature-agent", "x-purpose")),
                ("headers", new JsonObject { ["X-Purpose"] = "to read" })),
            Job().With(("components", Names("@target-uri", "signature-agent"))),
            Strict("agent2=\"https://chatgpt.com\";type=directory", "agent2"),                         // a member of a dictionary, as the drafts ask
            Strict("first=\"https://agent.bot.goog\", sig1=\"https://chatgpt.com\"", "sig1"));
    }

    [Fact]
    public async Task Out_of_time_they_are_not_valid()
    {
        await ExpectAllAsync(SignatureResult.Expired, Job(created: Now.AddMinutes(-10)));
        await ExpectAllAsync(SignatureResult.NotYetValid, Job(created: Now.AddMinutes(10)));
        await ExpectAllAsync(SignatureResult.LivesTooLong, Job().With(("expires", NowMs + 25 * 3_600_000)));
    }

    [Fact]
    public async Task By_another_key_or_for_another_host_they_are_not_valid()
    {
        await ExpectAllAsync(SignatureResult.False, Job().With(("url", "https://other.example/pricing")));
        await ExpectAllAsync(SignatureResult.KeyNotInDirectory, Job().With(("jwk", _stranger.PrivateJwk)));
        await ExpectAllAsync(SignatureResult.AgentNotKnown, Job("\"https://agents.example\""));
    }

    [Fact]
    public async Task The_second_of_two_alike_is_a_replay()
    {
        var check = Checker();
        var headers = (await NodeSigner.RunAsync(Job()))[0];

        Assert.Equal(SignatureOutcome.Valid, check.Check(Request(headers), NowMs).Outcome);
        Assert.Equal(new SignatureAnswer(SignatureOutcome.Invalid, Agent), check.Check(Request(headers), NowMs));
        Assert.Equal(1, check.Counts[SignatureResult.Replayed]);
    }

    [Fact]
    public async Task A_name_put_in_place_of_the_signed_one_is_false()
    {
        var headers = (await NodeSigner.RunAsync(Job("\"https://agents.example\"")))[0];
        headers["Signature-Agent"] = "\"https://chatgpt.com\"";

        Expect(SignatureResult.False, headers);
    }

    [Fact]
    public async Task A_signature_with_a_name_that_was_added_later_does_not_cover_it()
    {
        var headers = (await NodeSigner.RunAsync(Job().With(("agent", null))))[0];
        headers["Signature-Agent"] = "\"https://chatgpt.com\"";

        Expect(SignatureResult.AgentNotCovered, headers);
    }

    [Fact]
    public async Task From_the_first_request_to_the_fetched_key_it_is_pending_then_valid()
    {
        await using var server = await DirectoryServer.StartAsync();
        var signed = await NodeSigner.RunAsync(Job(), Job(), new JsonObject
        {
            ["client"] = "directory",
            ["jwk"] = _signer.PrivateJwk,
            ["url"] = Agent + "/.well-known/http-message-signatures-directory",
            ["created"] = NowMs,
            ["expires"] = NowMs + 300_000,
        });
        server.Publish($$"""{"keys":[{{_signer.Jwk}}]}""");
        var publish = server.Answer;
        server.Answer = c =>
        {
            foreach (var (name, value) in signed[2])
                c.Response.Headers[name] = value;
            return publish(c);
        };
        await using var directories = new SignatureDirectories(new(), a => a == Agent, _time, server.Network());
        var check = new WebBotAuth(directories, _time);

        Assert.Equal(new SignatureAnswer(SignatureOutcome.KeyUnderWay, Agent), check.Check(Request(signed[0]), NowMs));
        await directories.WhenIdleAsync();
        Assert.Equal(new SignatureAnswer(SignatureOutcome.Valid, Agent), check.Check(Request(signed[1]), NowMs));
        Assert.Equal(0, directories.Counts.FalseProofs);
    }

    private JsonObject Job(string agent = "\"https://chatgpt.com\"", DateTimeOffset? created = null) => NodeSigner.Job(_signer.PrivateJwk, Page, agent, created ?? Now);

    private JsonObject Strict(string agent, string member) => Job(agent).With(("client", "http-message-sig"), ("label", "sig1"), ("nonce", member),
        ("components", new JsonArray("@authority", "@path", "@query", new JsonObject { ["name"] = "signature-agent", ["parameters"] = new JsonObject { ["key"] = member } })));

    private static JsonArray Names(params string[] components) => [.. components.Select(c => JsonValue.Create(c))];

    private WebBotAuth Checker() => new(new KnownKeys().With(Agent, _signer.Key), _time);

    private static SignedRequest Request(Dictionary<string, string> headers) => new()
    {
        PathAndQuery = new Uri(Page).PathAndQuery,
        Fields = new(headers, StringComparer.OrdinalIgnoreCase),
    };

    private async Task ExpectAllAsync(SignatureResult result, params JsonObject[] jobs)
    {
        foreach (var headers in await NodeSigner.RunAsync(jobs))
            Expect(result, headers);
    }

    private void Expect(SignatureResult result, Dictionary<string, string> headers)
    {
        var check = Checker();
        check.Check(Request(headers), NowMs);
        var counted = Enum.GetValues<SignatureResult>().Single(r => check.Counts[r] > 0);

        Assert.True(result == counted, $"{counted}: {string.Join('\n', headers)}");
    }
}
