namespace Weir.Delivery;

/// <summary>How a message travels. The names of <see cref="DestinationKinds"/> are stored and promised.</summary>
public enum DestinationKind
{
    /// <summary>A signed POST, as standardwebhooks.com describes it.</summary>
    Webhook = 1,

    /// <summary>A mail through the installation's SMTP server.</summary>
    Email = 2,

    /// <summary>A POST of <c>{"text": …}</c>, as Slack's incoming webhooks and what is compatible with them take it.</summary>
    Slack = 3,
}

/// <summary>The names of <see cref="DestinationKind"/>.</summary>
public static class DestinationKinds
{
    private static readonly (DestinationKind Kind, string Name)[] Names =
        [(DestinationKind.Webhook, "webhook"), (DestinationKind.Email, "email"), (DestinationKind.Slack, "slack")];

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(n => n.Name)];

    /// <summary>A kind's name.</summary>
    public static string Name(this DestinationKind kind) => Array.Find(Names, n => n.Kind == kind).Name;

    /// <summary>The kind of a name; null when there is none.</summary>
    public static DestinationKind? Find(string? name) => Array.Find(Names, n => n.Name == name) is { Name: not null } found ? found.Kind : null;
}

/// <summary>Where an owner's messages go.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">How they travel.</param>
/// <param name="Address">A URL, or mail addresses with a comma between them. A chat's URL is a secret: whoever has it may write there.</param>
/// <param name="Secret">What a webhook is signed with, in the form <c>whsec_…</c>; else empty. Never shown again and never logged.</param>
/// <param name="IsGone">Whether the receiver answered 410: nothing more is sent there until the owner is written anew.</param>
public sealed record Destination(string Id, DestinationKind Kind, string Address, string Secret = "", bool IsGone = false)
{
    /// <summary>The secret before the last change; empty when there was none. Messages are signed with it too until <see cref="OldUntil"/>.</summary>
    public string OldSecret { get; init; } = "";

    /// <summary>Until when the secret before counts.</summary>
    public DateTimeOffset OldUntil { get; init; }

    /// <summary>The private key of signatures that are checked with a public one; empty for none. See <see cref="WebhookSigningKey"/>.</summary>
    public string SigningKey { get; init; } = "";

    /// <summary>Why its secrets cannot be opened; null when they are. Nothing can be sent there then, and nothing written over them.</summary>
    public string? Sealed { get; init; }

    /// <summary>Most addresses of one mail.</summary>
    public const int MailAddressesMax = 20;

    /// <summary>The address as it may be shown: of a chat's URL the host alone, of a webhook's no query.</summary>
    public string ShownAddress => Kind switch
    {
        DestinationKind.Slack when Sealed is not null => "a chat whose URL cannot be opened",
        DestinationKind.Slack => $"{new Uri(Address).GetLeftPart(UriPartial.Authority)}/…",
        DestinationKind.Webhook when new Uri(Address).Query.Length > 0 => $"{new Uri(Address).GetLeftPart(UriPartial.Path)}?…",
        _ => Address,
    };

    /// <summary>Without the secret, and without what of the address is one.</summary>
    public override string ToString() => $"{Kind.Name()} {Id} to {ShownAddress}";
}

/// <summary>What is sent, in each form that a destination may want.</summary>
/// <param name="Type">What happened, words with dots between them, such as <c>alert.firing</c>.</param>
/// <param name="Title">One line for people: a mail's subject.</param>
/// <param name="Text">Plain text for people.</param>
/// <param name="Json">The body of a webhook.</param>
public sealed record Message(string Type, string Title, string Text, string Json);
