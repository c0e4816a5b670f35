using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Delivery;

/// <summary>What webhooks are signed with (Standard Webhooks: symmetric, version 1). Pure; safe from any thread.</summary>
/// <remarks>Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md: 24 to 64 random bytes, base64 behind <c>whsec_</c>.</remarks>
public static class WebhookSecret
{
    /// <summary>What may be given, for error messages.</summary>
    public const string Rule = "whsec_ and 24 to 64 random bytes in base64";

    private const string Prefix = "whsec_";
    private const int BytesMin = 24, BytesMax = 64, BytesOfNew = 32;

    /// <summary>A new secret of 256 random bits.</summary>
    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(BytesOfNew));

    /// <summary>Whether a text is a secret; see <see cref="Rule"/>.</summary>
    public static bool IsValid(string? text)
    {
        Span<byte> bytes = stackalloc byte[BytesMax];
        return text is not null && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out int length) && length >= BytesMin;
    }

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="secret">A valid secret.</param>
    /// <param name="id">The value of <c>webhook-id</c>.</param>
    /// <param name="seconds">The value of <c>webhook-timestamp</c>: seconds since 1970-01-01 UTC, of this attempt.</param>
    /// <param name="body">The body, byte for byte as it is sent.</param>
    public static string Sign(string secret, string id, long seconds, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret[Prefix.Length..]));
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}.")));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}
