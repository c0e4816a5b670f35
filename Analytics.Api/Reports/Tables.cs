using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Reports;

/// <summary>The table of each paged list, for CSV, JSON lines and Parquet.</summary>
internal static class Tables
{
    /// <summary>A page as a table; null when it has no such form.</summary>
    public static ITable? Of(object? value) => value switch
    {
        ITable table => table,
        Page<CrawlerRow> page => new Table<CrawlerRow>(page.Items,
            ["crawler", "name", "operator", "purpose", Column.Number("hits"), Column.Number("verified"), Column.Number("spoofed"),
                Column.Number("unverifiable"), Column.Number("pending"), Column.Time("first_seen"), Column.Time("last_seen"),
                Column.Fraction("spoof_rate"), Column.Fraction("spoof_rate_low"), Column.Fraction("spoof_rate_high"), Column.Time("first_seen_ever"),
                Column.Time("last_seen_ever"), Column.Fraction("recrawl_median_seconds"), Column.Fraction("recrawl_p90_seconds")],
            r => [r.Crawler, r.Name, r.Operator, r.Purpose, r.Hits, r.Verified, r.Spoofed, r.Unverifiable, r.Pending, r.FirstSeen, r.LastSeen,
                r.SpoofRate?.Rate, r.SpoofRate?.Low, r.SpoofRate?.High, r.Habits?.FirstSeenEver, r.Habits?.LastSeenEver, r.Habits?.RecrawlMedianSeconds,
                r.Habits?.RecrawlP90Seconds]),
        Page<PageRow> page => new Table<PageRow>(page.Items,
            ["path", Column.Number("hits"), Column.Number("crawler_hits"), Column.Number("ai_hits"), Column.Number("human_hits"),
                Column.Number("spoofed_hits"), Column.Number("crawlers"), Column.Time("last_crawled")],
            r => [r.Path, r.Hits, r.CrawlerHits, r.AiHits, r.HumanHits, r.SpoofedHits, r.Crawlers, r.LastCrawled]),
        Page<HitRow> page => new Table<HitRow>(page.Items,
            [Column.Time("time"), "request_id", "source", "client_address", "method", "host", "path", "query", Column.Number("status"),
                Column.Number("bytes_sent"), Column.Fraction("duration_ms"),
                "user_agent", "referrer", "error", "kind", "crawler", "operator", "purpose", "identity", "identity_method", "range_list",
                Column.Number("score"), Column.Fraction("confidence"), "why", "referral_class", "referral_source",
                "country", Column.Number("asn"), Column.Fraction("edge_ms"), "amended_by"],
            r => [r.Time, r.RequestId, r.Source, r.ClientAddress, r.Method, r.Host, r.Path, r.Query, r.Status, r.BytesSent, r.DurationMs,
                r.UserAgent, r.Referrer, r.Error, r.Kind, r.Crawler, r.Operator, r.Purpose, r.Identity, r.IdentityMethod, r.RangeList,
                r.Score, r.Confidence, string.Join(' ', r.Why), r.ReferralClass, r.ReferralSource,
                r.Country, r.Asn, r.EdgeMs, r.AmendedBy]),
        Page<ContentChange> page => new Table<ContentChange>(page.Items,
            ["path", "crawler", "name", Column.Number("fetches"), Column.Time("last_seen"), Column.Time("last_changed"), Column.Number("words")],
            r => [r.Path, r.Crawler, r.Name, r.Fetches, r.LastSeen, r.LastChanged, r.Words]),
        Page<SpoofedSource> page => new Table<SpoofedSource>(page.Items,
            ["crawler", "name", "network", Column.Number("asn"), "country", Column.Number("hits"), Column.Number("clients"),
                Column.Fraction("share_of_claims"), Column.Time("first_seen"), Column.Time("last_seen")],
            r => [r.Crawler, r.Name, r.Network, r.Asn, r.Country, r.Hits, r.Clients, r.ShareOfClaims, r.FirstSeen, r.LastSeen]),
        Page<ImportError> page => new Table<ImportError>(page.Items, [Column.Number("line"), "field", "error"], r => [r.Line, r.Field, r.Error]),
        _ => null,
    };

    /// <summary>Where the next page begins; null at the end and for what has no pages.</summary>
    public static string? NextOf(object? value) => (value as IPage)?.Next;

    /// <summary>How many hits an answer counts, first pages by their rows; 0 for what counts none.</summary>
    public static long HitsOf(object? value) => value switch
    {
        Summary summary => summary.Hits,
        Series series => series.Lines.Sum(l => l.Total),
        Page<CrawlerRow> page => page.Items.Sum(r => r.Hits),
        Page<PageRow> page => page.Items.Sum(r => r.Hits),
        ReferralList list => list.Items.Sum(r => r.Hits),
        Page<SpoofedSource> page => page.Items.Sum(r => r.Hits),
        PolicyList list => list.Items.Sum(r => r.Hits),
        // By whole hours that are over: they stand until the next is.
        AnomalyList { PastSpans: > 0 } => long.MaxValue,
        _ => 0,
    };

    private sealed record Table<T>(IReadOnlyList<T> Items, IReadOnlyList<Column> Columns, Func<T, object?[]> Cells) : ITable
    {
        public IEnumerable<object?[]> Rows => Items.Select(Cells);
    }
}
