namespace Weir.Analytics.Api.Reports;

/// <summary>The CSV form of each paged list.</summary>
internal static class Tables
{
    /// <summary>A page as a table; null when it has no such form.</summary>
    public static ITable? Of(object? value) => value switch
    {
        ITable table => table,
        Page<CrawlerRow> page => new Table<CrawlerRow>(page.Items,
            ["crawler", "name", "operator", "purpose", "hits", "verified", "spoofed", "unverifiable", "pending", "first_seen", "last_seen"],
            r => [r.Crawler, r.Name, r.Operator, r.Purpose, r.Hits, r.Verified, r.Spoofed, r.Unverifiable, r.Pending, r.FirstSeen, r.LastSeen]),
        Page<PageRow> page => new Table<PageRow>(page.Items,
            ["path", "hits", "crawler_hits", "ai_hits", "human_hits", "spoofed_hits", "crawlers", "last_crawled"],
            r => [r.Path, r.Hits, r.CrawlerHits, r.AiHits, r.HumanHits, r.SpoofedHits, r.Crawlers, r.LastCrawled]),
        Page<HitRow> page => new Table<HitRow>(page.Items,
            ["time", "request_id", "source", "client_address", "method", "host", "path", "query", "status", "bytes_sent", "duration_ms",
                "user_agent", "referrer", "error", "kind", "crawler", "operator", "purpose", "identity", "identity_method", "range_list",
                "score", "confidence", "why", "referral_class", "referral_source"],
            r => [r.Time, r.RequestId, r.Source, r.ClientAddress, r.Method, r.Host, r.Path, r.Query, r.Status, r.BytesSent, r.DurationMs,
                r.UserAgent, r.Referrer, r.Error, r.Kind, r.Crawler, r.Operator, r.Purpose, r.Identity, r.IdentityMethod, r.RangeList,
                r.Score, r.Confidence, string.Join(' ', r.Why), r.ReferralClass, r.ReferralSource]),
        _ => null,
    };

    /// <summary>Where the next page begins; null at the end and for what has no pages.</summary>
    public static string? NextOf(object? value) => value switch
    {
        Page<CrawlerRow> page => page.Next,
        Page<PageRow> page => page.Next,
        Page<HitRow> page => page.Next,
        _ => null,
    };

    private sealed record Table<T>(IReadOnlyList<T> Items, IReadOnlyList<string> Columns, Func<T, object?[]> Cells) : ITable
    {
        public IEnumerable<object?[]> Rows => Items.Select(Cells);
    }
}
