namespace Weir.Scheduling.Triggers;

/// <summary>What kind of fact a trigger is, and with that how much it says. A closed list; names are stored and may grow, never change.</summary>
public enum TriggerClass
{
    /// <summary>A crawler that an engine answers from read a page whose text is new to it, or may be.</summary>
    CrawlChanged = 0,

    /// <summary>Such a crawler read the same text again, or was told that nothing changed. Kept as an event; alone it makes no scan due.</summary>
    CrawlSame = 1,

    /// <summary>An engine fetched the page because a person asked it something.</summary>
    UserFetch = 2,

    /// <summary>A competitor published something.</summary>
    Competitor = 3,

    /// <summary>An engine's model or index was updated.</summary>
    EngineUpdate = 4,

    /// <summary>A query is asked more often than usual.</summary>
    Trending = 5,

    /// <summary>A site's sitemap names a new page, or says that a page was changed.</summary>
    Sitemap = 6,
}

/// <summary>Names of classes in the store and the API.</summary>
public static class TriggerClasses
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<TriggerClass>().Select(Name)];

    /// <summary>The name of a class.</summary>
    public static string Name(this TriggerClass of) => of switch
    {
        TriggerClass.CrawlChanged => "crawl-changed",
        TriggerClass.CrawlSame => "crawl-same",
        TriggerClass.UserFetch => "user-fetch",
        TriggerClass.Competitor => "competitor",
        TriggerClass.EngineUpdate => "engine-update",
        TriggerClass.Trending => "trending",
        TriggerClass.Sitemap => "sitemap",
        _ => throw new ArgumentOutOfRangeException(nameof(of), of, "Not a class."),
    };

    /// <summary>The class of a stored name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No class has this name.</exception>
    public static TriggerClass Of(string name) => Enum.GetValues<TriggerClass>().Cast<TriggerClass?>().FirstOrDefault(c => c!.Value.Name() == name)
        ?? throw new ArgumentOutOfRangeException(nameof(name), name, "Not a class.");

    /// <summary>Whether triggers of the class make no scan due by themselves.</summary>
    public static bool IsWeak(this TriggerClass of) => of == TriggerClass.CrawlSame;
}
