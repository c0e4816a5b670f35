using System.Text;
using CsCheck;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

public class SigningKeyFileTests
{
    private const string Set = """{"keys":[{"kty":"OKP","crv":"Ed25519","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}]}""";
    private const string Thumbprint = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";

    [Fact]
    public void One_set_serves_every_agent()
    {
        var file = SigningKeyFile.Read(Encoding.UTF8.GetBytes(Set), out _)!;

        Assert.True(file.Covers("https://anybody.example"));
        Assert.Equal(KeyState.Known, file.Find("https://anybody.example", Thumbprint, out _));
        Assert.Equal(KeyState.NotInDirectory, file.Find("https://anybody.example", "other", out _));
    }

    [Fact]
    public void A_set_for_each_agent_serves_that_agent()
    {
        var file = SigningKeyFile.Read(Encoding.UTF8.GetBytes($$"""{"https://ChatGPT.com/":{{Set}}}"""), out _)!;

        Assert.Equal(KeyState.Known, file.Find("https://chatgpt.com", Thumbprint, out _));
        Assert.False(file.Covers("https://anybody.example"));
    }

    [Theory]
    [InlineData("", "this is no JWK set")]
    [InlineData("[]", "this is no JWK set")]
    [InlineData("{}", "holds no key set")]
    [InlineData("""{"keys":7}""", "'keys' is no agent")]
    [InlineData("""{"http://chatgpt.com":{"keys":[]}}""", "'http://chatgpt.com' is no agent")]
    [InlineData("""{"https://chatgpt.com":{"keys":7}}""", "has no JWK set")]
    public void What_is_wrong_is_said(string json, string says)
    {
        Assert.Null(SigningKeyFile.Read(Encoding.UTF8.GetBytes(json), out string? error));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        byte[] good = Encoding.UTF8.GetBytes(Set);
        Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[0, good.Length - 1], Gen.Byte).Sample((bytes, at, value) =>
        {
            byte[] changed = [.. good];
            changed[at] = value;
            _ = KeySet.TryRead(bytes, out _) | KeySet.TryRead(changed, out _);
            return SigningKeyFile.Read(bytes, out string? error) is null == (error is not null)
                && SigningKeyFile.Read(changed, out error) is null == (error is not null);
        });
    }
}
