using Weir.Detection;

namespace Weir.Ingest.Verdicts;

/// <summary>What of a verdict reports count by.</summary>
/// <param name="Kind">What sort of client.</param>
/// <param name="Crawler">The crawler's id; empty without a claim.</param>
/// <param name="Operator">Who runs it; empty without a claim.</param>
/// <param name="Purpose">Why it fetches.</param>
/// <param name="Identity">What checking the claim gave.</param>
/// <param name="ReferralClass">What sort of page sent a person.</param>
/// <param name="ReferralSource">Who sent them; empty without one.</param>
public readonly record struct VerdictGist(
    VerdictKind Kind, string Crawler, string Operator, Purpose Purpose, Identity Identity, ReferralClass ReferralClass, string ReferralSource)
{
    /// <summary>Of the verdict that a hit was given.</summary>
    public static VerdictGist Of(in StoredVerdict verdict) =>
        new(verdict.Kind, verdict.Crawler, verdict.Operator, verdict.Purpose, verdict.Identity, verdict.ReferralClass, verdict.ReferralSource);

    /// <summary>Of a new one.</summary>
    public static VerdictGist Of(in Verdict verdict) => new(
        verdict.Kind, verdict.Crawler?.Id ?? "", verdict.Crawler?.Operator ?? "", verdict.Purpose, verdict.Identity, verdict.ReferralClass, verdict.ReferralSource ?? "");
}

/// <summary>A hit that changes, as an example.</summary>
/// <param name="Site">Its site.</param>
/// <param name="TimeMs">When, milliseconds since 1970-01-01 UTC.</param>
/// <param name="HitId">Its id.</param>
/// <param name="UserAgent">The head of its user agent. Hostile text.</param>
public sealed record ChangedHit(string Site, long TimeMs, ulong HitId, string UserAgent);

/// <summary>Hits whose verdict changes in the same way.</summary>
/// <param name="Was">What they were.</param>
/// <param name="Now">What they are by today's knowledge.</param>
/// <param name="Hits">How many.</param>
/// <param name="Examples">The first of them that this call judged; at most three.</param>
public sealed record VerdictChange(VerdictGist Was, VerdictGist Now, long Hits, IReadOnlyList<ChangedHit> Examples);

/// <summary>Counts changes. For one thread at a time.</summary>
internal sealed class VerdictChanges
{
    private const int ExamplesMax = 3, UserAgentChars = 200;

    private readonly Dictionary<(VerdictGist, VerdictGist), (long Hits, List<ChangedHit> Examples)> _changes = [];

    /// <summary>Every sort of change, most hits first.</summary>
    public IReadOnlyList<VerdictChange> All => [.. _changes
        .Select(c => new VerdictChange(c.Key.Item1, c.Key.Item2, c.Value.Hits, c.Value.Examples))
        .OrderByDescending(c => c.Hits).ThenBy(c => c.Was.Crawler, StringComparer.Ordinal).ThenBy(c => c.Now.Crawler, StringComparer.Ordinal)];

    /// <summary>Counts one.</summary>
    public void Count(string site, in StoredHit hit, in Verdict verdict)
    {
        var key = (VerdictGist.Of(hit.Verdict), VerdictGist.Of(verdict));
        if (!_changes.TryGetValue(key, out var change))
            change.Examples = [];
        if (change.Examples.Count < ExamplesMax)
            change.Examples.Add(new ChangedHit(site, hit.TimeMs, hit.HitId, hit.UserAgent[..Math.Min(hit.UserAgent.Length, UserAgentChars)].ToString()));
        _changes[key] = (change.Hits + 1, change.Examples);
    }

    /// <summary>Examples of a change that was counted elsewhere.</summary>
    public IReadOnlyList<ChangedHit> ExamplesOf(VerdictGist was, VerdictGist now) =>
        _changes.TryGetValue((was, now), out var change) ? change.Examples : [];
}
