using System.Text;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;
using Weir.Hosting;

namespace Weir.Settings;

/// <summary>Reads what a site's robots.txt says; every wrong value is named with its mend.</summary>
internal static class RobotsBinder
{
    private const int ListMax = 1000;
    private const int PathCharsMax = 1024;

    private static readonly string[] SignalNames = ["search", "ai-input", "ai-train"];

    // Loaded once, and only when a rule names a crawler.
    private static readonly Lazy<CrawlerCatalog> Catalog = new(() => Catalogs.Load());

    /// <summary>Reads a site's object <c>robots</c>.</summary>
    public static SiteRobots Bind(Section site, SiteId id)
    {
        var robots = site.Object("robots");
        if (robots.Node is null)
            return new SiteRobots();
        var mode = Mode(robots);
        var rules = new List<RobotsPlanRule>();
        foreach (var section in robots.Objects("rules"))
            rules.Add(Rule(section, rules));
        if (mode == RobotsMode.Pass)
            RefuseUnused(robots);
        return new SiteRobots
        {
            Mode = mode,
            Plan = new RobotsPlan
            {
                Rules = rules,
                Signals = Signals(robots),
                Sitemaps = Sitemaps(robots),
                Tail = Tail(robots),
                TrapPath = ReadTrap(site, id),
            },
            Refresh = TimeSpan.FromMinutes(robots.Integer("refreshMinutes", 1, 1440, 15)),
        };
    }

    /// <summary>Reads a site's <c>trap</c>: true, false, or a path; a wrong one is noted.</summary>
    public static string? TrapPath(Section site, SiteId id)
    {
        if (ReadTrap(site, id) is not { } path)
            return null;
        if (site.Text("trap") is { } given && WhyNoTrap(path) is { } why)
            given.Refuse($"'{given.Value}' {why}", "Write true, or a path that nothing else uses and that begins and ends with a slash, such as /trap-7d2c/.");
        return path;
    }

    private static string? ReadTrap(Section site, SiteId id) => site.Text("trap") is { } given ? given.Value.Trim()
        : site.Boolean("trap", false) ? SitePaths.TrapOf(id) : null;

    private static string? WhyNoTrap(string path)
    {
        if (path.Length < 3 || path.Length > PathCharsMax || path[0] != '/' || path[^1] != '/' || path.Any(c => c is <= ' ' or >= '\x7f' or '?' or '#' or '*' or '$' or '%')
            || path.Contains("//", StringComparison.Ordinal) || path.Contains("/.", StringComparison.Ordinal))
            return path.StartsWith("/.well-known/", StringComparison.Ordinal) ? "is where programs are invited." : "is no path for a trap.";
        return null;
    }

    private static RobotsMode Mode(Section robots)
    {
        switch (robots.Text("mode"))
        {
            case { Value: "pass" }:
                return RobotsMode.Pass;
            case { Value: "managed" }:
                return RobotsMode.Managed;
            case { Value: "merged" }:
                return RobotsMode.Merged;
            case { } given:
                given.Refuse($"'{given.Value}' is no mode of robots.txt.", "Write pass (the origin's file), managed (by the rules here) or merged (both).");
                return RobotsMode.Pass;
            default:
                if (!robots.Has("mode"))
                    robots.Errors.Add(robots.At, robots.PathOf("mode"), "Who writes robots.txt is not said.", "Write \"mode\": \"merged\" to add to the origin's file, managed to replace it, or pass.");
                return RobotsMode.Pass;
        }
    }

    // With pass nothing of it would be served, which is not what its author thinks.
    private static void RefuseUnused(Section robots)
    {
        if (robots.Text("mode") is not { Value: "pass" })
            return;
        foreach (var member in robots.Node!.Members.Where(m => m.Name != "mode"))
            robots.Errors.Add(member.At, robots.PathOf(member.Name), "With the mode pass the origin's file is served as it is.", "Write \"mode\": \"merged\" or managed, or remove this.");
    }

    private static RobotsPlanRule Rule(Section section, List<RobotsPlanRule> before)
    {
        var rule = new RobotsPlanRule
        {
            Purposes = PolicyBinder.Purposes(section),
            Crawlers = Crawlers(section),
            Allow = Paths(section, "allow"),
            Disallow = Paths(section, "disallow"),
        };
        if (!section.Has("allow") && !section.Has("disallow"))
            section.Errors.Add(section.At, section.Path, "This rule neither allows nor disallows anything.", "Write \"disallow\": \"/\" for the whole site, \"allow\": \"/\", or paths.");
        if (rule.AllowsAll && rule.Disallow.Contains("/"))
            section.Errors.Add(section.At, section.Path, "This rule allows and disallows the whole site.", "Keep one of the two, and name paths in the other.");
        bool namesNobody = !section.Has("purposes") && !section.Has("crawlers");
        if (namesNobody && before.Exists(r => r.IsForEveryone))
            section.Errors.Add(section.At, section.Path, "A second rule is for everyone.", "Join the two, or name purposes or crawlers in one.");
        return rule;
    }

