using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

public class DirectoryProofTests
{
    // The draft's "Signed Directory Response".
    private const string Body =
        """{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs","use":"sig"}]}""";

    private const string Digest = "sha-256=:CADMT2aBdV/rqQr/NIru64ERQkCobVvllA4V0fLFDu0=:";
    private const string Thumbprint = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";
    private const string Input =
        "binding=(\"@authority\";req \"content-digest\");created=1735689600;expires=4889289600;keyid=\"" + Thumbprint + "\";tag=\"http-message-signatures-directory\"";

    private const string Signature = "binding=:l6P8R67tm3kujAxbHWio7ll01qrEZ0dKD/WWlGhNYEmTnFZM8Wt0VQ9zqGfvo7T/UMkBxsigzChM1Gpz7gOVBg==:";

    [Theory]
    [InlineData("signature-agent.test", Body, Input, Signature, false)]
    [InlineData("copied.example", Body, Input, Signature, true)]                                   // taken from elsewhere
    [InlineData("signature-agent.test", Body + " ", Input, Signature, true)]                       // another body under the same proof
    [InlineData("copied.example", Body, "", "", false)]                                            // no proof is needed
    [InlineData("copied.example", Body, "binding=(", Signature, false)]                            // nor is an unreadable one held against it
    [InlineData("copied.example", Body, Input, "other=:AAAA:", false)]
    public void The_drafts_proof_holds_for_its_own_host_and_body_alone(string host, string body, string input, string signature, bool isFalse)
    {
        Assert.Equal(isFalse ? [Thumbprint] : [], FindFalse(host, body, input, signature, Requests.Now));
    }

    [Fact]
    public void A_proof_that_is_not_yet_or_no_longer_valid_proves_nothing()
    {
        Assert.Empty(FindFalse("copied.example", Body, Input, Signature, DateTimeOffset.FromUnixTimeSeconds(1735689000)));
        Assert.Empty(FindFalse("copied.example", Body, Input, Signature, DateTimeOffset.FromUnixTimeSeconds(4889290000)));
    }

    [Fact]
    public async Task A_directory_copied_with_its_proof_gives_no_key()
    {
        await using var server = await DirectoryServer.StartAsync("copied.example");
        using var signer = new Signer();
        var time = new FakeTimeProvider(Requests.Now);
        await using var directories = new SignatureDirectories(new() { AnyAgent = true }, _ => false, time, server.Network());
        string parameters = $"(\"@authority\";req);created=1735689600;expires=4889289600;keyid=\"{signer.Key.Thumbprint}\";tag=\"http-message-signatures-directory\"";
        server.Publish($$"""{"keys":[{{signer.Jwk}}]}""");
        var publish = server.Answer;
        server.Answer = c =>
        {
            c.Response.Headers["Signature-Input"] = $"b={parameters}";
            c.Response.Headers["Signature"] = $"b=:{signer.Sign($"\"@authority\";req: original.example\n\"@signature-params\": {parameters}")}:";
            return publish(c);
        };
        directories.Find("https://copied.example", signer.Key.Thumbprint, out _);
        await directories.WhenIdleAsync();

        Assert.Equal(KeyState.NotInDirectory, directories.Find("https://copied.example", signer.Key.Thumbprint, out _));
        Assert.Equal(1, directories.Counts.FalseProofs);
    }

    private static HashSet<string> FindFalse(string host, string body, string input, string signature, DateTimeOffset now)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Signature-Input", input);
        response.Headers.TryAddWithoutValidation("Signature", signature);
        response.Headers.TryAddWithoutValidation("Content-Digest", Digest);
        Assert.True(KeySet.TryRead(Encoding.UTF8.GetBytes(body), out var keys));
        return DirectoryProof.FindFalse(host, response, Encoding.UTF8.GetBytes(body), keys, now);
    }
}
