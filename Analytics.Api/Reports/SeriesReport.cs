using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
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
    IReadOnlyList<Column> ITable.Columns { get; } =
        [Column.Time(Interval), .. Lines.Select(l => Column.Number(l.Key)), .. Rest is null ? Array.Empty<Column>() : [Column.Number("(rest)")]];

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
internal sealed class SeriesReport(ReportStore store, AmendmentsReport amendments, BucketsReport buckets, CrawlerCatalog catalog)
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

    // Lines of crawlers and operators beyond these are counted together.
    private const int LinesMax = 12;

    // By audience a hit may count twice: a person whom an AI engine sent is a likely human and an AI referral.
    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["audience"] = """
            arrayJoin([multiIf(kind = 'likely-human', 'likely-human',
                               kind = 'crawler' AND startsWith(toString(purpose), 'ai-') AND identity != 'spoofed', 'ai-crawler',
                               kind IN ('crawler', 'automation'), 'other-bot', ''),
                       if(kind NOT IN ('crawler', 'automation') AND referral_class = 'ai', 'ai-referral', '')])
            """,
        ["kind"] = "toString(kind)",
        ["identity"] = "toString(identity)",
        ["referral"] = "if(kind NOT IN ('crawler', 'automation') AND referral_class != 'none', toString(referral_class), '')",
        ["purpose"] = "if(purpose = 'none', '', toString(purpose))",
        ["crawler"] = "toString(crawler)",
        ["operator"] = "toString(operator)",
    };

    // A form for each kind of line and of bucket: ClickHouse plans what a question does not use, too.
    private static readonly Dictionary<(string By, string Interval), VerdictQuery> Queries = (
        from key in Keys
        from bucket in BucketsReport.Starts
        select ((key.Key, bucket.Key), NewQuery(key.Value, bucket.Value))).ToDictionary();

    /// <summary>The SQL for one kind of line and of bucket.</summary>
    internal static VerdictQuery Query(string by, string interval) => Queries[(by, interval)];

    /// <summary>Null when there is no such time zone.</summary>
    public async Task<Series?> ReadAsync(SiteId site, TimeRange range, string interval, string by, string timeZone, string verdict, CancellationToken stop)
    {
        if (await buckets.ReadAsync(range, interval, timeZone, stop) is not { } starts)
            return null;
        bool areWholeHours = interval != "minute" && starts.All(s => s % 3600 == 0);
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value)
            .With(areWholeHours ? range : range.WithoutHours())
            .With("tz", timeZone).With("verdict", verdict).With(amended);
        var counts = await store.ReadAsync(Query(by, interval).For(amended), parameters, Line, stop);

        var indexes = starts.Index().ToDictionary(s => s.Item, s => s.Index);
        var columns = KeysBy[by].ToDictionary(k => k, _ => new long[starts.Count], StringComparer.Ordinal);
        long[]? rest = null;
        foreach (var (key, times, hits) in counts)
        {
            if (!columns.TryGetValue(key, out var column))
                column = columns.Count < LinesMax ? columns[key] = new long[starts.Count] : rest ??= new long[starts.Count];
            for (int i = 0; i < times.Length; i++)
                column[indexes[times[i]]] += Math.Max(0, unchecked((long)hits[i])); // as ReaderExtensions.Count
        }
        var lines = columns.Select(c => new SeriesLine(c.Key, NameOf(by, c.Key), c.Value.Sum(), c.Value));
        if (KeysBy[by].Length == 0)
            lines = lines.OrderByDescending(l => l.Total).ThenBy(l => l.Key, StringComparer.Ordinal);
        return new Series(interval, by, timeZone, range.From, range.To, [.. starts.Select(DateTimeOffset.FromUnixTimeSeconds)], [.. lines], rest);
    }

    private static (string Key, long[] Times, ulong[] Hits) Line(ClickHouseDataReader row) =>
        (row.GetString(0), row.GetFieldValue<long[]>(1), row.GetFieldValue<ulong[]>(2));

    // One row a line, most hits first.
    private static VerdictQuery NewQuery(string key, string bucket) => new(v => $$"""
        WITH {{v.Corrections}} parts AS
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
            {{v.IfAmended("""
            UNION ALL
            SELECT toDateTime(time, 'UTC') AS at, kind, crawler, operator, purpose, identity, referral_class, hits
            FROM corrections
            """)}}
        )
        SELECT key, groupArray(bucket), groupArray(bucket_hits)
        FROM
        (
            SELECT {{key}} AS key, toInt64({{bucket}}) AS bucket, sum(hits) AS bucket_hits
            FROM parts
            GROUP BY key, bucket
            HAVING key != '' AND bucket_hits > 0
        )
        GROUP BY key
        ORDER BY sum(bucket_hits) DESC, key
        {{ReportStore.Limits}}
        """);

    private string NameOf(string by, string key) => by == "crawler" ? catalog.Find(key)?.Name ?? key : key;
}
