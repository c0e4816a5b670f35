using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Delivery;

/// <summary>Judges signed messages that come in (Standard Webhooks: symmetric, version 1). Pure; safe from any thread.</summary>
/// <remarks>Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.</remarks>
public static class WebhookVerifier
{
    /// <summary>How far a message's time may be from now: what was caught on its way is worth nothing later.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int IdCharsMax = 200, SignaturesMax = 20;

    /// <summary>Judges a message.</summary>
    /// <param name="secret">A valid secret; see <see cref="WebhookSecret"/>.</param>
    /// <param name="id">The header <c>webhook-id</c>; null when it is missing.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>.</param>
    /// <param name="signatures">The header <c>webhook-signature</c>: signatures with spaces between them, one of which must be good.</param>
    /// <param name="body">The body, byte for byte as it came.</param>
    /// <param name="now">The time now.</param>
    /// <returns>What is wrong, one sentence; null for a good message.</returns>
    public static string? Refusal(string secret, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (id is not { Length: > 0 and <= IdCharsMax } || !id.All(c => c is > ' ' and < '\x7f'))
            return $"The header webhook-id must be 1 to {IdCharsMax} visible ASCII characters.";
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
            return $"The header webhook-timestamp must be seconds since 1970 within {Tolerance.TotalMinutes:0} minutes of now.";
        byte[] good = Encoding.ASCII.GetBytes(WebhookSecret.Sign(secret, id, seconds, body));
        foreach (string given in (signatures ?? "").Split(' ', SignaturesMax + 1).Take(SignaturesMax))
        {
            if (CryptographicOperations.FixedTimeEquals(good, Encoding.UTF8.GetBytes(given)))
                return null;
        }
        return "No v1 signature in the header webhook-signature is good for this body, id and time.";
    }
}
