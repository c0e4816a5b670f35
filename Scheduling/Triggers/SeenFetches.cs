namespace Weir.Scheduling.Triggers;

/// <summary>The fetches of the overlap that were already judged, so that reading them again costs nothing.</summary>
internal sealed class SeenFetches
{
    private readonly HashSet<FetchKey> _keys = [];
    private readonly PriorityQueue<FetchKey, DateTimeOffset> _byAge = new();

    public int Count => _keys.Count;

    public bool Contains(in CrawlerFetch fetch) => _keys.Contains(FetchKey.Of(fetch));

    /// <summary>Notes a fetch; false when it was noted before.</summary>
    public bool Add(in CrawlerFetch fetch)
    {
        var key = FetchKey.Of(fetch);
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
}
