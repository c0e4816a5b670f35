namespace Weir.Scheduling.Triggers;

/// <summary>What an event says that no hit shows. A closed list; names are stored and may grow, never change.</summary>
public enum EventKind
{
    /// <summary>A competitor published something.</summary>
    CompetitorPublished = 0,

    /// <summary>An engine's model or index was updated.</summary>
    AiModelUpdated = 1,

    /// <summary>A query is asked more often than usual.</summary>
    QueryTrending = 2,

    /// <summary>A site's sitemap names a new page, or says that a page was changed. Made by Weir, never posted.</summary>
    SitemapChanged = 3,
}

/// <summary>How much its sender makes of an event. A closed list; names are stored.</summary>
public enum EventStrength
{
    /// <summary>Worth 0.3.</summary>
    Low = 0,

    /// <summary>Worth 0.6.</summary>
    Medium = 1,

    /// <summary>Worth 1.</summary>
    High = 2,
}

/// <summary>Names and weights of events.</summary>
public static class EventKinds
{
    /// <summary>Kinds that may be posted, as the API names them.</summary>
    public static IReadOnlyList<string> Posted { get; } = [EventKind.CompetitorPublished.Name(), EventKind.AiModelUpdated.Name(), EventKind.QueryTrending.Name()];

    /// <summary>Strengths, as the API names them.</summary>
    public static IReadOnlyList<string> Strengths { get; } = [EventStrength.High.Name(), EventStrength.Medium.Name(), EventStrength.Low.Name()];

    /// <summary>The kind of a name that may be posted; null for any other.</summary>
    public static EventKind? OfPosted(string? name) => Posted.Contains(name, StringComparer.Ordinal)
        ? Enum.GetValues<EventKind>().First(k => k.Name() == name) : null;

    /// <summary>The kind of a stored name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No kind has this name.</exception>
    public static EventKind Of(string name) => Enum.GetValues<EventKind>().Cast<EventKind?>().FirstOrDefault(k => k!.Value.Name() == name)
        ?? throw new ArgumentOutOfRangeException(nameof(name), name, "Not a kind of event.");

    /// <summary>The strength of a name; null for any other.</summary>
    public static EventStrength? StrengthOf(string? name) => Strengths.Contains(name, StringComparer.Ordinal)
        ? Enum.GetValues<EventStrength>().First(s => s.Name() == name) : null;

    /// <summary>The kind's name, which is also the kind of its triggers.</summary>
    public static string Name(this EventKind kind) => kind switch
    {
        EventKind.CompetitorPublished => "competitor_published",
        EventKind.AiModelUpdated => "ai_model_updated",
        EventKind.QueryTrending => "query_trending",
        EventKind.SitemapChanged => "sitemap_changed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of event."),
    };

    /// <summary>The class of the kind's triggers.</summary>
    public static TriggerClass Class(this EventKind kind) => kind switch
    {
        EventKind.CompetitorPublished => TriggerClass.Competitor,
        EventKind.AiModelUpdated => TriggerClass.EngineUpdate,
        EventKind.QueryTrending => TriggerClass.Trending,
        EventKind.SitemapChanged => TriggerClass.Sitemap,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of event."),
    };

    /// <summary>The strength's name.</summary>
    public static string Name(this EventStrength strength) => strength switch
    {
        EventStrength.Low => "low",
        EventStrength.Medium => "medium",
        EventStrength.High => "high",
        _ => throw new ArgumentOutOfRangeException(nameof(strength), strength, "Not a strength."),
    };

    /// <summary>How much an event of this strength counts, 0 to 1.</summary>
    public static double Weight(this EventStrength strength) => strength switch
    {
        EventStrength.Low => 0.3,
        EventStrength.Medium => 0.6,
        EventStrength.High => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(strength), strength, "Not a strength."),
    };
}
