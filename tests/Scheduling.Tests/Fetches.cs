using Weir.Detection;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling.Tests;

/// <summary>Crawler fetches for tests.</summary>
internal static class Fetches
{
    public static CrawlerFetch Of(string crawler = "gptbot", string path = "/pricing", ulong hitId = 1, DateTimeOffset? at = null,
        DateTimeOffset? insertedAt = null, Identity identity = Identity.Verified, string method = "GET", int status = 200, SiteId? site = null) =>
        new(insertedAt ?? at ?? Store.Start, at ?? Store.Start, site ?? Store.Demo, hitId, method, "demo.test", path, status, crawler, identity);
}

/// <summary>A log whose rows become visible when the test says so, as a slow insert does.</summary>
internal sealed class FetchList(TimeProvider time) : IFetchLog
{
    private readonly Lock _lock = new();
    private readonly List<(CrawlerFetch Fetch, DateTimeOffset VisibleAt)> _rows = [];

    private readonly Dictionary<FetchKey, FetchContent> _contents = [];

    public int PageReads { get; private set; }

    /// <summary>What fetches showed that <see cref="Read"/> was not told of; null for nothing known.</summary>
    public FetchContent? Content { get; set; } = FetchContent.Changed;

    public Exception? Failure { get; set; }

    public void Add(CrawlerFetch fetch, DateTimeOffset? visibleAt = null)
    {
        lock (_lock)
            _rows.Add((fetch, visibleAt ?? DateTimeOffset.MinValue));
    }

    public Task<DateTimeOffset> NowAsync(CancellationToken stop) => Failure is null ? Task.FromResult(time.GetUtcNow()) : throw Failure;

    public Task<IReadOnlyList<CrawlerFetch>> ReadAsync(
        FetchPlace after, IReadOnlyCollection<string> sites, int limit, CancellationToken stop)
    {
        if (Failure is not null)
            throw Failure;
        lock (_lock)
        {
            PageReads++;
            return Task.FromResult<IReadOnlyList<CrawlerFetch>>(
            [
                .. _rows.Where(r => r.VisibleAt <= time.GetUtcNow() && sites.Contains(r.Fetch.Site.Value)).Select(r => r.Fetch)
                    .OrderBy(Key).Where(f => Key(f).CompareTo((after.InsertedAt, after.Site, after.HitId, after.Time)) > 0).Take(limit),
            ]);
        }
    }

    /// <summary>What a fetch showed becomes known.</summary>
    public void Read(in CrawlerFetch fetch, FetchContent content)
    {
        lock (_lock)
            _contents[FetchKey.Of(fetch)] = content;
    }

    public Task<IReadOnlyDictionary<FetchKey, FetchContent>> ContentsAsync(IReadOnlyList<CrawlerFetch> fetches, CancellationToken stop)
    {
        lock (_lock)
        {
            var known = new Dictionary<FetchKey, FetchContent>();
            foreach (var key in fetches.Select(f => FetchKey.Of(f)))
            {
                if ((_contents.TryGetValue(key, out var told) ? told : Content) is { } content)
                    known[key] = content;
            }
            return Task.FromResult<IReadOnlyDictionary<FetchKey, FetchContent>>(known);
        }
    }

    private static (DateTimeOffset, string, ulong, DateTimeOffset) Key(CrawlerFetch f) => (f.InsertedAt, f.Site.Value, f.HitId, f.Time);
}
