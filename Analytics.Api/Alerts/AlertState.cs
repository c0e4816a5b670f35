namespace Weir.Analytics.Api.Alerts;

/// <summary>What an alert has found of one subject so far, as the control store keeps it.</summary>
/// <param name="Alert">The alert's id.</param>
/// <param name="Subject">A crawler's id, or empty where the alert is about the site.</param>
/// <param name="IsFiring">Whether it is so now.</param>
/// <param name="SinceMs">Since when, milliseconds since 1970-01-01 UTC.</param>
/// <param name="SentMs">When it was last sent that it is firing; 0 for never.</param>
/// <param name="IsSent">Whether it was sent that it is firing now: not while the cooldown lasts.</param>
/// <param name="Summary">One sentence for people.</param>
internal sealed record AlertState(string Alert, string Subject, bool IsFiring, long SinceMs, long SentMs, bool IsSent, string Summary);

/// <summary>That an alert fires, now and for one subject.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Subject">A crawler's id, or empty.</param>
/// <param name="Summary">One sentence for people. Holds no text of strangers.</param>
/// <param name="Figures">The numbers behind it, by name.</param>
internal sealed record Finding(Alert Alert, string Subject, string Summary, IReadOnlyDictionary<string, double> Figures);

/// <summary>What to tell.</summary>
internal enum AlertNews
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It fires.</summary>
    Firing,

    /// <summary>It is over.</summary>
    Resolved,
}

/// <summary>How a subject's state changes. Pure; safe from any thread.</summary>
internal static class AlertTransition
{
    /// <summary>The next state and what to tell; the same state when nothing changes.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="before">Its state so far; null for none.</param>
    /// <param name="finding">That it fires; null when it does not.</param>
    /// <param name="nowMs">Now.</param>
    public static (AlertState? State, AlertNews News) Next(Alert alert, string subject, AlertState? before, Finding? finding, long nowMs)
    {
        // A new crawler is news once and never over: its state only remembers that it was told.
        if (alert.Rule.Kind == AlertKinds.NewCrawler)
        {
            return before is null && finding is not null
                ? (new AlertState(alert.Id, subject, false, nowMs, nowMs, true, finding.Summary), AlertNews.Firing) : (before, AlertNews.None);
        }
        if (finding is null)
        {
            return before is not { IsFiring: true } ? (before, AlertNews.None)
                : (before with { IsFiring = false, SinceMs = nowMs, IsSent = false }, before.IsSent && alert.Manner.SendResolved ? AlertNews.Resolved : AlertNews.None);
        }
        var state = before is { IsFiring: true } ? before
            : new AlertState(alert.Id, subject, true, nowMs, before?.SentMs ?? 0, false, finding.Summary);
        bool mayBeSent = !state.IsSent && (state.SentMs == 0 || nowMs - state.SentMs >= (long)alert.Manner.Cooldown.TotalMilliseconds);
        return mayBeSent ? (state with { IsSent = true, SentMs = nowMs, Summary = finding.Summary }, AlertNews.Firing) : (state, AlertNews.None);
    }
}
