using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

public sealed class WebBotAuthTests : IDisposable
{
    private const string Agent = "https://chatgpt.com";

    private static readonly DateTimeOffset Now = Requests.Now;

    private readonly Signer _signer = new();
    private readonly Signer _stranger = new();
    private readonly FakeTimeProvider _time = new(Now);

    public void Dispose()
    {
        _signer.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public void A_true_signature_is_valid_and_names_its_agent() => Expect(SignatureResult.Valid, _signer.Request(Now));

    [Fact]
    public void A_nonce_is_good_for_one_request()
    {
        var check = Checker();
        var request = _signer.Request(Now);

        Assert.Equal(SignatureOutcome.Valid, check.Check(request, NowMs).Outcome);
        Assert.Equal(SignatureOutcome.Invalid, check.Check(request, NowMs + 1000).Outcome);
        Assert.Equal(SignatureOutcome.Valid, check.Check(_signer.Request(Now, nonce: "n2"), NowMs + 1000).Outcome);
        Assert.Equal(1, check.Counts[SignatureResult.Replayed]);
    }

    [Fact]
    public void A_signature_without_nonce_may_come_again_until_it_expires()
    {
        var check = Checker();
        var request = _signer.Request(Now, nonce: null);

        Assert.Equal(SignatureOutcome.Valid, check.Check(request, NowMs).Outcome);
        Assert.Equal(SignatureOutcome.Valid, check.Check(request, NowMs + 200_000).Outcome);
        Assert.Equal(SignatureOutcome.Invalid, check.Check(request, NowMs + 400_000).Outcome);
        Assert.Equal(1, check.Counts[SignatureResult.Expired]);
    }

    [Theory]
    [InlineData(-3600, 300, SignatureResult.Expired)]
    [InlineData(-350, 300, SignatureResult.Valid)]        // within a minute of a clock that is off
    [InlineData(50, 300, SignatureResult.Valid)]
    [InlineData(90, 300, SignatureResult.NotYetValid)]
    [InlineData(0, 24 * 3600, SignatureResult.Valid)]
    [InlineData(0, 24 * 3600 + 1, SignatureResult.LivesTooLong)]
    [InlineData(0, -1, SignatureResult.Expired)]
    public void Times_are_held_to(int createdIn, int life, SignatureResult result) =>
        Expect(result, _signer.Request(Now.AddSeconds(createdIn), life: TimeSpan.FromSeconds(life)));

    [Fact]
    public void A_signature_for_another_authority_is_false() =>
        Expect(SignatureResult.False, _signer.Request(Now) with { Authority = "other.example" });

    [Theory]
    [InlineData("SHOP.Example", "https", SignatureResult.Valid)]
    [InlineData("shop.example:443", "https", SignatureResult.Valid)]
    [InlineData("shop.example:80", "http", SignatureResult.Valid)]
    [InlineData("shop.example:8443", "https", SignatureResult.False)]
    public void The_authority_is_compared_as_rfc_9421_normalises_it(string sent, string scheme, SignatureResult result) =>
        Expect(result, _signer.Request(Now) with { Authority = sent, Scheme = scheme });

    [Fact]
    public void Another_agents_name_on_a_true_signature_is_false()
    {
        var keys = new KnownKeys().With(Agent, _signer.Key).With("https://agent.bot.goog", _signer.Key);
        var request = _signer.Request(Now).With("Signature-Agent", "sig1=\"https://agent.bot.goog\"");
        var check = new WebBotAuth(keys, _time);

        Assert.Equal(new SignatureAnswer(SignatureOutcome.Invalid, "https://agent.bot.goog"), check.Check(request, NowMs));
        Assert.Equal(1, check.Counts[SignatureResult.False]);
    }

    [Fact]
    public void Another_key_under_the_agents_key_id_is_false() =>
        Expect(SignatureResult.False, _stranger.Request(Now, keyId: _signer.Key.Thumbprint));

    [Fact]
    public void A_key_that_the_directory_does_not_hold_proves_nothing() => Expect(SignatureResult.KeyNotInDirectory, _stranger.Request(Now));

    [Fact]
    public void A_key_counts_under_the_agent_that_publishes_it_alone()
    {
        var keys = new KnownKeys().With(Agent, _signer.Key).With("https://agent.bot.goog", _stranger.Key);

        Expect(SignatureResult.KeyNotInDirectory, _stranger.Request(Now), keys);
    }

    [Fact]
    public void An_agent_that_the_signature_does_not_cover_is_refused()
    {
        string parameters = Parameters("(\"@authority\")");

        Expect(SignatureResult.AgentNotCovered, _signer.Request(parameters, "\"@authority\": shop.example", "sig1=\"https://chatgpt.com\""));
        Expect(SignatureResult.AgentNotCovered, _signer.Request(parameters, "\"@authority\": shop.example", "\"https://chatgpt.com\""));
    }

    [Fact]
    public void A_member_beside_the_covered_one_is_not_taken_for_the_agent()
    {
        var request = _signer.Request(Now).With("Signature-Agent", "other=\"https://agent.bot.goog\", sig1=\"https://chatgpt.com\"");

        Expect(SignatureResult.Valid, request);
    }

    [Fact]
    public void A_signature_that_covers_no_authority_is_refused() =>
        Expect(SignatureResult.AuthorityNotCovered,
            _signer.Request(Parameters("(\"signature-agent\")"), "\"signature-agent\": \"https://chatgpt.com\"", "\"https://chatgpt.com\""));

    [Fact]
    public void The_target_uri_serves_for_the_authority_behind_a_proxy_that_ends_tls_too()
    {
        var request = _signer.Request(Parameters("(\"@target-uri\" \"signature-agent\")"),
            "\"@target-uri\": https://shop.example/a?b=c\n\"signature-agent\": \"https://chatgpt.com\"", "\"https://chatgpt.com\"")
            with
        { PathAndQuery = "/a?b=c" };

        Expect(SignatureResult.Valid, request);
        Expect(SignatureResult.Valid, request with { Scheme = "http" });
        Expect(SignatureResult.False, request with { PathAndQuery = "/a?b=d" });
    }

    [Fact]
    public void Every_component_that_is_supported_is_read_as_the_standard_says()
    {
        var request = _signer.Request(
            Parameters("(\"@method\" \"@scheme\" \"@authority\" \"@path\" \"@query\" \"@request-target\" \"x-list\" \"x-dict\";key=\"b\" \"signature-agent\";sf)"),
            "\"@method\": POST\n\"@scheme\": https\n\"@authority\": shop.example\n\"@path\": /a%20b\n\"@query\": ?c=%2F\n\"@request-target\": /a%20b?c=%2F\n"
            + "\"x-list\": one, two\n\"x-dict\";key=\"b\": (1 2);x\n\"signature-agent\";sf: sig1=\"https://chatgpt.com\"", "sig1=\"https://chatgpt.com\"");

        Expect(SignatureResult.Valid, request.With("X-List", " one, two\t").With("X-Dict", "a=1,  b=( 1  2 );x=?1")
            .With("Signature-Agent", "  sig1=\"https://chatgpt.com\" ") with
        { Method = "POST", PathAndQuery = "/a%20b?c=%2F" });
    }

    [Theory]
    [InlineData("(\"@authority\" \"signature-agent\" \"@query-param\";name=\"a\")")]
    [InlineData("(\"@authority\" \"signature-agent\" \"x\";bs)")]
    [InlineData("(\"@authority\" \"signature-agent\" \"x\";tr)")]
    [InlineData("(\"@authority\";req \"@authority\" \"signature-agent\")")]
    [InlineData("(\"@authority\" \"signature-agent\" \"x\";sf)")]
    [InlineData("(\"@authority\" \"@authority\" \"signature-agent\")")]
    [InlineData("(\"@authority\" \"signature-agent\" \"not-sent\")")]
    [InlineData("(\"@authority\" \"signature-agent\" \"@status\")")]
    [InlineData("(\"@authority\" \"signature-agent\" \"X\")")]
    public void A_component_that_cannot_be_known_is_no_forgery(string covered) =>
        Expect(SignatureResult.Unsupported, _signer.Request(Parameters(covered), "", "\"https://chatgpt.com\"").With("x", "a=1"));

    [Fact]
    public void A_line_end_in_a_field_writes_no_line_of_its_own() =>
        Expect(SignatureResult.Unsupported, _signer.Request(Parameters("(\"x\" \"@authority\" \"signature-agent\")"),
            "\"x\": 1\n\"@authority\": shop.example\n\"signature-agent\": \"https://chatgpt.com\"", "\"https://chatgpt.com\"")
            .With("x", "1\n\"@authority\": shop.example"));

    [Theory]
    [InlineData("alg=\"rsa-pss-sha512\"", SignatureResult.Unsupported)]
    [InlineData("alg=ed25519", SignatureResult.Unsupported)]
    [InlineData("alg=\"ed25519\"", SignatureResult.Valid)]
    [InlineData("later=1.5", SignatureResult.Valid)]
    public void Parameters_beyond_the_profile(string parameter, SignatureResult result) =>
        Expect(result, _signer.Request(Parameters("(\"@authority\" \"signature-agent\")") + ";" + parameter,
            "\"@authority\": shop.example\n\"signature-agent\": \"https://chatgpt.com\"", "\"https://chatgpt.com\""));

    [Theory]
    [InlineData("created")]
    [InlineData("expires")]
    [InlineData("keyid")]
    public void A_parameter_that_the_profile_demands_must_be_there(string name)
    {
        string parameters = string.Join(';', Parameters("(\"@authority\" \"signature-agent\")").Split(';').Where(p => !p.StartsWith(name, StringComparison.Ordinal)));

        Expect(SignatureResult.Incomplete, _signer.Request(parameters, "", "\"https://chatgpt.com\""));
    }

    [Fact]
    public void Another_tag_is_none_of_ours() => Expect(SignatureResult.OtherTag, _signer.Request(Now, tag: "fetch-digest"));

    [Fact]
    public void Of_several_signatures_the_true_one_counts()
    {
        var request = _signer.Request(Now);
        var three = request
            .With("Signature-Input", $"a=(\"date\");created=1;keyid=\"k\";tag=\"other\", b=(\"@authority\");tag=\"web-bot-auth\", {request.Field("Signature-Input")}")
            .With("Signature", $"a=:AAAA:, b=:AAAA:, {request.Field("Signature")}");

        Expect(SignatureResult.Valid, three);
    }

    [Theory]
    [InlineData("\"http://chatgpt.com\"", SignatureResult.Unsupported)]
    [InlineData("\"https://chatgpt.com:8443\"", SignatureResult.Unsupported)]
    [InlineData("\"https://chatgpt.com/path\"", SignatureResult.Unsupported)]
    [InlineData("\"data:application/json;base64,e30=\"", SignatureResult.Unsupported)]
    [InlineData("\"https://user@chatgpt.com\"", SignatureResult.Unsupported)]
    [InlineData("\"https://chatgpt.com/\"", SignatureResult.Valid)]
    [InlineData("\"https://ChatGPT.com\"", SignatureResult.Valid)]
    [InlineData("\"https://elsewhere.example\"", SignatureResult.AgentNotKnown)]
    [InlineData("sig1=\"https://chatgpt.com\";type=directory", SignatureResult.Valid)]
    [InlineData("sig1=\"https://chatgpt.com\";type=jwks_uri", SignatureResult.Unsupported)]
    [InlineData("sig1=\"https://chatgpt.com\";type=\"directory\"", SignatureResult.Unsupported)]
    [InlineData("sig1=token", SignatureResult.Unsupported)]
    [InlineData("sig1", SignatureResult.Unsupported)]
    [InlineData("https://chatgpt.com", SignatureResult.Unreadable)]
    [InlineData("", SignatureResult.AgentMissing)]
    public void An_agent_is_an_https_origin_whose_keys_stand_in_its_directory(string field, SignatureResult result) =>
        Expect(result, _signer.Request(Parameters("(\"@authority\" \"signature-agent\")"),
            $"\"@authority\": shop.example\n\"signature-agent\": {field}", field));

    [Fact]
    public void Keys_that_are_on_their_way_make_the_answer_pending()
    {
        var keys = new KnownKeys { Otherwise = KeyState.UnderWay }.With(Agent);

        Expect(SignatureResult.KeyUnderWay, _signer.Request(Now), keys);
        Expect(SignatureResult.KeysUnavailable, _signer.Request(Now), new KnownKeys().With(Agent));
    }

    [Fact]
    public void A_flood_of_false_signatures_is_not_judged_beyond_its_budget()
    {
        var check = new WebBotAuth(new KnownKeys().With(Agent, _signer.Key), _time, new WebBotAuthOptions { ChecksPerSecond = 10 });
        var forged = _signer.Request(Now) with { Authority = "other.example" };
        for (int i = 0; i < 100; i++)
            check.Check(forged, NowMs);

        Assert.Equal(10, check.Counts[SignatureResult.False]);
        Assert.Equal(90, check.Counts[SignatureResult.OverBudget]);
        Assert.Equal(SignatureOutcome.None, check.Check(_signer.Request(Now), NowMs).Outcome);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SignatureOutcome.Valid, check.Check(_signer.Request(Now), NowMs).Outcome);
    }

