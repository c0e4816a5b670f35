using Weir.Analytics.Api.Endpoints;
using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Says what is wrong with a rule, by the member's name, and fills in what was not given.</summary>
internal static class AlertRuleCheck
{
    // A closed list: alerts of equal windows share their queries, however many there are.
    private static readonly int[] Windows = [1, 3, 6, 12, 24, 72, 168];

    private static readonly string[] AiPurposes = ["ai-training", "ai-search", "ai-user", "ai-agent"];
    private static readonly string[] AllPurposes = [.. Enum.GetValues<Purpose>().Where(p => p != Purpose.None).Select(p => p.ToName())];

    private static readonly Dictionary<string, string[]> Members = new(StringComparer.Ordinal)
    {
        [AlertKinds.NewCrawler] = ["days"],
        [AlertKinds.Spoofing] = ["rate", "minHits", "windowHours"],
        [AlertKinds.CrawlStopped] = ["factor", "minVisits"],
        [AlertKinds.Robots] = ["minHits", "windowHours"],
        [AlertKinds.NotCrawled] = ["days", "pathPrefix"],
    };

    private const int ListMax = 50, PathMax = 2048;

    /// <summary>The rule with all its defaults; errors are noted in <paramref name="check"/>.</summary>
    public static AlertRule Complete(AlertRule? given, CrawlerCatalog catalog, QueryCheck check)
    {
        if (given is null)
        {
            check.Error("rule", "'rule' is needed: what the alert looks for.");
            return new AlertRule();
        }
        if (!Members.TryGetValue(given.Kind ?? "", out string[]? members))
        {
            check.Error("rule.kind", $"'rule.kind' must be one of {string.Join(", ", AlertKinds.All)}.");
            return given;
        }
        Refuse(given, members, check);
        CheckLists(given, catalog, check);
        return WithDefaults(given, check);
    }

    private static AlertRule WithDefaults(AlertRule given, QueryCheck check) => given.Kind switch
    {
        AlertKinds.NewCrawler => given with { Purposes = given.Purposes ?? AiPurposes, Days = Within("days", given.Days ?? 7, 0, 90, check) },
        AlertKinds.Spoofing => given with
        {
            Rate = Within("rate", given.Rate ?? 0.2, 0, 1, check),
            MinHits = Within("minHits", given.MinHits ?? 20, 1, 1_000_000, check),
            WindowHours = Window(given, check),
        },
        AlertKinds.CrawlStopped => given with
        {
            Purposes = given.Purposes ?? [.. AiPurposes, "search"],
            Factor = Within("factor", given.Factor ?? 5, 2, 100, check),
            MinVisits = Within("minVisits", given.MinVisits ?? 10, 3, 720, check),
        },
        AlertKinds.Robots => given with { MinHits = Within("minHits", given.MinHits ?? 10, 1, 1_000_000, check), WindowHours = Window(given, check) },
        AlertKinds.NotCrawled => given with { Days = Within("days", given.Days ?? 7, 1, 28, check), PathPrefix = Prefix(given.PathPrefix, check) },
        _ => throw new ArgumentOutOfRangeException(nameof(given), given.Kind, "Not a kind."),
    };

    private static void Refuse(AlertRule given, string[] members, QueryCheck check)
    {
        (string Name, bool IsGiven)[] all =
        [
            ("rate", given.Rate is not null), ("minHits", given.MinHits is not null), ("windowHours", given.WindowHours is not null),
            ("factor", given.Factor is not null), ("minVisits", given.MinVisits is not null), ("days", given.Days is not null),
            ("pathPrefix", given.PathPrefix is not null),
        ];
        foreach (var (name, isGiven) in all)
        {
            if (isGiven && !members.Contains(name))
                check.Error($"rule.{name}", $"'rule.{name}' is no part of a rule of kind {given.Kind}. It takes {string.Join(", ", members)}, crawlers and purposes.");
        }
    }

    private static void CheckLists(AlertRule given, CrawlerCatalog catalog, QueryCheck check)
    {
        if (given.Crawlers is { } crawlers && (crawlers.Count > ListMax || crawlers.Any(c => c is null || catalog.Find(c) is null)))
            check.Error("rule.crawlers", $"'rule.crawlers' must be at most {ListMax} ids of the catalog, such as gptbot.");
        if (given.Purposes is { } purposes && (purposes.Count > ListMax || purposes.Any(p => !AllPurposes.Contains(p))))
            check.Error("rule.purposes", $"'rule.purposes' must be of {string.Join(", ", AllPurposes)}.");
    }

    private static int Window(AlertRule given, QueryCheck check)
    {
        int hours = given.WindowHours ?? 24;
        if (!Windows.Contains(hours))
            check.Error("rule.windowHours", $"'rule.windowHours' must be one of {string.Join(", ", Windows)}.");
        return hours;
    }

    private static string Prefix(string? prefix, QueryCheck check)
    {
        if (prefix is { Length: >= 1 and <= PathMax } && prefix[0] == '/' && !prefix.AsSpan().ContainsAny('?', '#') && !prefix.Any(char.IsControl))
            return prefix;
        check.Error("rule.pathPrefix", $"'rule.pathPrefix' must begin with / and be at most {PathMax} characters without ? and #, such as /pricing.");
        return "/";
    }

    private static int Within(string name, int value, int min, int max, QueryCheck check) => (int)Within(name, (double)value, min, max, check);

    private static double Within(string name, double value, double min, double max, QueryCheck check)
    {
        if (!(value >= min && value <= max))
            check.Error($"rule.{name}", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"'rule.{name}' must be from {min} to {max}."));
        return value;
    }
}
