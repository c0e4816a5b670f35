using System.Text.Json.Serialization;
using Weir.Analytics.Api.Alerts;
using Weir.Delivery;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>An alert as it is written.</summary>
internal sealed record AlertBody
{
    /// <summary>What people call it, 1 to 100 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What it looks for.</summary>
    public AlertRule? Rule { get; init; }

    /// <summary>Where its messages go: 1 to 10.</summary>
    public IReadOnlyList<ChannelBody>? Channels { get; init; }

    /// <summary>Least minutes between two messages that the same is firing: 0 to 10080 (60 without it).</summary>
    public int? CooldownMinutes { get; init; }

    /// <summary>Whether a message is sent when it is over (true without it).</summary>
    public bool? SendResolved { get; init; }

    /// <summary>Whether it looks (true without it).</summary>
    public bool? IsEnabled { get; init; }
}

/// <summary>Where messages go, as it is written.</summary>
internal sealed record ChannelBody
{
    /// <summary>Of a channel that is there already: what is not given beside it stays.</summary>
    public string? Id { get; init; }

    /// <summary>webhook, email or slack.</summary>
    public string? Kind { get; init; }

    /// <summary>webhook, slack: where to POST.</summary>
    public string? Url { get; init; }

    /// <summary>email: 1 to 20 addresses.</summary>
    public IReadOnlyList<string>? To { get; init; }

    /// <summary>webhook: what to sign with, whsec_ and base64; one is made without it, and shown in this answer alone.</summary>
    public string? Secret { get; init; }
}

/// <summary>An alert as it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Rule">What it looks for, every default filled in.</param>
/// <param name="Channels">Where its messages go.</param>
/// <param name="CooldownMinutes">Least minutes between two messages that the same is firing.</param>
/// <param name="SendResolved">Whether a message is sent when it is over.</param>
/// <param name="IsEnabled">Whether it looks.</param>
/// <param name="Firing">What is firing now.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Changed">When it was last written.</param>
internal sealed record AlertRow(
    string Id, string Name, AlertRule Rule, IReadOnlyList<ChannelRow> Channels, int CooldownMinutes, bool SendResolved, bool IsEnabled,
    IReadOnlyList<FiringRow> Firing, DateTimeOffset Created, DateTimeOffset Changed)
{
    /// <param name="alert">The alert.</param>
    /// <param name="destinations">Its destinations.</param>
    /// <param name="states">What it found.</param>
    /// <param name="shown">Destinations whose secret was made just now and is shown this once.</param>
    public static AlertRow Of(Alert alert, IReadOnlyList<Destination> destinations, IEnumerable<AlertState> states, IReadOnlySet<string>? shown = null) => new(
        alert.Id, alert.Name, alert.Rule, [.. destinations.Select(d => ChannelRow.Of(d, shown?.Contains(d.Id) == true))], alert.Manner.CooldownMinutes,
        alert.Manner.SendResolved, alert.IsEnabled,
        [.. states.Where(s => s.IsFiring && s.Alert == alert.Id).Select(s => new FiringRow(
            s.Subject.Length == 0 ? null : s.Subject, DateTimeOffset.FromUnixTimeMilliseconds(s.SinceMs), s.Summary))], alert.Created, alert.Changed);
}

/// <summary>Where messages go, as it is shown: without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">webhook, email or slack.</param>
/// <param name="Address">A webhook's URL without its query, a chat's host, or mail addresses with commas.</param>
/// <param name="IsGone">Whether the receiver answered 410; nothing more is sent there until the alert is written anew.</param>
/// <param name="Secret">The signing secret, in the answer to whoever had it made, and never again.</param>
internal sealed record ChannelRow(
    string Id, string Kind, string Address, bool IsGone, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret = null)
{
    public static ChannelRow Of(Destination d, bool isSecretShown) => new(d.Id, d.Kind.Name(), d.ShownAddress, d.IsGone, isSecretShown ? d.Secret : null);
}

/// <summary>What is firing.</summary>
/// <param name="Subject">The crawler's id; null where the alert is about the site.</param>
/// <param name="Since">Since when.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record FiringRow(string? Subject, DateTimeOffset Since, string Summary);

/// <summary>A site's alerts.</summary>
/// <param name="Items">In the order of their making.</param>
internal sealed record AlertList(IReadOnlyList<AlertRow> Items);

/// <summary>Messages that were put in the queue.</summary>
/// <param name="Deliveries">Their ids, one for each channel that is not gone.</param>
internal sealed record AlertSent(IReadOnlyList<string> Deliveries);
