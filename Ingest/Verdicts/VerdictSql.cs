namespace Weir.Ingest.Verdicts;

/// <summary>The one place that says what a stored hit reads as: parts of SQL that a query begins with. Reports take them through
/// <see cref="VerdictQuery"/>, which leaves out what a span does not need.</summary>
/// <remarks>
/// <para>A hit keeps the verdict that it was given. Two things may amend it: what <c>verifications</c> say of an identity that was open (a row at
/// most an hour after the hit and a day before it; the newest), and the newest applied run of <c>weir reclassify</c> that covers the hit's
/// time. A run's word on the identity counts before the other, unless the run left it pending.</para>
/// <para>Every part needs the parameters <c>verdict</c> (one of <see cref="Choices"/>), <c>site</c> (empty for all), <c>from</c> and <c>to</c>
/// (milliseconds, half-open). Amended hits are few, so a report over hourly counts adds <see cref="Corrections"/>, and one over hits reads
/// <see cref="Judged"/>: both cost what is amended and not what is stored.</para>
/// </remarks>
public static class VerdictSql
{
    /// <summary>Late identities and the newest run: the default.</summary>
    public const string Reclassified = "reclassified";

    /// <summary>The verdict as it was given, with late identities.</summary>
    public const string Settled = "settled";

    /// <summary>The verdict as it was given.</summary>
    public const string Original = "original";

    /// <summary>What a query may choose.</summary>
    public static IReadOnlyList<string> Choices { get; } = [Reclassified, Settled, Original];

    // Hits of the span whose identity was open and was found out.
    private const string Late =
        """
        open AS
        (
            SELECT site, time, hit_id, client_address, kind, crawler, operator, purpose, identity, identity_method
            FROM open_identities
            WHERE {verdict:String} != 'original' AND ({site:String} = '' OR site = {site:String})
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        ),
        late AS
        (
            SELECT h.site AS site, h.time AS time, h.hit_id AS hit_id, h.kind AS kind, h.crawler AS crawler, h.operator AS operator, h.purpose AS purpose,
                   h.identity AS was_identity, v.identity AS identity, v.identity_method AS identity_method
            FROM open AS h
            ASOF INNER JOIN
            (
                SELECT as_of, client_address, crawler, identity, identity_method
                FROM verifications
                WHERE (crawler, client_address) IN (SELECT crawler, client_address FROM open)
                  AND as_of >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') - INTERVAL 1 DAY
                  AND as_of < fromUnixTimestamp64Milli({to:Int64}, 'UTC') + INTERVAL 1 HOUR
            ) AS v
                ON h.crawler = v.crawler AND h.client_address = v.client_address AND h.time + INTERVAL 1 HOUR >= v.as_of
            WHERE v.as_of >= h.time - INTERVAL 1 DAY AND v.identity NOT IN ('pending', 'not-claimed') AND v.identity != h.identity
              AND (h.identity_method != 'signature' OR v.identity = 'verified')
        )
        """;

    /// <summary>CTE <c>amended</c> where no run of <c>weir reclassify</c> is applied: what <see cref="Amended"/> gives then, for a fifth of its planning.</summary>
    public const string AmendedByLateIdentity =
        $$"""
        {{Late}},
        amended AS
        (
            SELECT site, time, hit_id, kind AS was_kind, crawler AS was_crawler, operator AS was_operator, purpose AS was_purpose, was_identity,
                   'none' AS was_referral_class, '' AS was_referral_source, toUInt8(0) AS is_by_run, kind, crawler, operator, purpose, identity,
                   toUInt8(0) AS score, 'none' AS referral_class, '' AS referral_source
            FROM late
            LIMIT 1 BY site, time, hit_id
        )
        """;

