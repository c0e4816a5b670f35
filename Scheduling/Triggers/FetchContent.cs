namespace Weir.Scheduling.Triggers;

/// <summary>Whether a fetch showed its crawler a text that it had not read before. A closed list; names are stored.</summary>
public enum FetchContent
{
    /// <summary>Nobody read the text: it is no HTML, it was shed under load, or the edge does not read pages.</summary>
    Unknown = 0,

    /// <summary>The crawler's first reading of the page that the store knows.</summary>
    First = 1,

    /// <summary>Another main text than at its reading before.</summary>
    Changed = 2,

    /// <summary>The same main text, but perhaps for a date or a counter.</summary>
    Same = 3,

    /// <summary>The crawler was told so with 304 and read nothing.</summary>
    NotModified = 4,
}

/// <summary>Names of what a fetch showed, in the store and the API.</summary>
public static class FetchContents
{
    /// <summary>The name.</summary>
    public static string Name(this FetchContent content) => content switch
    {
        FetchContent.Unknown => "unknown",
        FetchContent.First => "first",
        FetchContent.Changed => "changed",
        FetchContent.Same => "same",
        FetchContent.NotModified => "not-modified",
        _ => throw new ArgumentOutOfRangeException(nameof(content), content, "Not a content."),
    };
}

/// <summary>What makes a fetch one: a hit's id is unique within its site and time.</summary>
/// <param name="Site">The site's id.</param>
/// <param name="TimeMs">When it arrived at the edge.</param>
/// <param name="HitId">The hit.</param>
public readonly record struct FetchKey(string Site, long TimeMs, ulong HitId)
{
    /// <summary>The key of a fetch.</summary>
    public static FetchKey Of(in CrawlerFetch fetch) => new(fetch.Site.Value, fetch.Time.ToUnixTimeMilliseconds(), fetch.HitId);
}
