using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Weir.Analytics.Api.Endpoints;

// All parameters are read as text, so that a wrong one is answered by name and never by a bare 400. The document takes their descriptions.

/// <summary>A span of time.</summary>
internal record RangeQuery
{
    [FromQuery(Name = "from")]
    [Description("Start of the span, inside it: RFC 3339 time or a date (midnight UTC). Without it: 24 hours before the end.")]
    public string? From { get; init; }

    [FromQuery(Name = "to")]
    [Description("End of the span, outside it: RFC 3339 time or a date (midnight UTC). Without it: now.")]
    public string? To { get; init; }
}

/// <summary>A span of time, and which verdict the hits in it are counted by.</summary>
internal record VerdictQuery : RangeQuery
{
    [FromQuery(Name = "verdict")]
    [Description("reclassified: by the newest run of weir reclassify where one covers a hit, and with identities that were found out later; settled: as given, with those identities; original: as given. Without it: reclassified.")]
    public string? Verdict { get; init; }
}

/// <summary>Figures of a span of time, and of the one before.</summary>
internal record ComparedQuery : VerdictQuery
{
    [FromQuery(Name = "compare")]
    [Description("previous adds the same figures of the span of the same length before, as 'previous'; where this span ends later than now, of as much of it as has passed.")]
    public string? Compare { get; init; }
}

/// <summary>A span of time and a page of a list.</summary>
internal record ListQuery : VerdictQuery
{
    [FromQuery(Name = "cursor")]
    [Description("The 'next' of the answer before. It carries the span, so 'from' and 'to' are not needed again.")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit")]
    [Description("Rows wanted: 1 to 1000 (100 without it); as CSV, JSON lines or Parquet up to 50000, and 50000 without it.")]
    public string? Limit { get; init; }
}

/// <summary>Which pages.</summary>
internal sealed record PagesQuery : ListQuery
{
    [FromQuery(Name = "path")]
    [Description("Only paths that begin with this.")]
    public string? Path { get; init; }
}

/// <summary>Which crawlers.</summary>
internal sealed record CrawlersQuery : ListQuery
{
    [FromQuery(Name = "habits")]
    [Description("true adds how each crawler comes back (first and last seen ever, re-crawl interval), which costs more; false without it.")]
    public string? Habits { get; init; }
}

/// <summary>Which spoofed sources.</summary>
internal sealed record IdentityQuery : ListQuery
{
    [FromQuery(Name = "crawler")]
    [Description("Only those that claim this crawler, such as gptbot.")]
    public string? Crawler { get; init; }
}

/// <summary>How a sitemap is taken.</summary>
internal sealed record SitemapQuery
{
    [FromQuery(Name = "add")]
    [Description("true adds its pages to the sitemap in force, for the further files of an index; false, or without it, it replaces that.")]
    public string? Add { get; init; }
}

/// <summary>Which crawlers' fetches count.</summary>
internal sealed record UncrawledQuery : ListQuery
{
    [FromQuery(Name = "purpose")]
    [Description("Only fetches for this purpose: search, ai-search, ai-training and the like, or ai for all of AI; any without it.")]
    public string? Purpose { get; init; }

    [FromQuery(Name = "identity")]
    [Description("Only fetches of this identity: verified, unverifiable or pending; any but spoofed without it.")]
    public string? Identity { get; init; }

    [FromQuery(Name = "crawler")]
    [Description("Only fetches that claim this crawler, such as gptbot.")]
    public string? Crawler { get; init; }
}

/// <summary>Which sightings of pages.</summary>
internal sealed record ChangesQuery : ListQuery
{
    [FromQuery(Name = "path")]
    [Description("Only paths that begin with this.")]
    public string? Path { get; init; }

    [FromQuery(Name = "crawler")]
    [Description("Only this crawler, such as gptbot.")]
    public string? Crawler { get; init; }
}

/// <summary>Which hits.</summary>
internal sealed record HitsQuery : ListQuery
{
    [FromQuery(Name = "kind")]
    [Description("Only this kind: crawler, automation, likely-human or unknown.")]
    public string? Kind { get; init; }

    [FromQuery(Name = "crawler")]
    [Description("Only hits that claim to be this crawler, such as gptbot.")]
    public string? Crawler { get; init; }

    [FromQuery(Name = "identity")]
    [Description("Only this identity: verified, spoofed, unverifiable, pending or not-claimed; not-spoofed for every one but spoofed.")]
    public string? Identity { get; init; }

    [FromQuery(Name = "status")]
    [Description("Only this response status, such as 404; 0 for clients that left before one.")]
    public string? Status { get; init; }

    [FromQuery(Name = "path")]
    [Description("Only this path; with a final * every path that begins so.")]
    public string? Path { get; init; }

    [FromQuery(Name = "purpose")]
    [Description("Only hits that claim to be a crawler of this purpose, such as ai-training; ai for every purpose of AI.")]
    public string? Purpose { get; init; }

    [FromQuery(Name = "referral")]
    [Description("Only visits of people that such a page sent: ai, search, social or other.")]
    public string? Referral { get; init; }

    [FromQuery(Name = "rule")]
    [Description("Only hits that this rule of the site's policy decided, or in dry run would have.")]
    public string? Rule { get; init; }
}

/// <summary>Which referrals.</summary>
internal sealed record ReferralsQuery : VerdictQuery
{
    [FromQuery(Name = "class")]
    [Description("ai, search, social or other; all without it.")]
    public string? Class { get; init; }
}

/// <summary>Which version of robots.txt.</summary>
internal sealed record RobotsQuery
{
    [FromQuery(Name = "hash")]
    [Description("The hash of one version, to have its text; all versions without their texts when not given.")]
    public string? Hash { get; init; }
}

/// <summary>Which lines over time.</summary>
internal sealed record SeriesQuery : ComparedQuery
{
    [FromQuery(Name = "interval")]
    [Description("minute, hour, day, week (from Monday) or month, or a multiple: 5m, 15m (dividing an hour), 6h (dividing a day), 2d, 4w. Without it: hour up to three days, else day.")]
    public string? Interval { get; init; }

    [FromQuery(Name = "by")]
    [Description("audience (likely humans, AI crawlers, other bots, AI referrals), kind, crawler, operator, purpose, identity, referral, status, status-class, country or path. Without it: kind.")]
    public string? By { get; init; }

    [FromQuery(Name = "depth")]
    [Description("With by=path: how many segments of a path make a line, 1 to 5; 1 without it.")]
    public string? Depth { get; init; }

    [FromQuery(Name = "tz")]
    [Description("IANA time zone such as Europe/Berlin in which hours, days and weeks begin. Without it: UTC.")]
    public string? Tz { get; init; }
}