    /// <summary>CTE <c>amended</c>: a row for each hit of the span that reads otherwise than it was judged, with both verdicts.</summary>
    public const string Amended =
        $$"""
        {{Late}},
        newest AS
        (
            SELECT site, time, hit_id, was_kind, was_crawler, was_operator, was_purpose, was_identity, was_referral_class, was_referral_source,
                   kind, crawler, operator, purpose, identity, identity_method, range_list, score, confidence, reasons, referral_class, referral_source
            FROM reclassified
            WHERE {verdict:String} = 'reclassified' AND ({site:String} = '' OR site = {site:String})
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
              AND run = arrayMax(r -> if((r.2 = '' OR r.2 = toString(site)) AND time >= r.3 AND time < r.4, r.1, 0), arrayPushBack(
                  (SELECT groupArray((run, sites, from_time, to_time)) FROM reclassify_runs FINAL WHERE state = 'applied'),
                  (toUInt32(0), '', toDateTime64(0, 3, 'UTC'), toDateTime64(0, 3, 'UTC'))))
        ),
        amended AS
        (
            SELECT site, time, hit_id,
                   any(was_kind_) AS was_kind, any(was_crawler_) AS was_crawler, any(was_operator_) AS was_operator, any(was_purpose_) AS was_purpose,
                   any(was_identity_) AS was_identity, any(was_referral_class_) AS was_referral_class, any(was_referral_source_) AS was_referral_source,
                   max(by_run) AS is_by_run,
                   argMax(kind_, by_run) AS kind, argMax(crawler_, by_run) AS crawler, argMax(operator_, by_run) AS operator,
                   argMax(purpose_, by_run) AS purpose,
                   argMax(identity_, 2 * (identity_ != 'pending') + by_run) AS identity,
                   argMax(identity_method_, 2 * (identity_ != 'pending') + by_run) AS identity_method,
                   argMax(range_list_, by_run) AS range_list, argMax(score_, by_run) AS score, argMax(confidence_, by_run) AS confidence,
                   argMax(reasons_, by_run) AS reasons,
                   argMax(referral_class_, by_run) AS referral_class, argMax(referral_source_, by_run) AS referral_source
            FROM
            (
                SELECT site, time, hit_id, kind AS was_kind_, toString(crawler) AS was_crawler_, toString(operator) AS was_operator_, purpose AS was_purpose_,
                       was_identity AS was_identity_, CAST('none', 'Enum8(\'none\' = 0, \'ai\' = 1, \'search\' = 2, \'social\' = 3, \'other\' = 4)') AS was_referral_class_,
                       '' AS was_referral_source_, toUInt8(0) AS by_run,
                       kind AS kind_, toString(crawler) AS crawler_, toString(operator) AS operator_, purpose AS purpose_,
                       identity AS identity_, identity_method AS identity_method_, '' AS range_list_, toUInt8(0) AS score_, toFloat32(0) AS confidence_,
                       toUInt64(0) AS reasons_, was_referral_class_ AS referral_class_, '' AS referral_source_
                FROM late
                UNION ALL
                SELECT site, time, hit_id, was_kind, toString(was_crawler), toString(was_operator), was_purpose, was_identity, was_referral_class,
                       toString(was_referral_source), toUInt8(1),
                       kind, toString(crawler), toString(operator), purpose, identity, identity_method, toString(range_list), score, confidence,
                       reasons, referral_class, toString(referral_source)
                FROM newest
            )
            GROUP BY site, time, hit_id
        )
        """;

    /// <summary>CTE <c>amended</c> as <see cref="Amendments.Rows"/> lists it, in parameter <c>amended</c>: a fifth of the planning that finding it anew
    /// takes in every place that names it.</summary>
    public const string Listed =
        $$"""
        amended AS
        (
            SELECT site, fromUnixTimestamp64Milli(time_ms, 'UTC') AS time, hit_id, was_kind, was_crawler, was_operator, was_purpose, was_identity,
                   was_referral_class, was_referral_source, is_by_run, kind, crawler, operator, purpose, identity, score, referral_class, referral_source
            FROM format(TSV, 'site String, time_ms Int64, hit_id UInt64, was_kind {{Kind}}, was_crawler String, was_operator String, was_purpose {{Purpose}},
                was_identity {{Identity}}, was_referral_class {{Class}}, was_referral_source String, is_by_run UInt8, kind {{Kind}}, crawler String,
                operator String, purpose {{Purpose}}, identity {{Identity}}, score UInt8, referral_class {{Class}}, referral_source String', {amended:String})
        )
        """;

    /// <summary>What <see cref="Listed"/> needs of each row of <see cref="Amended"/>, in its order.</summary>
    public const string ListedColumns =
        """
        toString(site), toUnixTimestamp64Milli(time), hit_id, toString(was_kind), was_crawler, was_operator, toString(was_purpose), toString(was_identity),
               toString(was_referral_class), was_referral_source, is_by_run, toString(kind), crawler, operator, toString(purpose), toString(identity), score,
               toString(referral_class), referral_source
        """;

    // As the schema has them, inside a text of SQL.
    private const string Kind = @"Enum8(\'unknown\' = 0, \'crawler\' = 1, \'automation\' = 2, \'likely-human\' = 3)";
    private const string Purpose = @"Enum8(\'none\' = 0, \'ai-training\' = 1, \'ai-search\' = 2, \'ai-user\' = 3, \'ai-agent\' = 4, \'search\' = 5, \'seo\' = 6, "
        + @"\'monitoring\' = 7, \'social-preview\' = 8, \'feed\' = 9, \'archive\' = 10, \'security\' = 11, \'scraper-library\' = 12, \'advertising\' = 13, \'other\' = 14)";
    private const string Identity = @"Enum8(\'not-claimed\' = 0, \'verified\' = 1, \'spoofed\' = 2, \'unverifiable\' = 3, \'pending\' = 4)";
    private const string Class = @"Enum8(\'none\' = 0, \'ai\' = 1, \'search\' = 2, \'social\' = 3, \'other\' = 4)";

