using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>Follows the stored crawler fetches and records those that are triggers. One poll at a time.</summary>
/// <remarks>
/// The position is the newest insertion time whose fetches were judged; it is kept in the same transaction as their triggers. Reading starts
/// again some way before it, because an insert becomes visible some time after the moment it is stamped with: a few seconds at each
/// poll, and the whole <see cref="SchedulingSettings.Overlap"/> at the first and then every ten seconds. What was judged already is known from memory, and after a restart or beside a second scheduler from the triggers'
/// unique key: so no fetch is missed and none counts twice. The very first poll starts at the present.
/// A fetch of a page waits a bounded time for what its text showed; the position stays before it meanwhile.
/// </remarks>
public sealed class HitReader(
    IFetchLog log, ITargets targets, ITriggers triggers, TriggerRules rules, EngineCatalog engines, SchedulingSettings settings,
    SchedulingMetrics metrics, TimeProvider time)
{
    private const string Name = "crawler_fetches";

    // Some 200 bytes a row: a page is about a megabyte, and its triggers are one short write.
    private const int PageSize = 5000;

    // Nearly every insert is visible well within this; what is not waits for the next reading of the whole overlap.
    private static readonly TimeSpan UsualLateness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WholeEvery = TimeSpan.FromSeconds(10);

    private readonly SeenFetches _seen = new();
    private readonly Dictionary<FetchKey, (DateTimeOffset Since, DateTimeOffset InsertedAt)> _waiting = [];
    private DateTimeOffset? _position;
    private DateTimeOffset _wholeAt = DateTimeOffset.MinValue;

    /// <summary>Judges what is new.</summary>
    /// <returns>How many triggers were recorded.</returns>
    public async Task<int> PollAsync(CancellationToken stop)
    {
        var position = _position ?? await triggers.PositionAsync(Name, stop) ?? await StartAsync(stop);
        _position = position;
        var index = await targets.IndexAsync(stop);
        string[] sites = [.. index.Sites];
        if (sites.Length == 0)
        {
            // Nothing can match: keep up with the present, so that targets made later meet no fetches older than the overlap.
            _position = await StartAsync(stop);
            return 0;
        }
        var now = time.GetUtcNow();
        bool isWhole = now - _wholeAt >= WholeEvery;
        var overlap = isWhole || settings.Overlap < UsualLateness ? settings.Overlap : UsualLateness;
        var place = new FetchPlace(position - overlap);
        int recorded = 0;
        while (true)
        {
            var page = await log.ReadAsync(place, sites, PageSize, stop);
            recorded += await JudgeAsync(page, index, stop);
            if (page.Count < PageSize)
                break;
            place = FetchPlace.After(page[^1]);
        }
        if (isWhole)
            _wholeAt = now;
        ForgetWaiting(now);
        _seen.ForgetBefore(_position.Value - settings.Overlap);
        return recorded;
    }

    private async Task<DateTimeOffset> StartAsync(CancellationToken stop)
    {
        var now = await log.NowAsync(stop);
        await triggers.RecordAsync([], Name, now, stop);
        return now;
    }

    private async Task<int> JudgeAsync(IReadOnlyList<CrawlerFetch> page, TargetIndex index, CancellationToken stop)
    {
        var settled = new List<(CrawlerFetch Fetch, TriggerRefusal Refusal)>();
        var candidates = new List<Candidate>();
        foreach (var fetch in page)
        {
            if (_seen.Contains(fetch))
                continue;
            var refusal = Judge(fetch, index, out var candidate);
            if (candidate is null)
                settled.Add((fetch, refusal));
            else
                candidates.Add(candidate);
        }
        var found = await ClassifyAsync(candidates, settled, stop);
        if (settled.Count == 0)
            return 0;
        var position = PositionAfter(page[^1].InsertedAt);
        int recorded = await triggers.RecordAsync(found, Name, position, stop);
        // Only what is kept counts as seen: a write that failed is judged again.
        foreach (var (fetch, refusal) in settled)
        {
            _seen.Add(fetch);
            _waiting.Remove(FetchKey.Of(fetch));
            metrics.Judged(refusal, 1);
        }
        if (position > _position)
            _position = position;
        metrics.Recorded(recorded);
        metrics.ReadUpTo(page[^1].InsertedAt);
        return recorded;
    }

    /// <summary>Makes triggers of fetches whose content is known or has been waited for; the others stay for the next poll.</summary>
    private async Task<List<NewTrigger>> ClassifyAsync(
        List<Candidate> candidates, List<(CrawlerFetch Fetch, TriggerRefusal Refusal)> settled, CancellationToken stop)
    {
        var unread = candidates.Where(c => TriggerRules.NeedsContent(c.Fetch, c.Purpose)).Select(c => c.Fetch).ToList();
        var contents = unread.Count == 0 ? null : await log.ContentsAsync(unread, stop);
        var now = time.GetUtcNow();
        var found = new List<NewTrigger>();
        foreach (var candidate in candidates)
        {
            var key = FetchKey.Of(candidate.Fetch);
            var content = candidate.Fetch.Status == 304 ? FetchContent.NotModified : FetchContent.Unknown;
            bool isKnown = !TriggerRules.NeedsContent(candidate.Fetch, candidate.Purpose) || contents!.TryGetValue(key, out content);
            if (!isKnown && IsToWait(key, candidate.Fetch, now))
                continue;
            settled.Add((candidate.Fetch, TriggerRefusal.None));
            var of = TriggerRules.ClassOf(content, candidate.Purpose);
            double weight = candidate.Weight * (TriggerRules.NeedsContent(candidate.Fetch, candidate.Purpose) ? rules.WeightOf(content) : 1);
            found.AddRange(candidate.Engines.Select(e => new NewTrigger(
                candidate.Fetch, of, content, candidate.Tenant, e.Feed.Engine, e.Feed.Weight * weight, e.Feed.Delay, e.Targets)));
        }
        return found;
    }

    // By this program's own clock: that of the store may be another.
    private bool IsToWait(FetchKey key, in CrawlerFetch fetch, DateTimeOffset now)
    {
        if (settings.ContentWait <= TimeSpan.Zero)
            return false;
        if (_waiting.TryGetValue(key, out var waiting))
            return now - waiting.Since < settings.ContentWait;
        _waiting[key] = (now, fetch.InsertedAt);
        return true;
    }

    /// <summary>Never beyond a fetch that still waits, so that a restart meets it again.</summary>
    private DateTimeOffset PositionAfter(DateTimeOffset newest)
    {
        foreach (var (_, insertedAt) in _waiting.Values)
        {
            if (insertedAt < newest)
                newest = insertedAt;
        }
        return newest;
    }

    /// <summary>Forgets fetches that are not met any more, such as those of a site that lost its targets: they would hold the position.</summary>
    private void ForgetWaiting(DateTimeOffset now)
    {
        foreach (var (key, waiting) in _waiting)
        {
            if (now - waiting.Since > settings.ContentWait + WholeEvery)
                _waiting.Remove(key);
        }
    }

    private TriggerRefusal Judge(in CrawlerFetch fetch, TargetIndex index, out Candidate? candidate)
    {
        candidate = null;
        var purpose = engines.PurposeOf(fetch.Crawler);
        var refusal = rules.Judge(fetch, purpose, out double identityWeight);
        if (refusal != TriggerRefusal.None)
            return refusal;
        var feeds = engines.FeedsOf(fetch.Crawler);
        if (feeds.Count == 0)
            return TriggerRefusal.NoEngine;
        List<(EngineFeed Feed, IReadOnlyList<TargetMatch> Targets)> matched = [];
        foreach (var feed in feeds)
        {
            var matches = index.Find(fetch.Site, fetch.Path, feed.Engine);
            if (matches.Count > 0)
                matched.Add((feed, matches));
        }
        if (matched.Count == 0)
            return TriggerRefusal.NoTarget;
        candidate = new Candidate(fetch, purpose, index.TenantOf(fetch.Site)!, identityWeight, matched);
        return TriggerRefusal.None;
    }

    /// <summary>A fetch that is a trigger of some class.</summary>
    private sealed record Candidate(
        CrawlerFetch Fetch, Purpose Purpose, string Tenant, double Weight, IReadOnlyList<(EngineFeed Feed, IReadOnlyList<TargetMatch> Targets)> Engines);
}
