using Weir.Detection.Catalog;

namespace Weir.Detection.Robots;

/// <summary>Writes a robots.txt from a plan, alone or over a site's own file. Values in, bytes out; safe from any thread.</summary>
/// <remarks>
/// A crawler that a group names reads no other group (RFC 9309 §2.2.1). So what is closed to everyone is written into every group again,
/// but for a rule about the whole site, which the groups are there to differ from.
/// </remarks>
public static class RobotsComposer
{
    /// <summary>A file of the plan alone.</summary>
    /// <param name="plan">What to say.</param>
    /// <param name="crawlers">Whose names to write; names for robots.txt alone are among them.</param>
    public static byte[] Compose(RobotsPlan plan, IEnumerable<Crawler> crawlers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new RobotsText();
        var shared = SharedRules(plan.Everyone);
        foreach (var (rule, names) in Groups(plan, crawlers))
            text.Group(rule, names, plan, shared);
        text.Group(plan.Everyone ?? new RobotsPlanRule { Allow = ["/"] }, ["*"], plan, []);
        text.Sitemaps(plan.Sitemaps);
        text.Lines(plan.Tail);
        return text.ToBytes();
    }

    /// <summary>A file in which the plan's groups win for the crawlers they name, and the rest of the origin's file stays as it is.</summary>
    /// <param name="plan">What to say.</param>
    /// <param name="crawlers">Whose names to write.</param>
    /// <param name="origin">The origin's file; hostile bytes. Behind 500 KiB nothing is taken (§2.5).</param>
    public static byte[] Merge(RobotsPlan plan, IEnumerable<Crawler> crawlers, ReadOnlySpan<byte> origin)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var file = RobotsFile.Parse(origin);
        var everyone = plan.Everyone;
        var shared = everyone is not null ? SharedRules(everyone) : OriginRulesForAll(file);
        var text = new RobotsText();
        var managed = new RobotsNames();
        // First, so that no crawler that reads only the beginning of a long file misses them.
        foreach (var (rule, names) in Groups(plan, crawlers))
        {
            text.Group(rule, names, plan, shared);
            managed.Add(names);
        }
        if (everyone is not null)
            text.Group(everyone, ["*"], plan, []);
        var rest = new RobotsRest(text, plan, managed, hasSignals: file.Other.Any(l => l.Name.Equals("Content-Signal", StringComparison.OrdinalIgnoreCase)));
        bool speaksToAll = rest.Copy(origin, dropsAll: everyone is not null) || everyone is not null;
        if (!speaksToAll && (plan.TrapPath is not null || plan.SignalsDeclared.Count > 0))
            text.Group(new RobotsPlanRule { Allow = ["/"] }, ["*"], plan, []);
        var known = file.Other.Where(l => l.Name.Equals("Sitemap", StringComparison.OrdinalIgnoreCase)).Select(l => l.Value).ToHashSet(StringComparer.Ordinal);
        text.Sitemaps(plan.Sitemaps.Where(s => !known.Contains(s)));
        text.Lines(plan.Tail);
        return text.ToBytes();
    }

    /// <summary>The names that robots.txt files have for a crawler and that can be written there.</summary>
    public static IEnumerable<string> NamesOf(Crawler crawler) => RobotsAgent.Of(crawler).Names.Where(IsWritable);

    // Letters, digits and what stands between them in names that are in use; a blank or a slash would end the name for some parsers.
    private static bool IsWritable(string name) => name.Length > 1 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static IEnumerable<(RobotsPlanRule Rule, List<string> Names)> Groups(RobotsPlan plan, IEnumerable<Crawler> crawlers)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var all = crawlers as IReadOnlyCollection<Crawler> ?? [.. crawlers];
        foreach (var rule in plan.Rules.Where(r => !r.IsForEveryone))
        {
            var names = all.Where(c => rule.Purposes.Contains(c.Purpose) || rule.Crawlers.Contains(c.Id))
                .SelectMany(NamesOf).Where(taken.Add).Order(StringComparer.OrdinalIgnoreCase).ToList();
            if (names.Count > 0)
                yield return (rule, names);
        }
    }

    private static List<(bool IsAllow, string Path)> SharedRules(RobotsPlanRule? everyone) => everyone is null ? [] :
        [.. everyone.Allow.Where(IsPart).Select(p => (true, p)), .. everyone.Disallow.Where(IsPart).Select(p => (false, p))];

    private static List<(bool IsAllow, string Path)> OriginRulesForAll(RobotsFile file) =>
        [.. file.Groups.Where(g => g.Agents.Exists(a => RobotsAgent.IsAll(a.Value))).SelectMany(g => g.Rules)
            .Where(r => IsPart(r.Line.Value)).Select(r => (r.IsAllow, r.Line.Value))];

    private static bool IsPart(string path) => path is not ("" or "/" or "/*" or "*");
}
