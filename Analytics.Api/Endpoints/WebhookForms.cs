using System.Text.Json.Serialization;
using Weir.Delivery;
using Weir.Scheduling.Webhooks;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>A webhook as it is written.</summary>
internal sealed record WebhookBody
{
    /// <summary>What people call it, 1 to 100 characters; the URL's host without it.</summary>
    public string? Name { get; init; }

    /// <summary>Where to POST.</summary>
    public string? Url { get; init; }

    /// <summary>Of what it is told: trigger.created, scan.completed, scan.dead, target.changed.</summary>
    public IReadOnlyList<string?>? Events { get; init; }

    /// <summary>Whether it is told (true without it).</summary>
    public bool? IsEnabled { get; init; }
}

/// <summary>A webhook as it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Url">Where messages are POSTed, without its query.</param>
/// <param name="Events">Of what it is told.</param>
/// <param name="IsEnabled">Whether it is told now.</param>
/// <param name="Disabled">Why it is not; null when it is.</param>
/// <param name="PublicKey">What its <c>v1a</c> signatures are checked with.</param>
/// <param name="OldSecretUntil">Until when messages are signed with the secret before, too; null when they are not.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Changed">When it was last written.</param>
/// <param name="Secret">What its <c>v1</c> signatures are checked with, in the answer to whoever had it made, and never again.</param>
internal sealed record WebhookRow(
    string Id, string Name, string Url, IReadOnlyList<string> Events, bool IsEnabled, string? Disabled, string PublicKey, DateTimeOffset? OldSecretUntil,
    DateTimeOffset Created, DateTimeOffset Changed, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret = null)
{
    public static WebhookRow Of(Webhook webhook, Destination to, DateTimeOffset now, bool isSecretShown = false) => new(
        webhook.Id, webhook.Name, to.ShownAddress, webhook.Events, webhook.IsEnabled && !to.IsGone && to.Sealed is null,
        to.Sealed ?? (to.IsGone ? "The receiver answered 410: it wants no more messages. PUT the webhook to try it again."
            : webhook.IsEnabled ? null : "It was switched off."),
        to.Sealed is null ? WebhookSigningKey.PublicOf(to.SigningKey) : "", to.OldSecret.Length > 0 && to.OldUntil > now ? to.OldUntil : null, webhook.Created, webhook.Changed,
        isSecretShown ? to.Secret : null);
}

/// <summary>An organisation's webhooks.</summary>
/// <param name="Items">In the order of their making.</param>
internal sealed record WebhookList(IReadOnlyList<WebhookRow> Items);

/// <summary>How a secret is changed.</summary>
internal sealed record SecretBody
{
    /// <summary>For how many hours messages are signed with the old secret too: 0 to 168 (24 without it).</summary>
    public int? OverlapHours { get; init; }
}

/// <summary>What is sent again: one delivery, or those of a span.</summary>
internal sealed record WebhookReplayBody
{
    /// <summary>The id of one delivery, which receivers know as webhook-id.</summary>
    public string? Delivery { get; init; }

    /// <summary>Begin of a span, ISO 8601.</summary>
    public string? From { get; init; }

    /// <summary>End of the span; now without it.</summary>
    public string? To { get; init; }

    /// <summary>Whether what was delivered in the span is sent again too; only what was given up without it.</summary>
    public bool? Delivered { get; init; }
}

/// <summary>Messages that were put in the queue.</summary>
/// <param name="Deliveries">How many.</param>
internal sealed record WebhookSent(int Deliveries);
