using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>The SQL of <see cref="SeriesReport"/>: a form for each kind of line and of bucket, since ClickHouse plans what a question does not use, too.</summary>
internal static class SeriesSql
{
    /// <summary>Lines that a series has where keys come from the hits; the rest is counted together.</summary>
    public const int LinesMax = 12;

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
        ["status"] = "toString(status)",
        ["status-class"] = "if(status = 0, 'none', concat(toString(intDiv(status, 100)), 'xx'))",
        ["country"] = "if(country = '', 'unknown', toString(country))",
        ["path"] = "if(path IN ('', '/'), '/', arrayStringConcat(arraySlice(splitByChar('/', path), 1, {depth:UInt32} + 1), '/'))",
    };

    // Beside the hits' own rows these need the hourly counts, or no hourly count has them.
    private static readonly string[] OfAnswers = ["status", "status-class"], OfHits = ["country", "path"];

    private static readonly Dictionary<(string By, string Unit, bool IsMany), VerdictQuery> Queries = (
        from key in Keys
        from bucket in BucketsReport.Starts
        select ((key.Key, bucket.Key.Unit, bucket.Key.IsMany), New(key.Key, key.Value, bucket.Value))).ToDictionary();

    /// <summary>The SQL for one kind of line and of bucket.</summary>
    public static VerdictQuery Of(string by, string unit, bool isMany) => Queries[(by, unit, isMany)];

    /// <summary>Whether a verdict decides which line a hit belongs to.</summary>
    public static bool DependsOnVerdict(string by) => !OfAnswers.Contains(by) && !ReadsEachHit(by);

    /// <summary>Whether every hit is read, since no hourly count has what the lines are.</summary>
    public static bool ReadsEachHit(string by) => OfHits.Contains(by);

    private static VerdictQuery New(string by, string key, string bucket) =>
        ReadsEachHit(by) ? OfEachHit(key, bucket) : DependsOnVerdict(by) ? OfVerdicts(key, bucket) : OfStatuses(key, bucket);

    // One row a line, most hits first.
    private static VerdictQuery OfVerdicts(string key, string bucket) => new(v => $$"""
        WITH {{v.Corrections}} parts AS
        (
            SELECT toDateTime(hour, 'UTC') AS at, kind, crawler, operator, purpose, identity, referral_class, CAST(hits, 'UInt64') AS hits
            FROM hits_hourly
            WHERE site = {site:String}
              AND {{TimeRange.InWholeHours}}
            {{v.IfEdges($$"""
            UNION ALL
            SELECT toDateTime(time, 'UTC') AS at, kind, crawler, operator, purpose, identity, referral_class, toUInt64(1) AS hits
            FROM hits
            WHERE site = {site:String}
              AND {{TimeRange.AtEdges}}
            """)}}
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

    private static VerdictQuery OfStatuses(string key, string bucket) => new(v => $$"""
        WITH parts AS
        (
            SELECT toDateTime(hour, 'UTC') AS at, status, CAST(hits, 'UInt64') AS hits
            FROM hits_hourly
            WHERE site = {site:String}
              AND {{TimeRange.InWholeHours}}
            {{v.IfEdges($$"""
            UNION ALL
            SELECT toDateTime(time, 'UTC') AS at, status, toUInt64(1) AS hits
            FROM hits
            WHERE site = {site:String}
              AND {{TimeRange.AtEdges}}
            """)}}
        )
        {{Lines(key, bucket)}}
        """);

    private static VerdictQuery OfEachHit(string key, string bucket) => new(_ => $$"""
        WITH parts AS
        (
            SELECT toDateTime(time, 'UTC') AS at, country, path, toUInt64(1) AS hits
            FROM hits
            WHERE site = {site:String}
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        )
        {{Lines(key, bucket)}}
        """);

    // There may be any number of keys: those beyond the first are one line here already, with an empty key, at the end.
    private static string Lines(string key, string bucket) => $$"""
        SELECT if(place <= {{LinesMaxText}}, key, '') AS line, sumMap(buckets, counts).1, sumMap(buckets, counts).2
        FROM
        (
            SELECT key, groupArray(bucket) AS buckets, groupArray(bucket_hits) AS counts, row_number() OVER (ORDER BY sum(bucket_hits) DESC, key) AS place
            FROM
            (
                SELECT {{key}} AS key, toInt64({{bucket}}) AS bucket, sum(hits) AS bucket_hits
                FROM parts
                GROUP BY key, bucket
            )
            GROUP BY key
        )
        GROUP BY line
        ORDER BY line = '', min(place)
        {{ReportStore.Limits}}
        """;

    private const string LinesMaxText = "12";
}
