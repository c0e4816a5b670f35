using System.Text.Json.Serialization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>One crawler's hits on a site in a span of time. Hits = verified + spoofed + unverifiable + pending + not claimed.</summary>
/// <param name="Crawler">Crawler id.</param>
/// <param name="Name">Name as its operator writes it.</param>
/// <param name="Operator">Who runs it.</param>
/// <param name="Purpose">Why it fetches.</param>
/// <param name="Hits">Hits that claim to be it.</param>
/// <param name="Verified">Hits that the operator's method confirms.</param>
/// <param name="Spoofed">Hits that fail a complete method.</param>
/// <param name="Unverifiable">Hits that nothing can check: neither good nor bad.</param>
/// <param name="Pending">Hits whose check is under way.</param>
/// <param name="FirstSeen">Its first hit in the span.</param>
/// <param name="LastSeen">Its last hit in the span.</param>
/// <param name="SpoofRate">Spoofed among those of its hits that can be told (verified or spoofed), with its 95 % interval; null when none can.</param>
/// <param name="Habits">How it comes back, where <c>habits=true</c> asked; else null.</param>
public sealed record CrawlerRow(
    string Crawler, string Name, string Operator, string Purpose, long Hits, long Verified, long Spoofed, long Unverifiable, long Pending,
    DateTimeOffset? FirstSeen, DateTimeOffset? LastSeen, Proportion? SpoofRate = null, CrawlerHabits? Habits = null);

/// <summary>Position in a list ordered by a count, then by name, with the span that the first page had.</summary>
internal readonly record struct CountPosition(
    [property: JsonPropertyName("n")] long Count,
    [property: JsonPropertyName("k")] string Key,
    [property: JsonPropertyName("f")] long FromMs,
    [property: JsonPropertyName("u")] long ToMs);

