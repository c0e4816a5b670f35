using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Scheduling.Planning;

/// <summary>Why a scan was planned: what the decision rested on, as stored with the scan. The names are promised.</summary>
public sealed record DecisionRecord
{
    // A path is outside text of up to 2,048 characters; a sentence for people needs its head.
    private const int PathLength = 200;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>When it was decided.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The tenant's policy: <c>index</c>, <c>tiers</c> or <c>sampling</c>; <c>event</c> for a request without a budget.</summary>
    public required string Policy { get; init; }

    /// <summary>Why, where the target's own worth was not asked: <c>first</c> (never scanned), <c>overdue</c> (nobody is forgotten), <c>tier</c>, <c>sample</c>,
    /// <c>requested</c>; null where the index decided.</summary>
    public string? Rule { get; init; }

    /// <summary>Whether the table of tiers stood in for the index, because the belief was lost or planning was late.</summary>
    public bool IsFallback { get; init; }

    /// <summary>What a scan was worth, in changes found within a day; null where the rule alone decided.</summary>
    public double? Index { get; init; }

    /// <summary>What a scan had to be worth.</summary>
    public double? Price { get; init; }

    /// <summary>Days since the last scan; null when there was none.</summary>
    public double? DaysSinceScan { get; init; }

    /// <summary>Chance that the answer had changed since then, 0 to 1.</summary>
    public double ChangeChance { get; init; }

    /// <summary>Changes a day that were expected of the target, without signals.</summary>
    public double RatePerDay { get; init; }

    /// <summary>Chance of a change within a week, of itself, 0 to 100.</summary>
    public double VolatilityScore { get; init; }

    /// <summary>Part of the chance that usual drift makes, 0 to 1.</summary>
    public double DriftShare { get; init; }

    /// <summary>The signals since the last scan that say most, the strongest first; at most four.</summary>
    public IReadOnlyList<DecisionSignal> Signals { get; init; } = [];

    /// <summary>The decision as JSON, for the store.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null when it is none.</summary>
    public static DecisionRecord? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<DecisionRecord>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The sentence for people, as true when it was decided.</summary>
    public string Sentence()
    {
        string since = DaysSinceScan is { } days ? Days(days) : "";
        return Rule switch
        {
            "first" => "Never scanned before.",
            "requested" => DaysSinceScan is null ? "Somebody asked for it; never scanned before." : $"Somebody asked for it, {since} after the last scan.",
            "overdue" => $"Not scanned for {since}: nothing is forgotten. {Likely()}",
            "sample" => $"Drawn as a sample of its tenant's queries, {since} after the last scan.",
            "tier" => string.Create(CultureInfo.InvariantCulture,
                $"Volatility score {VolatilityScore:0}: its interval is over, {since} after the last scan{(IsFallback ? "; the table of intervals stood in for the index" : "")}."),
            _ => Likely(),
        };
    }

    private string Likely()
    {
        double chance = 100 * ChangeChance;
        var parts = Signals.Select(s => (s.Share, Text: $"{TextOf(s)} {Days((At - s.At).TotalDays)} ago"))
            .Append((DriftShare, Text: $"usual drift every {Days(1 / Math.Max(RatePerDay, 1e-4))}"))
            .OrderByDescending(p => p.Item1).Where((p, i) => i == 0 || p.Item1 * chance >= 0.5).Take(3)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Text} ({chance * p.Item1:0} %)"));
        return string.Create(CultureInfo.InvariantCulture, $"{chance:0} % likely changed: {string.Join(", ", parts)}.");
    }

    private static string TextOf(DecisionSignal signal)
    {
        string who = signal.Crawler ?? "a crawler", page = signal.Path is { } path ? path.Length > PathLength ? $"{path[..PathLength]}…" : path : "a page";
        return signal.Class switch
        {
            "crawl-changed" => $"{who} fetched a new version of {page}",
            "crawl-same" => $"{who} fetched {page} again",
            "user-fetch" => $"{who} fetched {page} for somebody",
            "competitor" => "a competitor published",
            "sitemap" => $"a sitemap named {page} as new or changed",
            "trending" => "the query was asked more than usual",
            _ => "the engine changed",
        };
    }

    private static string Days(double days) => days switch
    {
        < 2.0 / 24 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, days * 1440):0} min"),
        < 2 => string.Create(CultureInfo.InvariantCulture, $"{days * 24:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{days:0.#} d"),
    };
}

/// <summary>A signal and its part of a decision.</summary>
/// <param name="Class">What it is, as its trigger's class.</param>
/// <param name="At">When it happened.</param>
/// <param name="Share">Its part of the chance of a change, 0 to 1.</param>
/// <param name="Trigger">The trigger's number; null when it is not known any more.</param>
/// <param name="Crawler">Name of the crawler that fetched.</param>
/// <param name="Path">The page.</param>
public sealed record DecisionSignal(string Class, DateTimeOffset At, double Share, long? Trigger = null, string? Crawler = null, string? Path = null);
