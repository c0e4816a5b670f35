using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Analytics.Api.Alerts;

/// <summary>What an alert looks for. The names are stored and promised.</summary>
public static class AlertKinds
{
    /// <summary>A crawler fetched from the site for the first time.</summary>
    public const string NewCrawler = "new-crawler";

    /// <summary>A larger part of a crawler's hits than allowed is spoofed.</summary>
    public const string Spoofing = "spoofing";

    /// <summary>A crawler that came regularly came no more.</summary>
    public const string CrawlStopped = "crawl-stopped";

    /// <summary>A crawler fetched what robots.txt disallows it.</summary>
    public const string Robots = "robots";

    /// <summary>No crawler fetched any page of a group for some days.</summary>
    public const string NotCrawled = "not-crawled";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [NewCrawler, Spoofing, CrawlStopped, Robots, NotCrawled];
}

/// <summary>What an alert looks for, with its bounds. Which members a kind takes, and what they are without being given: docs/alerts.md.</summary>
public sealed record AlertRule
{
    /// <summary>What: new-crawler, spoofing, crawl-stopped, robots or not-crawled.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Only these crawlers, by their ids; all without it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Crawlers { get; init; }

    /// <summary>Only crawlers of these purposes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>spoofing: the part of a crawler's hits that may be spoofed, 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Rate { get; init; }

    /// <summary>spoofing: fewest spoofed hits; robots: fewest disallowed fetches; 1 to 1,000,000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MinHits { get; init; }

    /// <summary>spoofing, robots: the span that is looked at: 1, 3, 6, 12, 24, 72 or 168 hours.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? WindowHours { get; init; }

    /// <summary>crawl-stopped: how many times its usual gap a crawler must be silent, 2 to 100.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Factor { get; init; }

    /// <summary>crawl-stopped: in how many different hours of the last 30 days a crawler must have come to be regular, 3 to 720.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MinVisits { get; init; }

    /// <summary>new-crawler: for how many days behind a site's first hit no crawler is called new, 0 to 90; not-crawled: how many days without a fetch, 1 to 28.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Days { get; init; }

    /// <summary>not-crawled: how the paths of the group begin, such as /pricing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PathPrefix { get; init; }

    /// <summary>The rule as it is stored: a text that is equal for equal rules.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>A stored rule.</summary>
    internal static AlertRule OfJson(string json) => JsonSerializer.Deserialize<AlertRule>(json, JsonSerializerOptions.Web)!;

    /// <summary>Whether the rule is about a crawler.</summary>
    internal bool Covers(string crawler, string purpose) =>
        (Crawlers is not { Count: > 0 } || Crawlers.Contains(crawler)) && (Purposes is not { Count: > 0 } || Purposes.Contains(purpose));
}

/// <summary>A rule of a site, and how it speaks.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Site">Whose.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Rule">What it looks for.</param>
/// <param name="Manner">How it speaks.</param>
/// <param name="IsEnabled">Whether it looks.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Changed">When it was last written.</param>
internal sealed record Alert(
    string Id, string Site, string Name, AlertRule Rule, AlertManner Manner, bool IsEnabled, DateTimeOffset Created, DateTimeOffset Changed)
{
    /// <summary>Most alerts of a site.</summary>
    public const int SiteMax = 50;

    /// <summary>Whose destinations and deliveries are its own.</summary>
    public string Owner => OwnerOf(Id);

    public static string OwnerOf(string id) => $"alert/{id}";
}

/// <summary>How an alert speaks.</summary>
/// <param name="CooldownMinutes">Least time between two messages that the same subject is firing.</param>
/// <param name="SendResolved">Whether a message is sent when it is over.</param>
internal sealed record AlertManner(int CooldownMinutes, bool SendResolved)
{
    public TimeSpan Cooldown => TimeSpan.FromMinutes(CooldownMinutes);
}
