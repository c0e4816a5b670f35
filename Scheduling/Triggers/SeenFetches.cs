namespace Weir.Scheduling.Triggers;

/// <summary>The fetches of the overlap that were already judged, so that reading them again costs nothing.</summary>
internal sealed class SeenFetches
{
    private readonly HashSet<(ulong HitId, long TimeMs, string Site)> _keys = [];
    private readonly PriorityQueue<(ulong HitId, long TimeMs, string Site), DateTimeOffset> _byAge = new();

    public int Count => _keys.Count;

    public bool Contains(in CrawlerFetch fetch) => _keys.Contains(KeyOf(fetch));

    /// <summary>Notes a fetch; false when it was noted before.</summary>
    public bool Add(in CrawlerFetch fetch)
    {
        var key = KeyOf(fetch);
        if (!_keys.Add(key))
            return false;
        _byAge.Enqueue(key, fetch.InsertedAt);
        return true;
    }

    /// <summary>Forgets what was inserted before a moment: it will not be read again.</summary>
    public void ForgetBefore(DateTimeOffset moment)
    {
        while (_byAge.TryPeek(out var key, out var insertedAt) && insertedAt < moment)
        {
            _byAge.Dequeue();
            _keys.Remove(key);
        }
    }

    private static (ulong HitId, long TimeMs, string Site) KeyOf(in CrawlerFetch fetch) =>
        (fetch.HitId, fetch.Time.ToUnixTimeMilliseconds(), fetch.Site.Value);
}
