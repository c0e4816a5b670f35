using System.Runtime.InteropServices;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;

namespace Weir.Ingest.AccessLogs;

/// <summary>Judges a site's hits, in the order of time, by the robots.txt that each crawler could have read. For one thread at a time.</summary>
/// <param name="history">The site's robots.txt as served; the crawlers' looks at it are noted here as they come by.</param>
public sealed class RobotsAudit(RobotsHistory history)
{
    private readonly Dictionary<string, CrawlerCompliance> _crawlers = new(StringComparer.Ordinal);

    /// <summary>Every crawler met: those that broke rules first, then by fetches.</summary>
    public IReadOnlyList<CrawlerCompliance> Crawlers =>
        [.. _crawlers.Values.OrderByDescending(c => c.Violations).ThenByDescending(c => c.Fetches).ThenBy(c => c.Crawler.Id, StringComparer.Ordinal)];

    /// <summary>Takes one hit; what is no crawler's is passed over.</summary>
    public void Take(in Hit hit)
    {
        if (hit.Verdict is not { Kind: VerdictKind.Crawler, Crawler: { } crawler })
            return;
        ref var compliance = ref CollectionsMarshal.GetValueRefOrAddDefault(_crawlers, crawler.Id, out _);
        compliance ??= new CrawlerCompliance(crawler);
        compliance.Fetches++;
        // Whoever borrows a name breaks no promise of its owner, and reads no file for it.
        if (hit.Verdict.Identity == Identity.Spoofed)
        {
            compliance.Spoofed++;
            return;
        }
        var at = DateTimeOffset.FromUnixTimeMilliseconds(hit.TimeMs);
        string path = hit.Query.Length == 0 ? hit.Path : $"{hit.Path}?{hit.Query}";
        var judgement = history.Judge(crawler, path, at);
        if (judgement.Why == RobotsNotJudged.RobotsFileItself)
            history.NoteFetch(crawler, at, hit.Status);
        compliance.Count(judgement, path, at);
    }
}

/// <summary>What one crawler made of a site's robots.txt.</summary>
public sealed class CrawlerCompliance
{
    // A crawler that breaks more rules than these is known well enough.
    private const int BrokenMax = 1000;

    private readonly Dictionary<(RobotsVersion? Version, int Line, RobotsBasis Basis), BrokenRule> _broken = [];

    internal CrawlerCompliance(Crawler crawler) => Crawler = crawler;

    /// <summary>Who.</summary>
    public Crawler Crawler { get; }

    /// <summary>All its fetches.</summary>
    public long Fetches { get; internal set; }

    /// <summary>Fetches in its name that are not its own; never judged.</summary>
    public long Spoofed { get; internal set; }

    /// <summary>Fetches that were judged.</summary>
    public long Judged { get; private set; }

    /// <summary>Judged fetches of disallowed pages.</summary>
    public long Violations { get; private set; }

    /// <summary>Fetches of robots.txt itself.</summary>
    public long RobotsFetches { get; private set; }

    /// <summary>Fetches before which no version is known that it could have read.</summary>
    public long NoVersionKnown { get; private set; }

    /// <summary>Fetches that a person asked for.</summary>
    public long UserTriggered { get; private set; }

    /// <summary>User-triggered fetches of pages that robots.txt disallows: no violations.</summary>
    public long UserTriggeredDisallowed { get; private set; }

    /// <summary>The rules it broke, the most often broken first.</summary>
    public IReadOnlyList<BrokenRule> Broken => [.. _broken.Values.OrderByDescending(b => b.Times).ThenBy(b => b.FirstAt)];

    internal void Count(in RobotsJudgement judgement, string path, DateTimeOffset at)
    {
        switch (judgement.Why)
        {
            case RobotsNotJudged.RobotsFileItself:
                RobotsFetches++;
                return;
            case RobotsNotJudged.NoVersionKnown:
                NoVersionKnown++;
                return;
            case RobotsNotJudged.UserTriggered:
                UserTriggered++;
                if (judgement.Answer is { IsAllowed: false })
                    UserTriggeredDisallowed++;
                return;
            case RobotsNotJudged.None:
                break;
        }
        Judged++;
        if (judgement.Outcome != RobotsOutcome.Disallowed)
            return;
        Violations++;
        var answer = judgement.Answer!.Value;
        var key = (judgement.Version, answer.Rule?.Line.Number ?? 0, answer.Basis);
        if (!_broken.TryGetValue(key, out var broken))
        {
            if (_broken.Count >= BrokenMax)
                return;
            _broken.Add(key, broken = new BrokenRule(answer, judgement.Version, path, at));
        }
        broken.Take(path, at);
    }
}

/// <summary>A rule that a crawler broke.</summary>
/// <param name="Answer">What robots.txt says, with the rule.</param>
/// <param name="Version">The version that says so; null when the file could not be had.</param>
/// <param name="FirstPath">The first path fetched against it. Hostile text.</param>
/// <param name="FirstAt">When.</param>
public sealed record BrokenRule(RobotsAnswer Answer, RobotsVersion? Version, string FirstPath, DateTimeOffset FirstAt)
{
    private const int NewestMax = 5;

    private readonly List<(string Path, DateTimeOffset At)> _newest = new(NewestMax + 1);

    /// <summary>How often.</summary>
    public long Times { get; private set; }

    /// <summary>The last time.</summary>
    public DateTimeOffset LastAt { get; private set; } = FirstAt;

    /// <summary>Paths fetched against it and when each was last, the newest first; at most five. Hostile text.</summary>
    public IReadOnlyList<(string Path, DateTimeOffset At)> Newest => _newest;

    internal void Take(string path, DateTimeOffset at)
    {
        Times++;
        LastAt = at;
        _newest.RemoveAll(n => n.Path == path);
        _newest.Insert(0, (path, at));
        if (_newest.Count > NewestMax)
            _newest.RemoveAt(NewestMax);
    }
}
