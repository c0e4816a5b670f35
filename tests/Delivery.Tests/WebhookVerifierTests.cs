using System.Text;
using System.Text.Json;
using Weir.TestKit;

namespace Weir.Delivery.Tests;

/// <summary>Messages that come in, signed by the standard's own library.</summary>
public sealed class WebhookVerifierTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 9, 0, 0, TimeSpan.Zero);
    private const string Body = """{"type":"ai_model_updated","data":{"note":"ä"}}""";

    [Fact]
    public async Task What_the_standard_s_library_signed_is_good_and_nothing_else_of_it_is()
    {
        string secret = WebhookSecret.New(), seconds = $"{Now.ToUnixTimeSeconds()}";
        string good = await SignAsync(secret, "msg_1", Now.ToUnixTimeSeconds(), Body);
        byte[] body = Encoding.UTF8.GetBytes(Body);
        Assert.Null(WebhookVerifier.Refusal(secret, "msg_1", seconds, good, body, Now));
        Assert.Null(WebhookVerifier.Refusal(secret, "msg_1", seconds, $"v1a,AAAA v1,AAAA {good}", body, Now));
        Assert.NotNull(WebhookVerifier.Refusal(WebhookSecret.New(), "msg_1", seconds, good, body, Now));
        Assert.NotNull(WebhookVerifier.Refusal(secret, "msg_2", seconds, good, body, Now));
        Assert.NotNull(WebhookVerifier.Refusal(secret, "msg_1", $"{Now.ToUnixTimeSeconds() + 1}", good, body, Now));
        Assert.NotNull(WebhookVerifier.Refusal(secret, "msg_1", seconds, good, [.. body, 32], Now));
        Assert.NotNull(WebhookVerifier.Refusal(secret, "msg_1", seconds, good.ToLowerInvariant(), body, Now));
        foreach (int minutes in (int[])[-6, 6])
            Assert.Contains("within 5 minutes", WebhookVerifier.Refusal(secret, "msg_1", seconds, good, body, Now.AddMinutes(minutes)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "1", "v1,AAAA")]
    [InlineData("", "1", "v1,AAAA")]
    [InlineData("a b", "1", "v1,AAAA")]
    [InlineData("msg_1", null, "v1,AAAA")]
    [InlineData("msg_1", "now", "v1,AAAA")]
    [InlineData("msg_1", "99999999999999999999", "v1,AAAA")]
    [InlineData("msg_1", "-1", "v1,AAAA")]
    [InlineData("msg_1", "", null)]
    [InlineData("msg_1", "", "")]
    public void Odd_headers_are_refused(string? id, string? timestamp, string? signatures) =>
        Assert.NotNull(WebhookVerifier.Refusal(WebhookSecret.New(), id, timestamp == "" ? $"{Now.ToUnixTimeSeconds()}" : timestamp, signatures, [], Now));

    private static async Task<string> SignAsync(string secret, string id, long seconds, string body)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "node");
        var (code, output) = await NodePackages.RunAsync(
            "node", ["sign.mjs", await NodePackages.InstallAsync(folder)], folder, JsonSerializer.Serialize(new { secret, id, seconds, body }));
        return code == 0 ? output.Trim() : throw new InvalidOperationException(output);
    }
}
