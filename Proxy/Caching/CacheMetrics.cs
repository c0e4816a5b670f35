using System.Diagnostics.Metrics;
using Weir.Ingest;

namespace Weir.Proxy.Caching;

/// <summary>What the response cache counts, under the edge's meter.</summary>
internal sealed class CacheMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _saved;

    /// <summary>Makes the instruments.</summary>
    public CacheMetrics(IMeterFactory meters, CacheStore store)
    {
        _meter = meters.Create(EdgeMetrics.MeterName);
        _requests = _meter.CreateCounter<long>("weir.edge.cache.requests", "{request}", "Requests to sites that keep answers, by what the cache did.");
        _saved = _meter.CreateCounter<long>("weir.edge.cache.origin_saved", "{request}", "Requests that the origin was not asked for.");
        _meter.CreateObservableGauge("weir.edge.cache.entries", () => store.Content.Entries, "{address}", "Addresses with a kept answer.");
        _meter.CreateObservableGauge("weir.edge.cache.bytes", () => store.Content.Bytes, "By", "What kept answers take.");
        _meter.CreateObservableCounter("weir.edge.cache.evictions", () => store.Evicted, "{address}", "Addresses whose answers gave way to others.");
        _meter.CreateObservableCounter("weir.edge.cache.refusals", () => store.Refused, "{answer}", "Answers not kept because the room for them was still being made.");
    }

    /// <summary>A request was answered.</summary>
    /// <param name="result">What the cache did.</param>
    /// <param name="isSaved">Whether the origin was spared.</param>
    public void Answered(CacheResult result, bool isSaved)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("result", result switch
        {
            CacheResult.None => "none",
            CacheResult.Hit => "hit",
            CacheResult.Miss => "miss",
            CacheResult.Revalidated => "revalidated",
            CacheResult.Stale => "stale",
            CacheResult.Bypass => "bypass",
            _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
        }));
        if (isSaved)
            _saved.Add(1);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
