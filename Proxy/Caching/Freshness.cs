namespace Weir.Proxy.Caching;

/// <summary>How a kept answer stands to a request.</summary>
internal enum Standing
{
    /// <summary>Nothing is kept.</summary>
    Absent,

    /// <summary>May be given as it is.</summary>
    Fresh,

    /// <summary>Past its time, and the client takes it so.</summary>
    StaleAccepted,

    /// <summary>Past its time; may be given while a new one is fetched.</summary>
    StaleWhileRevalidate,

    /// <summary>Not to be given without the origin's word.</summary>
    Stale,
}

/// <summary>The arithmetic of RFC 9111 §4.2, without clock and store. Times are milliseconds since 1970-01-01 UTC, spans milliseconds.</summary>
internal static class Freshness
{
    // A page that did not change for a year may still change tomorrow.
    private const long HeuristicMsMax = 24 * 3600 * 1000L;

    /// <summary>How old an answer was when it arrived (§4.2.3).</summary>
    /// <param name="dateMs">Its Date.</param>
    /// <param name="ageSeconds">Its Age; 0 when it had none.</param>
    /// <param name="requestMs">When it was asked for.</param>
    /// <param name="responseMs">When its headers arrived.</param>
    public static long InitialAge(long dateMs, int ageSeconds, long requestMs, long responseMs)
    {
        // Date has whole seconds; a finer clock would call every answer older than it is.
        long apparent = Math.Max(0, (responseMs / 1000) - (dateMs / 1000)) * 1000;
        long corrected = (ageSeconds * 1000L) + Math.Max(0, responseMs - requestMs);
        return Math.Max(apparent, corrected);
    }

    /// <summary>For how long an answer is fresh, from its Date on (§4.2.1); 0 when nothing says so.</summary>
    /// <param name="control">Its directives.</param>
    /// <param name="hasExpires">Whether it has an Expires header.</param>
    /// <param name="expiresMs">That header's time; null when it cannot be read, which means the past (§5.3).</param>
    /// <param name="dateMs">Its Date.</param>
    /// <param name="lastModifiedMs">When it was changed, where freshness may be guessed from that; else null.</param>
    public static long Lifetime(in CacheControl control, bool hasExpires, long? expiresMs, long dateMs, long? lastModifiedMs)
    {
        if (control.SharedMaxAge is { } shared)
            return shared * 1000L;
        if (control.MaxAge is { } maxAge)
            return maxAge * 1000L;
        if (hasExpires)
            return Math.Max(0, (expiresMs ?? 0) - dateMs);
        return lastModifiedMs is { } changed ? Math.Clamp((dateMs - changed) / 10, 0, HeuristicMsMax) : 0;
    }

    /// <summary>Whether a kept answer may be given.</summary>
    /// <param name="answer">Directives of the answer.</param>
    /// <param name="lifetimeMs">For how long it is fresh.</param>
    /// <param name="ageMs">How old it is by now.</param>
    /// <param name="request">Directives of the request.</param>
    /// <param name="crawlerSeconds">How old an answer this request may get whatever the origin says; null when the origin's word counts.</param>
    public static Standing Judge(in CacheControl answer, long lifetimeMs, long ageMs, in CacheControl request, int? crawlerSeconds = null)
    {
        bool isBound = answer.NoCache;
        if (crawlerSeconds * 1000L is { } longer)
        {
            lifetimeMs = Math.Max(lifetimeMs, longer);
            isBound &= ageMs >= longer;
        }
        if (request.NoCache || isBound || (request.MaxAge is { } oldest && ageMs > oldest * 1000L))
            return Standing.Stale;
        if (lifetimeMs > ageMs)
            return lifetimeMs - ageMs >= request.MinFresh * 1000L ? Standing.Fresh : Standing.Stale;
        if (answer.MustRevalidate || request.MinFresh > 0)
            return Standing.Stale;
        long past = ageMs - lifetimeMs;
        if (past <= answer.StaleWhileRevalidate * 1000L && answer.StaleWhileRevalidate > 0)
            return Standing.StaleWhileRevalidate;
        // s-maxage forbids what the origin did not ask for itself (§5.2.2.10).
        return request.MaxStale is { } accepted && answer.SharedMaxAge is null && past <= accepted * 1000L ? Standing.StaleAccepted : Standing.Stale;
    }

    /// <summary>Whether a kept answer may be given because the origin failed (RFC 5861 §4).</summary>
    /// <param name="answer">Directives of the answer.</param>
    /// <param name="lifetimeMs">For how long it is fresh.</param>
    /// <param name="ageMs">How old it is by now.</param>
    /// <param name="request">Directives of the request.</param>
    /// <param name="siteSeconds">What the site allows where the origin says nothing.</param>
    public static bool MayServeOnError(in CacheControl answer, long lifetimeMs, long ageMs, in CacheControl request, int siteSeconds)
    {
        if (answer.MustRevalidate || answer.NoCache || request.NoCache)
            return false;
        int seconds = Math.Max(answer.StaleIfError ?? siteSeconds, request.StaleIfError ?? 0);
        return seconds > 0 && ageMs - lifetimeMs <= seconds * 1000L;
    }
}