    [Fact]
    public void Nonces_beyond_the_memory_are_not_judged_and_room_comes_back()
    {
        var check = new WebBotAuth(new KnownKeys().With(Agent, _signer.Key), _time, new WebBotAuthOptions { NoncesMax = 1 });
        for (int i = 0; i < 1000; i++)
            check.Check(_signer.Request(Now, nonce: $"n{i}"), NowMs);
        long full = check.Counts[SignatureResult.ReplayMemoryFull];

        Assert.Equal(1000, check.Counts[SignatureResult.Valid] + full);
        Assert.InRange(check.Counts[SignatureResult.Valid], 1, 64);
        Assert.Equal(SignatureOutcome.Valid, check.Check(_signer.Request(Now.AddHours(1), nonce: "later"), NowMs + 3_600_000).Outcome);
    }

    [Fact]
    public async Task Of_many_at_once_with_one_nonce_exactly_one_is_valid()
    {
        var check = Checker();
        var request = _signer.Request(Now);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => check.Check(request, NowMs).Outcome)));

        Assert.Single(outcomes, SignatureOutcome.Valid);
        Assert.Equal(199, check.Counts[SignatureResult.Replayed]);
    }

    [Fact]
    public void Any_bytes_in_the_headers_get_an_answer_and_one_count()
    {
        var check = Checker();
        var good = _signer.Request(Now);
        string[] names = ["Signature-Input", "Signature", "Signature-Agent"];
        long asked = 0;
        var cut = Gen.Select(Gen.Int[0, 400], Gen.Char, (at, c) => (at, c)).Array[0, 3];
        Gen.Select(cut, Gen.Int[0, 2], Gen.String, Gen.Bool).Sample((changes, which, text, isWhole) =>
        {
            string field = good.Field(names[which])!;
            foreach (var (at, c) in changes)
                field = field.Remove(at % field.Length, 1).Insert(at % field.Length, c.ToString());
            var answer = check.Check(good.With(names[which], isWhole ? text : field), NowMs);
            Interlocked.Increment(ref asked);
            return answer.Outcome == SignatureOutcome.None == (answer.Agent is null);
        });

        Assert.Equal(asked, Enum.GetValues<SignatureResult>().Sum(r => check.Counts[r]));
    }

    private static long NowMs => Now.ToUnixTimeMilliseconds();

    private WebBotAuth Checker(ISigningKeys? keys = null) => new(keys ?? new KnownKeys().With(Agent, _signer.Key), _time);

    private void Expect(SignatureResult result, SignedRequest request, ISigningKeys? keys = null)
    {
        var check = Checker(keys);
        var answer = check.Check(request, NowMs);
        var counted = Enum.GetValues<SignatureResult>().Where(r => check.Counts[r] > 0).ToList();

        Assert.Equal([result], counted);
        var outcome = SignatureCounts.OutcomeOf(result);
        Assert.Equal(new SignatureAnswer(outcome, outcome == SignatureOutcome.None ? null : Agent), answer);
    }

    private string Parameters(string covered)
    {
        long at = Now.ToUnixTimeSeconds();
        return $"{covered};created={at};expires={at + 300};keyid=\"{_signer.Key.Thumbprint}\";tag=\"web-bot-auth\"";
    }
}
