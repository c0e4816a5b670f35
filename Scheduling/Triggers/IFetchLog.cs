namespace Weir.Scheduling.Triggers;

/// <summary>The stored crawler fetches in the order in which the store took them.</summary>
public interface IFetchLog
{
    /// <summary>The store's own time: what new rows will be stamped with.</summary>
    Task<DateTimeOffset> NowAsync(CancellationToken stop);

    /// <summary>Reads fetches after a place, in order.</summary>
    /// <param name="after">Where to go on.</param>
    /// <param name="sites">Only these sites.</param>
    /// <param name="limit">At most so many; fewer means that there are no more.</param>
    /// <param name="stop">Ends the call.</param>
    Task<IReadOnlyList<CrawlerFetch>> ReadAsync(FetchPlace after, IReadOnlyCollection<string> sites, int limit, CancellationToken stop);

    /// <summary>What fetches showed their crawlers, as far as it is known by now.</summary>
    /// <param name="fetches">Fetches that sent a page.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>Nothing for a fetch whose text was not read, or not yet.</returns>
    Task<IReadOnlyDictionary<FetchKey, FetchContent>> ContentsAsync(IReadOnlyList<CrawlerFetch> fetches, CancellationToken stop);
}

/// <summary>A place in the log: after a certain fetch, or before all of a moment.</summary>
/// <param name="InsertedAt">The moment.</param>
/// <param name="Site">The fetch's site; empty for before all.</param>
/// <param name="HitId">The fetch's hit.</param>
/// <param name="Time">The fetch's time.</param>
public readonly record struct FetchPlace(DateTimeOffset InsertedAt, string Site = "", ulong HitId = 0, DateTimeOffset Time = default)
{
    /// <summary>The place after a fetch.</summary>
    public static FetchPlace After(in CrawlerFetch fetch) => new(fetch.InsertedAt, fetch.Site.Value, fetch.HitId, fetch.Time);
}
