using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Tests.IdentityOf.Signatures;

/// <summary>What a signature's outcome makes of a verdict.</summary>
public class SignedVerdictTests
{
    private const string ChatGptUser = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)";

    [Fact]
    public void A_browsers_user_agent_with_a_true_signature_is_the_crawler_that_signed()
    {
        var verdict = Classify(Requests.Chrome, new SignatureAnswer(SignatureOutcome.Valid, "https://chatgpt.com"));

        Assert.Equal("chatgpt-agent", verdict.Crawler?.Id);
        Assert.Equal((VerdictKind.Crawler, Identity.Verified, IdentityMethod.Signature), (verdict.Kind, verdict.Identity, verdict.IdentityMethod));
        Assert.True(verdict.Reasons.Has(Reason.SignatureValid));
    }

    [Fact]
    public void A_false_signature_in_a_crawlers_name_is_spoofed()
    {
        var verdict = Classify(Requests.Chrome, new SignatureAnswer(SignatureOutcome.Invalid, "https://chatgpt.com"));

        Assert.Equal("chatgpt-agent", verdict.Crawler?.Id);
        Assert.Equal((Identity.Spoofed, IdentityMethod.Signature), (verdict.Identity, verdict.IdentityMethod));
    }

    [Fact]
    public void A_true_signature_of_nobody_in_the_catalog_is_automation()
    {
        var verdict = Classify(Requests.Chrome, new SignatureAnswer(SignatureOutcome.Valid, "https://agents.example"));

        Assert.Null(verdict.Crawler);
        Assert.Equal((VerdictKind.Automation, Identity.NotClaimed), (verdict.Kind, verdict.Identity));
        Assert.True(verdict.Reasons.Has(Reason.SignatureValid));
    }

    [Fact]
    public void A_signature_that_cannot_be_judged_changes_nothing()
    {
        var unsigned = Requests.Classify(Requests.Chrome);
        var verdict = Classify(Requests.Chrome, default);

        Assert.Equal((unsigned.Kind, unsigned.Score, unsigned.Reasons), (verdict.Kind, verdict.Score, verdict.Reasons));
    }

    [Fact]
    public void Outside_the_list_with_keys_under_way_a_crawler_is_not_yet_called_spoofed()
    {
        var verdict = Classify(ChatGptUser, new SignatureAnswer(SignatureOutcome.KeyUnderWay, "https://chatgpt.com"));

        Assert.Equal("chatgpt-user", verdict.Crawler?.Id);
        Assert.Equal((Identity.Pending, IdentityMethod.Signature), (verdict.Identity, verdict.IdentityMethod));
        Assert.Equal(Identity.Spoofed, Classify(ChatGptUser, default).Identity);
        Assert.Equal(Identity.Spoofed, Classify(ChatGptUser, new SignatureAnswer(SignatureOutcome.KeyUnderWay, "https://agents.example")).Identity);
    }

    [Fact]
    public void A_true_signature_outweighs_an_address_outside_the_list()
    {
        Assert.Equal((Identity.Verified, IdentityMethod.Signature), Of(Classify(ChatGptUser, new SignatureAnswer(SignatureOutcome.Valid, "https://chatgpt.com"))));
        Assert.Equal((Identity.Spoofed, IdentityMethod.Range), Of(Classify(ChatGptUser, new SignatureAnswer(SignatureOutcome.Valid, "https://agents.example"))));
    }

    [Fact]
    public void A_librarys_user_agent_with_a_true_signature_is_the_crawler_that_signed()
    {
        var signed = new SignatureAnswer(SignatureOutcome.Valid, "https://chatgpt.com");

        Assert.Equal(("chatgpt-agent", Identity.Verified), Named(Classify("python-requests/2.32.3", signed)));
        Assert.Equal(("python-requests", Identity.Unverifiable), Named(Classify("python-requests/2.32.3", signed with { Outcome = SignatureOutcome.Invalid })));
        Assert.Equal(("python-requests", Identity.Unverifiable), Named(Classify("python-requests/2.32.3", signed with { Agent = "https://agents.example" })));
    }

    [Fact]
    public void Another_crawler_of_the_signers_operator_is_neither_verified_nor_spoofed_by_its_signature()
    {
        Assert.Equal((Identity.Unverifiable, IdentityMethod.Signature), Of(Classify(Requests.Gptbot, new SignatureAnswer(SignatureOutcome.Valid, "https://chatgpt.com"))));
        Assert.Equal((Identity.Spoofed, IdentityMethod.Range), Of(Classify(Requests.Gptbot, new SignatureAnswer(SignatureOutcome.Valid, "https://agent.bot.goog"))));
        Assert.Equal((Identity.Spoofed, IdentityMethod.Range), Of(Classify(Requests.Gptbot, new SignatureAnswer(SignatureOutcome.Invalid, "https://chatgpt.com"))));
    }

    private static (string?, Identity) Named(Verdict verdict) => (verdict.Crawler?.Id, verdict.Identity);

    private static (Identity, IdentityMethod) Of(Verdict verdict) => (verdict.Identity, verdict.IdentityMethod);

    private static Verdict Classify(string userAgent, SignatureAnswer answer) =>
        new Detector(Requests.Catalog) { Signatures = new Answering(answer) }.Classify(new RequestFacts
        {
            TimeMs = Requests.Now.ToUnixTimeMilliseconds(),
            UserAgent = userAgent,
            ClientAddress = Requests.Address("203.0.113.9"),
            Signed = new SignedRequest(),
        });

    private sealed class Answering(SignatureAnswer answer) : ISignatureCheck
    {
        public SignatureAnswer Check(ISignedRequest request, long timeMs) => answer;
    }
}
