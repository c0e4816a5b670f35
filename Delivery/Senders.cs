using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.Delivery;

/// <summary>Makes one attempt at a delivery, whichever way it travels. Safe from any thread.</summary>
public sealed class Senders(GuardedHttp http, MailSender mail, TimeProvider time)
{
    // Not for HTML: a chat shows the text as it is.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sends a message. Throws nothing but for <paramref name="stop"/>.</summary>
    /// <param name="id">The delivery's id: a webhook's <c>webhook-id</c>, a mail's Message-ID.</param>
    /// <param name="to">Where to.</param>
    /// <param name="message">What.</param>
    /// <param name="stop">Ends the attempt without a result.</param>
    public Task<AttemptResult> SendAsync(string id, Destination to, Message message, CancellationToken stop) => to.Kind switch
    {
        _ when to.Sealed is { } why => Task.FromResult(new AttemptResult(0, why)),
        DestinationKind.Webhook => WebhookAsync(id, to, Encoding.UTF8.GetBytes(message.Json), stop),
        DestinationKind.Slack => http.PostAsync(to.Address, Encoding.UTF8.GetBytes(TextJson(message)), [], stop),
        DestinationKind.Email => mail.SendAsync(id, to.Address, message, stop),
        _ => throw new ArgumentOutOfRangeException(nameof(to), to.Kind, "Not a kind of destination."),
    };

    private Task<AttemptResult> WebhookAsync(string id, Destination to, byte[] body, CancellationToken stop)
    {
        long seconds = time.GetUtcNow().ToUnixTimeSeconds();
        return http.PostAsync(to.Address, body,
        [
            ("webhook-id", id),
            ("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture)),
            ("webhook-signature", string.Join(' ', Signatures(id, to, seconds, body))),
        ], stop);
    }

    // Receivers take a message when one of the signatures is good, and pass over those of a kind that they do not know.
    private static IEnumerable<string> Signatures(string id, Destination to, long seconds, byte[] body)
    {
        yield return WebhookSecret.Sign(to.Secret, id, seconds, body);
        if (to.OldSecret.Length > 0 && seconds < to.OldUntil.ToUnixTimeSeconds())
            yield return WebhookSecret.Sign(to.OldSecret, id, seconds, body);
        if (to.SigningKey.Length > 0)
            yield return WebhookSigningKey.Sign(to.SigningKey, id, seconds, body);
    }

    // Slack reads &, < and > as its own markup; a crawler's path must not become a link or a call of everybody.
    private static string TextJson(Message message) => new JsonObject
    {
        ["text"] = $"{message.Title}\n{message.Text}"
            .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal),
    }.ToJsonString(Plain);
}