    /// <summary>CTE <c>corrections</c>, behind <see cref="Amended"/>: what to add to counts of the verdicts as they were given. Each amended hit
    /// counts -1 (which wraps, as unsigned sums do) for what it was and 1 for what it reads as.</summary>
    public const string Corrections =
        """
        corrections AS
        (
            SELECT site, time, way.1 AS kind, way.2 AS crawler, way.3 AS operator, way.4 AS purpose, way.5 AS identity, way.6 AS referral_class,
                   way.7 AS referral_source, way.8 AS hits
            FROM
            (
                SELECT site, time, arrayJoin([
                    (was_kind, was_crawler, was_operator, was_purpose, was_identity, was_referral_class, was_referral_source, toUInt64(0 - 1)),
                    (kind, crawler, operator, purpose, identity, referral_class, referral_source, toUInt64(1))]) AS way
                FROM amended
            )
        )
        """;

    /// <summary>CTE <c>judged</c> where nothing is amended.</summary>
    public const string JudgedAsGiven =
        """
        judged AS
        (
            SELECT site, time, hit_id, source, client_address, method, host, path, query, status, policy_action, country, asn, edge_us,
                   kind, crawler, operator, purpose, identity, score, referral_class, referral_source
            FROM hits
            WHERE ({site:String} = '' OR site = {site:String})
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        )
        """;

    /// <summary>CTE <c>judged</c>, behind <see cref="Amended"/>: the hits of the span, each as it reads.</summary>
    /// <remarks>What is not amended is read as it stands and never joined: a join would carry every column of every hit through a hash table.</remarks>
    public const string Judged =
        $$"""
        judged AS
        (
            SELECT site, time, hit_id, source, client_address, method, host, path, query, status, policy_action, country, asn, edge_us,
                   kind, toString(crawler) AS crawler, toString(operator) AS operator, purpose, identity, score, referral_class,
                   toString(referral_source) AS referral_source
            FROM hits
            WHERE ({site:String} = '' OR site = {site:String})
              AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
              AND {{Key}} NOT IN (SELECT {{Key}} FROM amended)
            UNION ALL
            {{Hits}}
                  AND {{Key}} IN (SELECT {{Key}} FROM amended)
            {{Verdicts}}
        )
        """;

    /// <summary>CTE <c>judged</c> for a page in the order of time: the parameters <c>after</c> and <c>rows</c> say which; <c>from</c> is its first moment.</summary>
    public const string JudgedPage = $"judged AS ({Hits} {BehindPosition} {Verdicts})";

    /// <summary>As <see cref="JudgedPage"/>, of what was given as a crawler's hit or reads as one.</summary>
    public const string JudgedCrawlerPage =
        $"judged AS ({Hits} AND (kind = 'crawler' OR {Key} IN (SELECT {Key} FROM amended WHERE kind = 'crawler')) {BehindPosition} {Verdicts})";

    // Within a site, time and id name a hit; a short key makes a small set.
    private const string Key = "(time, hit_id, if({site:String} = '', cityHash64(site), 0))";

    private const string Hits =
        """
        SELECT h.site AS site, h.time AS time, h.hit_id AS hit_id, h.source AS source, h.client_address AS client_address, h.method AS method,
                   h.host AS host, h.path AS path, h.query AS query, h.status AS status, h.policy_action AS policy_action, h.country AS country,
                   h.asn AS asn, h.edge_us AS edge_us,
                   if(a.is_amended, a.kind, h.kind) AS kind, if(a.is_amended, a.crawler, toString(h.crawler)) AS crawler,
                   if(a.is_amended, a.operator, toString(h.operator)) AS operator, if(a.is_amended, a.purpose, h.purpose) AS purpose,
                   if(a.is_amended, a.identity, h.identity) AS identity, if(a.is_by_run, a.score, h.score) AS score,
                   if(a.is_amended, a.referral_class, h.referral_class) AS referral_class,
                   if(a.is_amended, a.referral_source, toString(h.referral_source)) AS referral_source
            FROM
            (
                SELECT site, time, hit_id, source, client_address, method, host, path, query, status, policy_action, country, asn, edge_us,
                       kind, crawler, operator, purpose, identity, score, referral_class, referral_source
                FROM hits
                WHERE ({site:String} = '' OR site = {site:String})
                  AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        """;

    private const string BehindPosition =
        """
                  AND (time > fromUnixTimestamp64Milli({from:Int64}, 'UTC') OR hit_id > {after:UInt64})
                ORDER BY time, hit_id LIMIT {rows:UInt32}
        """;

    private const string Verdicts =
        """
            ) AS h
            LEFT ANY JOIN
            (
                SELECT site, time, hit_id, toUInt8(1) AS is_amended, is_by_run, kind, crawler, operator, purpose, identity, score, referral_class, referral_source
                FROM amended
            ) AS a ON h.site = a.site AND h.time = a.time AND h.hit_id = a.hit_id
        """;
}
