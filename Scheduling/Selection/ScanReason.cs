using System.Globalization;

namespace Weir.Scheduling.Selection;

/// <summary>What a decision to scan rested on.</summary>
public readonly record struct ScanReason
{
    /// <summary>Why, where the target's own worth was not asked: <c>overdue</c> (nobody is forgotten), <c>turn</c> (its turn came), <c>sample</c>,
    /// <c>tier</c> (its tier's interval is over), <c>event</c>, <c>first</c> (it never was scanned); null where the index decided.</summary>
    public string? Rule { get; init; }

    /// <summary>What a scan now is worth, in scans' prices.</summary>
    public double Index { get; init; }

    /// <summary>What a scan had to be worth.</summary>
    public double Price { get; init; }

    /// <summary>Days since the last scan.</summary>
    public double DaysSinceScan { get; init; }

    /// <summary>Chance that the answer has changed since then.</summary>
    public double ChangeChance { get; init; }

    /// <summary>Changes a day that are expected of it, without signals.</summary>
    public double Rate { get; init; }

    /// <summary>Chance of a change within a week, of itself, 0 to 100.</summary>
    public double VolatilityScore { get; init; }

    /// <summary>Part of the chance that its usual drift makes.</summary>
    public double DriftShare { get; init; }

    /// <summary>The signals since the last scan that say most, with their parts; the strongest first.</summary>
    public IReadOnlyList<(SignalClass Class, double AgeDays, double Share)> Signals { get; init; }

    /// <summary>The sentence for people.</summary>
    public override string ToString()
    {
        if (Rule is not null)
            return Rule switch
            {
                "overdue" => $"Not scanned for {Days(DaysSinceScan)}: nothing is forgotten.",
                "first" => "Never scanned before.",
                "turn" => $"Its turn, {Days(DaysSinceScan)} after the last scan.",
                "sample" => "Drawn as a sample of its tenant's queries.",
                "tier" => $"Its tier's interval is over, {Days(DaysSinceScan)} after the last scan.",
                _ => "Something happened that may change the answer.",
            };
        double chance = 100 * ChangeChance;
        var parts = (Signals ?? []).Select(s => (s.Share, Text: $"{TextOf(s.Class)} {Days(s.AgeDays)} ago"))
            .Append((DriftShare, Text: $"usual drift, one change in {Days(1 / Math.Max(Rate, 1e-4))}"))
            .OrderByDescending(p => p.Item1).Where(p => p.Item1 >= 0.05).Take(3)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Text} ({chance * p.Item1:0} %)"));
        return string.Create(CultureInfo.InvariantCulture, $"{chance:0} % likely changed: {string.Join(", ", parts)}.");
    }

    private static string TextOf(SignalClass signal) => signal switch
    {
        SignalClass.CrawlChanged => "a search crawler fetched a new version of a page",
        SignalClass.CrawlSame => "a search crawler fetched a page it knew",
        SignalClass.UserFetch => "the engine fetched a page for somebody",
        SignalClass.Competitor => "a competitor published",
        SignalClass.Sitemap => "a sitemap named a new or changed page",
        SignalClass.Trending => "the query was asked more than usual",
        _ => "the engine changed",
    };

    private static string Days(double days) => days switch
    {
        < 1.0 / 24 => string.Create(CultureInfo.InvariantCulture, $"{days * 1440:0} min"),
        < 2 => string.Create(CultureInfo.InvariantCulture, $"{days * 24:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{days:0.#} d"),
    };
}