/// <summary>Lists crawlers by hits.</summary>
internal sealed class CrawlersReport(ReportStore store, AmendmentsReport amendments, CountsReport counts, CrawlerCatalog catalog)
{
    // A correction takes a hit from a count, but not a time from a first or last one. Where hits became another crawler's, those times are
    // therefore read from the hits: few hours of few crawlers.
    internal static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Corrections}}
        {{v.IfAmended("moved AS (SELECT was_crawler, toStartOfHour(time) AS hour FROM amended WHERE was_crawler != '' AND was_crawler != crawler),")}}
        parts AS
        (
            SELECT toString(crawler) AS crawler, toString(operator) AS operator, purpose, identity, CAST(hits, 'UInt64') AS hits,
                   [CAST(first_seen, 'DateTime64(3, \'UTC\')'), CAST(last_seen, 'DateTime64(3, \'UTC\')')] AS times,
                   {{v.IfAmended("(toString(crawler), toDateTime(hour, 'UTC')) NOT IN (SELECT was_crawler, hour FROM moved)", "true")}} AS are_times_known
            FROM hits_hourly
            WHERE site = {site:String} AND crawler != ''
              AND {{TimeRange.InWholeHours}}
            {{v.IfEdges($$"""
            UNION ALL
            SELECT toString(crawler) AS crawler, toString(operator) AS operator, purpose, identity, count() AS hits, [min(time), max(time)] AS times,
                   {{v.IfAmended("(crawler, hour) NOT IN (SELECT was_crawler, hour FROM moved)", "true")}} AS are_times_known
            FROM hits
            WHERE site = {site:String} AND crawler != ''
              AND {{TimeRange.AtEdges}}
            GROUP BY crawler, operator, purpose, identity, toStartOfHour(time) AS hour
            """)}}
            {{v.IfAmended("""
            UNION ALL
            SELECT crawler, operator, purpose, identity, hits, [time, time] AS times, hits = 1 AS are_times_known
            FROM corrections
            WHERE crawler != ''
            UNION ALL
            SELECT toString(crawler) AS crawler, toString(operator) AS operator, purpose, identity, toUInt64(0) AS hits, [min(time), max(time)] AS times,
                   true AS are_times_known
            FROM hits
            WHERE site = {site:String} AND crawler != ''
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
              AND (toString(crawler), toStartOfHour(time)) IN (SELECT was_crawler, hour FROM moved)
              AND (time, hit_id) NOT IN (SELECT time, hit_id FROM amended)
            GROUP BY crawler, operator, purpose, identity
            """)}}
        )
        SELECT crawler, argMax(operator, are_times_known), toString(argMax(purpose, are_times_known)), sum(hits) AS hits_all,
               sumIf(hits, identity = 'verified'), sumIf(hits, identity = 'spoofed'), sumIf(hits, identity = 'unverifiable'),
               sumIf(hits, identity = 'pending'),
               toUnixTimestamp64Milli(minIf(times[1], are_times_known)), toUnixTimestamp64Milli(maxIf(times[2], are_times_known))
        FROM parts
        WHERE {only:String} = '' OR crawler = {only:String}
        GROUP BY crawler
        HAVING hits_all > 0 AND (hits_all < {afterHits:UInt64} OR (hits_all = {afterHits:UInt64} AND crawler > {afterCrawler:String}))
        ORDER BY hits_all DESC, crawler
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """);

    /// <summary>Those that come behind a position.</summary>
    /// <param name="site">The site.</param>
    /// <param name="range">The span.</param>
    /// <param name="verdict">By which verdict hits count.</param>
    /// <param name="only">This crawler alone; empty for all.</param>
    /// <param name="after">The last one of the page before.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<Page<CrawlerRow>> ReadAsync(
        SiteId site, TimeRange range, string verdict, string only, CountPosition? after, int limit, CancellationToken stop)
    {
        // First and last times of those are in the hits.
        if (await counts.ReadAsync(site, range, verdict, stop) is not { HaveMoved: false } known)
            return await AskAsync(site, range, verdict, only, after, limit, stop);
        var rows = known.Sorts.Where(s => s.Sort.Crawler.Length > 0 && (only.Length == 0 || s.Sort.Crawler == only))
            .GroupBy(s => s.Sort.Crawler, StringComparer.Ordinal).Select(Row)
            .Where(r => r.Hits > 0).OrderByDescending(r => r.Hits).ThenBy(r => r.Crawler, StringComparer.Ordinal).ToList();
        return CountPage.Slice(rows, after, limit, r => new CountPosition(r.Hits, r.Crawler, range.FromMs, range.ToMs));
    }

    private CrawlerRow Row(IGrouping<string, SortCounts> sorts)
    {
        long Sum(string identity) => Math.Max(0, sorts.Where(s => s.Sort.Identity == identity).Sum(s => s.Hits));
        // What lost all of its hits says no longer who runs the crawler.
        var most = sorts.MaxBy(s => s.Hits)!.Sort;
        var times = sorts.Where(s => s.FirstMs > 0).ToList();
        long verified = Sum("verified"), spoofed = Sum("spoofed");
        return new CrawlerRow(
            sorts.Key, catalog.NameOf(sorts.Key), most.Operator, most.Purpose, Math.Max(0, sorts.Sum(s => s.Hits)), verified, spoofed, Sum("unverifiable"), Sum("pending"),
            times.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(times.Min(s => s.FirstMs)),
            times.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(times.Max(s => s.LastMs)),
            Proportion.Of(spoofed, verified + spoofed));
    }

    /// <summary>The same by a question of its own.</summary>
    internal async Task<Page<CrawlerRow>> AskAsync(
        SiteId site, TimeRange range, string verdict, string only, CountPosition? after, int limit, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value)
            .With(range)
            .With("verdict", verdict)
            .With(amended)
            .With("only", only)
            .With("afterHits", after?.Count ?? long.MaxValue)
            .With("afterCrawler", after?.Key ?? "")
            .With("limit", limit + 1);
        var rows = await store.ReadAsync(Sql.For(amended, range.HasEdges), parameters, r => new CrawlerRow(
            r.GetString(0), catalog.NameOf(r.GetString(0)), r.GetString(1), r.GetString(2),
            r.Count(3), r.Count(4), r.Count(5), r.Count(6), r.Count(7), r.Time(8), r.Time(9),
            Proportion.Of(r.Count(5), r.Count(4) + r.Count(5))), stop);
        return CountPage.Of(rows, limit, r => new CountPosition(r.Hits, r.Crawler, range.FromMs, range.ToMs));
    }
}

/// <summary>Cuts a list that was read one row too far.</summary>
internal static class CountPage
{
    /// <summary>A page of a list that is all here, ordered by falling count, then by name.</summary>
    public static Page<T> Slice<T>(IReadOnlyList<T> all, CountPosition? after, int limit, Func<T, CountPosition> position)
    {
        bool IsBehind(CountPosition p) => after is not { } a || p.Count < a.Count || (p.Count == a.Count && string.CompareOrdinal(p.Key, a.Key) > 0);
        return Of([.. all.SkipWhile(r => !IsBehind(position(r))).Take(limit + 1)], limit, position);
    }

    public static Page<T> Of<T>(List<T> rows, int limit, Func<T, CountPosition> position)
    {
        if (rows.Count <= limit)
            return new Page<T>(rows, null);
        rows.RemoveAt(limit);
        return new Page<T>(rows, Cursor.Write(position(rows[^1]), ApiJson.Default.CountPosition));
    }
}
