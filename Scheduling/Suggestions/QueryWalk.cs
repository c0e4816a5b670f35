using System.Data.Common;
using Dapper;

namespace Weir.Scheduling.Suggestions;

/// <summary>Goes through queries brand by brand, a bounded number a call: whether a query has a link is found out by looking.</summary>
internal sealed class QueryWalk(DbConnection connection, DbTransaction snapshot, string inReach, Reach reach)
{
    // Some tenths of a second.
    private const int LookedAtMax = 50_000;

    private readonly string _sql = $"""
        SELECT q.id FROM (SELECT id FROM brand_queries WHERE brand_id = @brand AND id > @after ORDER BY id LIMIT @most) q
        WHERE EXISTS (SELECT 1 FROM targets t WHERE t.query_id = q.id AND {inReach})
          AND @isLinked = CASE WHEN EXISTS (SELECT 1 FROM targets t JOIN target_pages p ON p.target_id = t.id WHERE t.query_id = q.id)
                                 OR EXISTS (SELECT 1 FROM query_topics y JOIN topic_pages p ON p.topic_id = y.topic_id WHERE y.query_id = q.id) THEN 1 ELSE 0 END
        ORDER BY q.id LIMIT @limit
        """;

    private int _left = LookedAtMax;

    /// <summary>Whether more may be looked at.</summary>
    public bool IsAffordable => _left > 0;

    /// <summary>Takes a brand's queries that have links, or that have none.</summary>
    /// <returns>The last query that was looked at; null when the brand has no more.</returns>
    public async Task<long?> TakeAsync(long brand, long after, bool isLinked, int limit, List<long> to)
    {
        int most = _left;
        var (count, last) = await connection.QuerySingleAsync<(long Count, long Last)>(
            "SELECT count(*), coalesce(max(id), 0) FROM (SELECT id FROM brand_queries WHERE brand_id = @brand AND id > @after ORDER BY id LIMIT @most) looked", new { brand, after, most }, snapshot);
        var found = (await connection.QueryAsync<long>(
            _sql, new { brand, after, most, limit, isLinked = isLinked ? 1 : 0, tenant = reach.Tenant, sites = reach.SitesJson }, snapshot)).AsList();
        to.AddRange(found);
        _left -= (int)count;
        return found.Count == limit ? found[^1] : count == most ? last : null;
    }
}

/// <summary>Where a list of queries ended.</summary>
/// <param name="IsLinked">Whether it was at those with links, which come last.</param>
/// <param name="Brand">The last query's brand.</param>
/// <param name="Query">The last query.</param>
public readonly record struct QueryPlace(bool IsLinked, long Brand, long Query);

/// <summary>A page and a query.</summary>
/// <param name="Query">The query.</param>
/// <param name="Site">The page's site.</param>
/// <param name="Path">Its path.</param>
public readonly record struct PageOfQuery(long Query, Detection.SiteId Site, string Path);

/// <summary>A page that a query is to be linked to.</summary>
/// <param name="Query">The query.</param>
/// <param name="Site">The page's site.</param>
/// <param name="Path">Its path.</param>
/// <param name="Weight">How much it bears on the answer, above 0 to 1.</param>
public readonly record struct ConfirmedPage(long Query, Detection.SiteId Site, string Path, double Weight);

/// <summary>A page that was refused for a query.</summary>
/// <param name="Query">The query.</param>
/// <param name="Brand">Its brand.</param>
/// <param name="Text">What it asks.</param>
/// <param name="Site">The page's site.</param>
/// <param name="Path">Its path.</param>
/// <param name="Rejected">When.</param>
public sealed record RejectedPage(
    long Query, string Brand, string Text, [property: System.Text.Json.Serialization.JsonConverter(typeof(Targets.SiteIdJson))] Detection.SiteId Site, string Path, DateTimeOffset Rejected);
