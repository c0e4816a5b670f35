namespace Weir.Ingest;

/// <summary>What the edge's response cache did with a request. Stored numbers: may grow, never change.</summary>
public enum CacheResult : byte
{
    /// <summary>The site keeps no answers, or none was needed.</summary>
    None = 0,

    /// <summary>Answered from the cache, without the origin.</summary>
    Hit = 1,

    /// <summary>Nothing usable was kept; the origin answered.</summary>
    Miss = 2,

    /// <summary>Answered from the cache after the origin said that nothing has changed.</summary>
    Revalidated = 3,

    /// <summary>Answered from the cache past the answer's time, as its directives or the site allow.</summary>
    Stale = 4,

    /// <summary>A request that the cache is not asked about, such as a POST; the origin answered.</summary>
    Bypass = 5,
}