    private static List<string> Crawlers(Section section)
    {
        var found = new List<string>();
        foreach (var given in section.Texts("crawlers"))
        {
            var crawler = Catalog.Value.Find(given.Value.ToLowerInvariant());
            if (crawler is null)
                given.Refuse($"'{given.Value}' is no crawler of the catalog.", NearestName.Of(given.Value, Catalog.Value.Crawlers.Select(c => c.Id)) is { } near ? $"Did you mean '{near}'?" : "config/crawlers.json has them all; others go to tail, as lines of their own.");
            else if (!RobotsComposer.NamesOf(crawler).Any())
                given.Refuse($"'{given.Value}' has no name that can be written into robots.txt.", "Refuse it by a rule of the site's policy.");
            else
                found.Add(crawler.Id);
        }
        return found;
    }

    private static List<string> Paths(Section section, string setting)
    {
        var paths = new List<string>();
        foreach (var given in section.Texts(setting))
        {
            string path = given.Value.Trim();
            if (path.Length is 0 or > PathCharsMax || path[0] is not ('/' or '*') || path.Any(c => c is <= ' ' or '#' or '\x7f'))
                given.Refuse($"'{given.Value}' is no path of robots.txt.", "Write / for the whole site, /private/ for all below it, /*.pdf$ for an ending.");
            else
                paths.Add(path);
        }
        RefuseTooMany(section, setting, paths.Count);
        return paths;
    }

    private static List<string>? Signals(Section robots)
    {
        if (!robots.Has("contentSignals"))
            return null;
        var signals = new List<string>();
        foreach (var given in robots.Texts("contentSignals"))
        {
            string[] parts = given.Value.Split('=', StringSplitOptions.TrimEntries);
            if (parts is not [var name, "yes" or "no"] || !SignalNames.Contains(name))
                given.Refuse($"'{given.Value}' is no content signal.", "Write search=yes, ai-input=no or ai-train=no; each takes yes or no. An empty list declares none.");
            else if (signals.Exists(s => s.StartsWith(name + "=", StringComparison.Ordinal)))
                given.Refuse($"'{name}' is declared twice.", "Keep one of the two.");
            else
                signals.Add($"{name}={parts[1]}");
        }
        return signals;
    }

    private static List<string> Sitemaps(Section robots)
    {
        var sitemaps = new List<string>();
        foreach (var given in robots.Texts("sitemaps"))
        {
            string text = given.Value.Trim();
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && !text.Any(c => c is <= ' ' or >= '\x7f'))
                sitemaps.Add(text);
            else
                given.Refuse($"'{given.Value}' is no address of a sitemap.", "Write a whole address, such as https://www.example.com/sitemap.xml.");
        }
        RefuseTooMany(robots, "sitemaps", sitemaps.Count);
        return sitemaps;
    }

    private static List<string> Tail(Section robots)
    {
        var lines = new List<string>();
        foreach (var given in robots.Texts("tail"))
        {
            if (given.Value.Length > PathCharsMax || given.Value.Any(char.IsControl))
                given.Refuse("This is no line.", $"Write one line a text, of at most {PathCharsMax} characters.");
            else
                lines.Add(given.Value);
        }
        RefuseTooMany(robots, "tail", lines.Count);
        // Behind the last group a rule would become that group's.
        var first = lines.Find(l => RobotsFile.Parse(Encoding.UTF8.GetBytes(l)) is { KnownCount: > 0 } or { Other: [{ Name.Length: > 0 }] } && !IsSitemap(l));
        if (first is not null && RobotsFile.Parse(Encoding.UTF8.GetBytes(first)).KnownCount == 0)
            robots.Errors.Add(robots.Node!.Find("tail")!.At, robots.PathOf("tail"), $"'{first}' stands before any user agent.", "Write \"User-agent: NAME\" above it, or use rules.");
        return lines;
    }

    private static bool IsSitemap(string line) => line.TrimStart().StartsWith("sitemap", StringComparison.OrdinalIgnoreCase);

    private static void RefuseTooMany(Section section, string setting, int count)
    {
        if (count > ListMax)
            section.Errors.Add(section.Node!.Find(setting)!.At, section.PathOf(setting), $"This list is longer than {ListMax}.", "Shorten it: crawlers read 500 KiB at most.");
    }
}
