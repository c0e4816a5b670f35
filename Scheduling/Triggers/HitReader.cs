using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>Follows the stored crawler fetches and records those that are triggers. One poll at a time.</summary>
/// <remarks>
/// The position is the newest insertion time whose fetches were judged; it is kept in the same transaction as their triggers. Reading starts
/// again some way before it, because an insert becomes visible some time after the moment it is stamped with: a few seconds at each
/// poll, and the whole <see cref="SchedulingSettings.Overlap"/> at the first and then every ten seconds. What was judged already is known from memory, and after a restart or beside a second scheduler from the triggers'
/// unique key: so no fetch is missed and none counts twice. The very first poll starts at the present.
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
        var found = new List<NewTrigger>();
        var fresh = new List<CrawlerFetch>();
        foreach (var fetch in page)
        {
            if (_seen.Contains(fetch))
                continue;
            fresh.Add(fetch);
            metrics.Judged(Judge(fetch, index, found), 1);
        }
        if (fresh.Count == 0)
            return 0;
        var newest = page[^1].InsertedAt;
        int recorded = await triggers.RecordAsync(found, Name, newest, stop);
        // Only what is kept counts as seen: a write that failed is judged again.
        foreach (var fetch in fresh)
            _seen.Add(fetch);
        if (newest > _position)
            _position = newest;
        metrics.Recorded(recorded);
        metrics.ReadUpTo(newest);
        return recorded;
    }

    private TriggerRefusal Judge(in CrawlerFetch fetch, TargetIndex index, List<NewTrigger> found)
    {
        var refusal = rules.Judge(fetch, out double identityWeight);
        if (refusal != TriggerRefusal.None)
            return refusal;
        var feeds = engines.FeedsOf(fetch.Crawler);
        if (feeds.Count == 0)
            return TriggerRefusal.NoEngine;
        int before = found.Count;
        foreach (var feed in feeds)
        {
            var matches = index.Find(fetch.Site, fetch.Path, feed.Engine);
            if (matches.Count > 0)
                found.Add(new NewTrigger(fetch, index.TenantOf(fetch.Site)!, feed.Engine, feed.Weight * identityWeight, feed.Delay, matches));
        }
        return found.Count > before ? TriggerRefusal.None : TriggerRefusal.NoTarget;
    }
}
