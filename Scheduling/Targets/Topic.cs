namespace Weir.Scheduling.Targets;

/// <summary>What some queries are about, and the pages that are about it: each of these pages bears on each of those queries.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, unique within the tenant.</param>
/// <param name="Queries">How many queries have it.</param>
/// <param name="Pages">Its pages.</param>
/// <param name="Warnings">What may be a mistake in it; only in the answer to whoever wrote it.</param>
public sealed record Topic(long Id, string Name, long Queries, IReadOnlyList<PageLink> Pages, IReadOnlyList<PatternWarning>? Warnings = null);

/// <summary>A brand and how much is watched of it.</summary>
public sealed record WatchedBrand
{
    /// <summary>Its number.</summary>
    public long Id { get; init; }

    /// <summary>Its name, unique within the tenant.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its queries.</summary>
    public long Queries { get; init; }

    /// <summary>Its targets: queries × engines.</summary>
    public long Targets { get; init; }
}

/// <summary>A pattern and whose pages it speaks of.</summary>
/// <param name="Site">The site.</param>
/// <param name="Pattern">Which pages.</param>
public readonly record struct PagePatternOfSite(Detection.SiteId Site, string Pattern);

/// <summary>That a pattern may be a mistake.</summary>
/// <param name="Site">The site.</param>
/// <param name="Pattern">The pattern.</param>
/// <param name="Pages">Pages of it that crawlers fetched in the last 30 days.</param>
/// <param name="Warning">What that means.</param>
public sealed record PatternWarning(string Site, string Pattern, long Pages, string Warning);

/// <summary>What became of a wish for another name.</summary>
public enum RenameOutcome
{
    /// <summary>It has the name.</summary>
    Done,

    /// <summary>The tenant has nothing of this number.</summary>
    NotFound,

    /// <summary>Another one has the name.</summary>
    Taken,
}
