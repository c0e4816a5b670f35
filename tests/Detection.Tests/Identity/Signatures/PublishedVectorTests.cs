using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

/// <summary>The examples that the standards publish, checked to the letter.</summary>
public class PublishedVectorTests
{
    // RFC 9421 appendix B.1.4.
    private const string TestKey = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs";
    private const string TestKeyThumbprint = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";
    private const string Agent = "https://signature-agent.test";
    private const string DraftParameters = ";created=1735689600;keyid=\"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U\";alg=\"ed25519\"";

    private const string DictionaryNonce = "n9p433xm+NJ3ph3upfBIGmsuwHw387YV7Q/F+6BSpGCVjYCqQw6rznNA8PVVLySrAWsv0hQtFioQb6E1YsauiA==";
    private const string StringNonce = "e8N7S2MFd/qrd6T2R3tdfAuuANngKI7LFtKYI/vowzk4lAZYadIX6wW25MwG7DCT9RUKAJ0qVkU0mEeLElW1qg==";

    [Fact]
    public void The_thumbprint_is_that_of_rfc_8037_and_of_the_drafts()
    {
        Assert.True(SigningKey.TryRead("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", out var rfc8037));
        Assert.Equal("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", rfc8037.Thumbprint);
        Assert.Equal(TestKeyThumbprint, Key.Thumbprint);
    }

    [Fact]
    public void Rfc_9421_example_B_2_6_is_true_and_nothing_else_is()
    {
        Assert.True(StructuredFieldReader.TryReadDictionary(
            "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"",
            out var members));
        var request = new SignedRequest { Method = "POST", Authority = "example.com", PathAndQuery = "/foo?param=Value&Pet=dog" }
            .With("Date", "Tue, 20 Apr 2021 02:07:55 GMT").With("Content-Type", "application/json").With("Content-Length", "18");
        byte[] signature = Convert.FromBase64String("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
        byte[] signed = SignatureBase.Build(request, "https", members[0].Item)!;

        Assert.Equal("""
            "date": Tue, 20 Apr 2021 02:07:55 GMT
            "@method": POST
            "@path": /foo
            "@authority": example.com
            "content-type": application/json
            "content-length": 18
            "@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"
            """, Encoding.ASCII.GetString(signed), ignoreLineEndingDifferences: true);
        Assert.True(Key.IsTrue(signed, signature));
        for (int i = 0; i < signed.Length; i += 7)
        {
            signed[i] ^= 1;
            Assert.False(Key.IsTrue(signed, signature));
            signed[i] ^= 1;
        }
    }

    [Fact]
    public void The_drafts_example_with_a_dictionary_is_valid()
    {
        var request = DraftRequest("agent2=\"https://signature-agent.test\"", "(\"@authority\" \"signature-agent\";key=\"agent2\")", "4889289600", DictionaryNonce,
            "RdNFx5Bj6au3YgAMQL/RzmUlZE8QZLIaXGRpw985hWnwPfMxT228NMk6ehRS1PSl4e8PhbNZACSanGdhEwYCCg==");

        // It lives for a hundred years, so that it stays an example; nobody else's may.
        Assert.Equal(new SignatureAnswer(SignatureOutcome.Valid, Agent), Check(request, TimeSpan.FromDays(40_000)));
        Assert.Equal(new SignatureAnswer(SignatureOutcome.Invalid, Agent), Check(request, TimeSpan.FromDays(1)));
        Assert.Equal(SignatureOutcome.Invalid, Check(request with { Authority = "example.org" }, TimeSpan.FromDays(40_000)).Outcome);
    }

    [Fact]
    public void The_drafts_example_of_the_older_form_is_valid()
    {
        var request = DraftRequest("\"https://signature-agent.test\"", "(\"@authority\" \"signature-agent\")", "1735693200", StringNonce,
            "jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==");

        Assert.Equal(new SignatureAnswer(SignatureOutcome.Valid, Agent), Check(request, TimeSpan.FromDays(1)));
        Assert.Equal(SignatureOutcome.Invalid, Check(request.With("Signature-Agent", "\"https://signature-agent.test/\""), TimeSpan.FromDays(1)).Outcome);
    }

    [Fact]
    public void The_drafts_example_without_an_agent_names_nobody()
    {
        var request = DraftRequest("", "(\"@authority\")", "1735693200", "mYotfW3CUjI68sbGw6oKd7kyXqPjZEtU8xFPGWFrqOAf5qC6MDe3pys3SWWCudB0MvwslHy32WXUpkR7u0lt/w==",
            "+NA/cssf4Y2bQTMTkyvTGRCaVzp9quyUevdwwMtMOWhhOOZ2T1subBj0BtvdnrpDEuwSAbiTeElXDzHL3WWKCw==");
        request.Fields.Remove("Signature-Agent");

        Assert.Equal(default, Check(request, TimeSpan.FromDays(1)));
    }

    private static SigningKey Key => SigningKey.TryRead(TestKey, out var key) ? key : throw new InvalidOperationException();

    private static SignedRequest DraftRequest(string agent, string covered, string expires, string nonce, string signature) =>
        new SignedRequest { Authority = "example.com", PathAndQuery = "/path/to/resource" }
            .With("Signature-Agent", agent)
            .With("Signature-Input", $"sig2={covered}{DraftParameters};expires={expires};nonce=\"{nonce}\";tag=\"web-bot-auth\"")
            .With("Signature", $"sig2=:{signature}:");

    private static SignatureAnswer Check(SignedRequest request, TimeSpan lifeMax) =>
        new WebBotAuth(new KnownKeys().With(Agent, Key), new FakeTimeProvider(), new WebBotAuthOptions { LifeMax = lifeMax })
            .Check(request, 1735689700_000);
}
