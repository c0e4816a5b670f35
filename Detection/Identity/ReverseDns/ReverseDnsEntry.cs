using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>What is known of one address. Immutable: a change is another entry in its place, so that readers need no lock.</summary>
internal sealed record ReverseDnsEntry(ClientAddress Address)
{
    // A clock that was set back must not keep an answer for the years in between.
    private const long ClockSlackMs = 60_000;

    /// <summary>The host names as last answered; null when DNS never answered.</summary>
    public HostName[]? Names { get; init; }

    /// <summary>When this was found out, milliseconds since 1970.</summary>
    public long AnsweredAtMs { get; init; }

    /// <summary>When DNS is to be asked again.</summary>
    public long AskAgainAtMs { get; init; }

    /// <summary>Until when <see cref="Names"/> may serve.</summary>
    public long UsableUntilMs { get; init; }

    /// <summary>How often in a row DNS did not answer.</summary>
    public int Failures { get; init; }

    /// <summary>The question under way; null when none is.</summary>
    public ReverseDnsQuestion? Open { get; init; }

    /// <summary>Whether it is time to ask again.</summary>
    public bool IsDue(long nowMs) => nowMs >= AskAgainAtMs || nowMs < AnsweredAtMs - ClockSlackMs;

    /// <summary>What the names say of a crawler; <see cref="ReverseDnsAnswer.NotAsked"/> when there are none to go by.</summary>
    public ReverseDnsAnswer Judge(Crawler crawler, long nowMs) =>
        Names is { } names && nowMs < UsableUntilMs && nowMs >= AnsweredAtMs - ClockSlackMs
            ? HostNames.Judge(names, crawler) : ReverseDnsAnswer.NotAsked;
}
