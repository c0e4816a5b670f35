using System.ComponentModel;

namespace Weir.Analytics.Api.Endpoints;

// All parameters are read as text, so that a wrong one is answered by name and never by a bare 400.

/// <summary>A span of time.</summary>
internal record RangeQuery
{
    /// <summary>Start.</summary>
    [Description("Start of the span, inside it: RFC 3339 time or a date (midnight UTC). Without it: 24 hours before the end.")]
    public string? From { get; init; }

    /// <summary>End.</summary>
    [Description("End of the span, outside it: RFC 3339 time or a date (midnight UTC). Without it: now.")]
    public string? To { get; init; }
}

/// <summary>A span of time and a page of a list.</summary>
internal record ListQuery : RangeQuery
{
    /// <summary>Position.</summary>
    [Description("The 'next' of the answer before. It carries the span, so 'from' and 'to' are not needed again.")]
    public string? Cursor { get; init; }

    /// <summary>Rows wanted.</summary>
    [Description("Rows wanted: 1 to 1000 (100 without it); as CSV up to 50000.")]
    public string? Limit { get; init; }
}

/// <summary>Which pages.</summary>
internal sealed record PagesQuery : ListQuery
{
    /// <summary>Beginning of paths.</summary>
    [Description("Only paths that begin with this.")]
    public string? Path { get; init; }
}

/// <summary>Which hits.</summary>
internal sealed record HitsQuery : ListQuery
{
    /// <summary>Kind of client.</summary>
    [Description("Only this kind: crawler, automation, likely-human or unknown.")]
    public string? Kind { get; init; }

    /// <summary>Crawler id.</summary>
    [Description("Only hits that claim to be this crawler, such as gptbot.")]
    public string? Crawler { get; init; }

    /// <summary>Identity.</summary>
    [Description("Only this identity: verified, spoofed, unverifiable, pending or not-claimed.")]
    public string? Identity { get; init; }

    /// <summary>Response status.</summary>
    [Description("Only this response status, such as 404; 0 for clients that left before one.")]
    public string? Status { get; init; }

    /// <summary>Path.</summary>
    [Description("Only this path; with a final * every path that begins so.")]
    public string? Path { get; init; }
}

/// <summary>Which referrals.</summary>
internal sealed record ReferralsQuery : RangeQuery
{
    /// <summary>Class of source.</summary>
    [Description("ai, search, social or other; all without it.")]
    public string? Class { get; init; }
}

/// <summary>Which lines over time.</summary>
internal sealed record SeriesQuery : RangeQuery
{
    /// <summary>Length of a bucket.</summary>
    [Description("minute, hour, day or week (from Monday). Without it: hour up to three days, else day.")]
    public string? Interval { get; init; }

    /// <summary>What a line is.</summary>
    [Description("audience (likely humans, AI crawlers, other bots, AI referrals), kind, crawler, operator, purpose, identity or referral. Without it: kind.")]
    public string? By { get; init; }

    /// <summary>Time zone.</summary>
    [Description("IANA time zone such as Europe/Berlin in which hours, days and weeks begin. Without it: UTC.")]
    public string? Tz { get; init; }
}
