using Microsoft.AspNetCore.Mvc;

namespace Weir.Analytics.Api.Endpoints;

// All parameters are read as text, so that a wrong one is answered by name and never by a bare 400.

/// <summary>A span of time.</summary>
internal record RangeQuery
{
    /// <summary>Start of the span, inside it: RFC 3339 time or a date (midnight UTC). Without it: 24 hours before the end.</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>End of the span, outside it: RFC 3339 time or a date (midnight UTC). Without it: now.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }
}

/// <summary>A span of time, and which verdict the hits in it are counted by.</summary>
internal record VerdictQuery : RangeQuery
{
    /// <summary>reclassified: by the newest run of weir reclassify where one covers a hit, and with identities that were found out later; settled: as given, with those identities; original: as given. Without it: reclassified.</summary>
    [FromQuery(Name = "verdict")]
    public string? Verdict { get; init; }
}

/// <summary>Figures of a span of time, and of the one before.</summary>
internal record ComparedQuery : VerdictQuery
{
    /// <summary>previous adds the same figures of the span of the same length before, as 'previous'.</summary>
    [FromQuery(Name = "compare")]
    public string? Compare { get; init; }
}

/// <summary>A span of time and a page of a list.</summary>
internal record ListQuery : VerdictQuery
{
    /// <summary>The 'next' of the answer before. It carries the span, so 'from' and 'to' are not needed again.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    /// <summary>Rows wanted: 1 to 1000 (100 without it); as CSV, JSON lines or Parquet up to 50000, and 50000 without it.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }
}

/// <summary>Which pages.</summary>
internal sealed record PagesQuery : ListQuery
{
    /// <summary>Only paths that begin with this.</summary>
    [FromQuery(Name = "path")]
    public string? Path { get; init; }
}

/// <summary>Which crawlers.</summary>
internal sealed record CrawlersQuery : ListQuery
{
    /// <summary>true adds how each crawler comes back (first and last seen ever, re-crawl interval), which costs more; false without it.</summary>
    [FromQuery(Name = "habits")]
    public string? Habits { get; init; }
}

/// <summary>Which spoofed sources.</summary>
internal sealed record IdentityQuery : ListQuery
{
    /// <summary>Only those that claim this crawler, such as gptbot.</summary>
    [FromQuery(Name = "crawler")]
    public string? Crawler { get; init; }
}

/// <summary>Which hits.</summary>
internal sealed record HitsQuery : ListQuery
{
    /// <summary>Only this kind: crawler, automation, likely-human or unknown.</summary>
    [FromQuery(Name = "kind")]
    public string? Kind { get; init; }

    /// <summary>Only hits that claim to be this crawler, such as gptbot.</summary>
    [FromQuery(Name = "crawler")]
    public string? Crawler { get; init; }

    /// <summary>Only this identity: verified, spoofed, unverifiable, pending or not-claimed; not-spoofed for every one but spoofed.</summary>
    [FromQuery(Name = "identity")]
    public string? Identity { get; init; }

    /// <summary>Only this response status, such as 404; 0 for clients that left before one.</summary>
    [FromQuery(Name = "status")]
    public string? Status { get; init; }

    /// <summary>Only this path; with a final * every path that begins so.</summary>
    [FromQuery(Name = "path")]
    public string? Path { get; init; }

    /// <summary>Only hits that claim to be a crawler of this purpose, such as ai-training; ai for every purpose of AI.</summary>
    [FromQuery(Name = "purpose")]
    public string? Purpose { get; init; }

    /// <summary>Only visits of people that such a page sent: ai, search, social or other.</summary>
    [FromQuery(Name = "referral")]
    public string? Referral { get; init; }

    /// <summary>Only hits that this rule of the site's policy decided, or in dry run would have.</summary>
    [FromQuery(Name = "rule")]
    public string? Rule { get; init; }
}

/// <summary>Which referrals.</summary>
internal sealed record ReferralsQuery : VerdictQuery
{
    /// <summary>ai, search, social or other; all without it.</summary>
    [FromQuery(Name = "class")]
    public string? Class { get; init; }
}

/// <summary>Which version of robots.txt.</summary>
internal sealed record RobotsQuery
{
    /// <summary>The hash of one version, to have its text; all versions without their texts when not given.</summary>
    [FromQuery(Name = "hash")]
    public string? Hash { get; init; }
}

/// <summary>Which lines over time.</summary>
internal sealed record SeriesQuery : ComparedQuery
{
    /// <summary>minute, hour, day, week (from Monday) or month, or a multiple: 5m, 15m (dividing an hour), 6h (dividing a day), 2d, 4w. Without it: hour up to three days, else day.</summary>
    [FromQuery(Name = "interval")]
    public string? Interval { get; init; }

    /// <summary>audience (likely humans, AI crawlers, other bots, AI referrals), kind, crawler, operator, purpose, identity, referral, status, status-class, country or path. Without it: kind.</summary>
    [FromQuery(Name = "by")]
    public string? By { get; init; }

    /// <summary>With by=path: how many segments of a path make a line, 1 to 5; 1 without it.</summary>
    [FromQuery(Name = "depth")]
    public string? Depth { get; init; }

    /// <summary>IANA time zone such as Europe/Berlin in which hours, days and weeks begin. Without it: UTC.</summary>
    [FromQuery(Name = "tz")]
    public string? Tz { get; init; }
}
