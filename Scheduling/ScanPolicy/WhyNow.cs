using System.Text;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.ScanPolicy;

/// <summary>What the sentence "why now?" is made of.</summary>
public readonly record struct WhyNow
{
    // A path is outside text of up to 2,048 characters; a sentence for people needs its head.
    private const int PathLength = 200;

    /// <summary>What kind of fact the strongest trigger is; null for a scan without triggers.</summary>
    public TriggerClass? Class { get; init; }

    /// <summary>Name of the crawler that made the strongest trigger; null when it was an event.</summary>
    public string? Crawler { get; init; }

    /// <summary>What checking that crawler's claim gave, as stored.</summary>
    public string? Identity { get; init; }

    /// <summary>The page that it fetched.</summary>
    public string? Path { get; init; }

    /// <summary>When it did.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The engine asked.</summary>
    public string Engine { get; init; }

    /// <summary>How much the fetch says about the engine's answer: feed × identity × page link.</summary>
    public double Weight { get; init; }

    /// <summary>How many triggers are listed on the scan.</summary>
    public int Triggers { get; init; }

    /// <summary>When the target was scanned before; null when it never was.</summary>
    public DateTimeOffset? LastScan { get; init; }

    /// <summary>What that scan found.</summary>
    public string? LastResult { get; init; }

    /// <summary>The sentence, as true at a time.</summary>
    public string Sentence(DateTimeOffset at)
    {
        if (Class is null)
            return "Queued without a trigger.";
        bool isCrawl = Crawler is not null;
        var text = new StringBuilder();
        text.Append($"{(isCrawl ? $"{Crawler} ({Identity}) fetched {Shortened(Path)}" : What(Class.Value))} {Age(at - At)} ago, ");
        text.Append($"{Triggers} {(isCrawl ? "fetch" : "event")}{(Triggers == 1 ? "" : isCrawl ? "es" : "s")}");
        text.Append(LastScan is { } last ? $" since the last scan {Age(at - last)} ago ({LastResult})" : ", never scanned before");
        text.Append($"; {(isCrawl ? "feeds" : "concerns")} {Engine} with weight {Weight:0.##}.");
        return text.ToString();
    }

    private string What(TriggerClass of) => of switch
    {
        TriggerClass.Competitor => "A competitor published something",
        TriggerClass.EngineUpdate => $"{Engine} was updated",
        TriggerClass.Trending => "The query began to trend",
        TriggerClass.Sitemap => $"The sitemap named {Shortened(Path)} as new or changed",
        _ => $"Something happened at {Shortened(Path)}",
    };

    private static string Shortened(string? path) => path is { Length: > PathLength } ? $"{path[..PathLength]}…" : path ?? "";

    private static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 2 } => $"{age.TotalSeconds:0} s",
        { TotalHours: < 2 } => $"{age.TotalMinutes:0} min",
        { TotalDays: < 2 } => $"{age.TotalHours:0} h",
        _ => $"{age.TotalDays:0} d",
    };
}
