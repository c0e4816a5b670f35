using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Hits over time, one line per key. All lines have as many counts as there are buckets.</summary>
/// <param name="Interval"><c>minute</c>, <c>hour</c>, <c>day</c> or <c>week</c> (from Monday).</param>
/// <param name="By">What the lines are.</param>
/// <param name="TimeZone">Time zone in which hours, days and weeks begin.</param>
/// <param name="From">Start of the span, inside it.</param>
/// <param name="To">End of the span, outside it.</param>
/// <param name="Buckets">Start of each bucket; the first may begin before the span, and then counts its part inside only.</param>
/// <param name="Lines">Lines by hits; for <c>crawler</c> and <c>operator</c> the first twelve.</param>
/// <param name="Rest">Counts of all further keys together; null when there are none.</param>
public sealed record Series(
    string Interval, string By, string TimeZone, DateTimeOffset From, DateTimeOffset To,
    IReadOnlyList<DateTimeOffset> Buckets, IReadOnlyList<SeriesLine> Lines, IReadOnlyList<long>? Rest) : ITable
{
    IReadOnlyList<string> ITable.Columns { get; } =
        [Interval, .. Lines.Select(l => l.Key), .. Rest is null ? Array.Empty<string>() : ["(rest)"]];

    IEnumerable<object?[]> ITable.Rows => Buckets.Select((time, i) =>
        (object?[])[time, .. Lines.Select(l => (object?)l.Hits[i]), .. Rest is null ? Array.Empty<object?>() : [Rest[i]]]);
}

/// <summary>One line of a series.</summary>
/// <param name="Key">Stored name, such as <c>gptbot</c> or <c>likely-human</c>.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Total">Sum of its hits.</param>
/// <param name="Hits">Count of each bucket.</param>
public sealed record SeriesLine(string Key, string Name, long Total, IReadOnlyList<long> Hits);

/// <summary>Reads <see cref="Series"/>.</summary>
internal sealed class SeriesReport(ReportStore store, BucketsReport buckets, CrawlerCatalog catalog)
{
    /// <summary>What lines may be, and the keys that always appear, in this order; empty where keys come from the data.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> KeysBy = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["audience"] = ["likely-human", "ai-crawler", "other-bot", "ai-referral"],
        ["kind"] = ["likely-human", "crawler", "automation", "unknown"],
        ["identity"] = ["verified", "spoofed", "unverifiable", "pending", "not-claimed"],
        ["referral"] = ["ai", "search", "social", "other"],
        ["purpose"] = [],
        ["crawler"] = [],
        ["operator"] = [],
    };

    // By audience a hit may count twice: a person whom an AI engine sent is a likely human and an AI referral.
    internal const string Sql = $$"""
        WITH {{VerdictSql.Amended}}, {{VerdictSql.Corrections}}, parts AS
        (
            SELECT toDateTime(hour, 'UTC') AS at, kind, crawler, operator, purpose, identity, referral_class, CAST(hits, 'UInt64') AS hits
            FROM hits_hourly
            WHERE site = {site:String}
              AND hour >= toDateTime(intDiv({wholeFrom:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({wholeTo:Int64}, 1000), 'UTC')
            UNION ALL
            SELECT toDateTime(time, 'UTC') AS at, kind, crawler, operator, purpose, identity, referral_class, toUInt64(1) AS hits
            FROM hits
            WHERE site = {site:String}
              AND (time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({wholeFrom:Int64}, 'UTC')
                OR time >= fromUnixTimestamp64Milli({wholeTo:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC'))
            UNION ALL
            SELECT toDateTime(time, 'UTC') AS at, kind, crawler, operator, purpose, identity, referral_class, hits
            FROM corrections
        ),
        keyed AS
        (
            SELECT multiIf({interval:String} = 'minute', toUnixTimestamp(toStartOfMinute(at, {tz:String})),
                           {interval:String} = 'hour', toUnixTimestamp(toStartOfHour(at, {tz:String})),
                           {interval:String} = 'day', toUnixTimestamp(toStartOfDay(at, {tz:String})),
                           toUnixTimestamp(toDateTime(toStartOfWeek(at, 1, {tz:String}), {tz:String}))) AS bucket,
                   kind NOT IN ('crawler', 'automation') AS is_person,
                   arrayJoin(multiIf(
                       {by:String} = 'kind', [toString(kind)],
                       {by:String} = 'crawler', [toString(crawler)],
                       {by:String} = 'operator', [toString(operator)],
                       {by:String} = 'purpose', [if(purpose = 'none', '', toString(purpose))],
                       {by:String} = 'identity', [toString(identity)],
                       {by:String} = 'referral', [if(is_person AND referral_class != 'none', toString(referral_class), '')],
                       [multiIf(kind = 'likely-human', 'likely-human',
                                kind = 'crawler' AND startsWith(toString(purpose), 'ai-') AND identity != 'spoofed', 'ai-crawler',
                                kind IN ('crawler', 'automation'), 'other-bot', ''),
                        if(is_person AND referral_class = 'ai', 'ai-referral', '')])) AS key,
                   hits
            FROM parts
        ),
        top AS (SELECT key FROM keyed WHERE key != '' GROUP BY key HAVING sum(hits) > 0 ORDER BY sum(hits) DESC, key LIMIT 12)
        SELECT if(key IN (SELECT key FROM top), key, '') AS line, toInt64(bucket) AS at_second, sum(hits)
        FROM keyed
        WHERE key != ''
        GROUP BY line, at_second
        HAVING sum(hits) > 0
        {{ReportStore.Limits}}
        """;

    /// <summary>Null when there is no such time zone.</summary>
    public async Task<Series?> ReadAsync(SiteId site, TimeRange range, string interval, string by, string timeZone, string verdict, CancellationToken stop)
    {
        if (await buckets.ReadAsync(range, interval, timeZone, stop) is not { } starts)
            return null;
        bool areWholeHours = interval != "minute" && starts.All(s => s % 3600 == 0);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value)
            .With(areWholeHours ? range : range.WithoutHours())
            .With("interval", interval).With("by", by).With("tz", timeZone).With("verdict", verdict);
        var counts = await store.ReadAsync(Sql, parameters, r => (Key: r.GetString(0), At: r.GetInt64(1), Hits: r.Count(2)), stop);

        var columns = KeysBy[by].ToDictionary(k => k, _ => new long[starts.Count], StringComparer.Ordinal);
        var indexes = starts.Index().ToDictionary(s => s.Item, s => s.Index);
        foreach (var (key, at, hits) in counts)
        {
            if (!columns.TryGetValue(key, out var column))
                columns[key] = column = new long[starts.Count];
            column[indexes[at]] += hits;
        }
        columns.Remove("", out var rest);
        var lines = columns.Select(c => new SeriesLine(c.Key, NameOf(by, c.Key), c.Value.Sum(), c.Value));
        if (KeysBy[by].Length == 0)
            lines = lines.OrderByDescending(l => l.Total).ThenBy(l => l.Key, StringComparer.Ordinal);
        return new Series(interval, by, timeZone, range.From, range.To, [.. starts.Select(DateTimeOffset.FromUnixTimeSeconds)], [.. lines], rest);
    }

    private string NameOf(string by, string key) => by == "crawler" ? catalog.Find(key)?.Name ?? key : key;
}
