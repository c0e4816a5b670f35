using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;

namespace Weir.Proxy.Caching;

/// <summary>Kept answers of all sites, within one bound of bytes; the least recently used give way. Safe from any thread; reading takes no lock.</summary>
internal sealed class CacheStore : IDisposable
{
    // Variants of one address: languages, encodings. A page with more is one for each visitor.
    private const int VariantsMax = 16;

    // An answer past its time is worth keeping while the origin may say that it is still good.
    private static readonly TimeSpan KeptForValidation = TimeSpan.FromDays(1);

    private static readonly TimeSpan KeptMax = TimeSpan.FromDays(30);

    // How much is freed at once when the bound is met: one sweep then serves thousands of new answers.
    private const double FreedShare = 0.1;

    private readonly MemoryCache _cache;
    private readonly long _bytesMax;
    private readonly Lock _writing = new();
    private readonly long[] _removals = new long[4096];
    private readonly PostEvictionCallbackRegistration _onEviction;
    private long _evicted;
    private long _refused;
    private long _filling;

    /// <summary>Makes an empty store.</summary>
    public CacheStore(EdgeOptions options)
    {
        _bytesMax = options.Limits.CacheBytesMax;
        _cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = _bytesMax, CompactionPercentage = FreedShare, TrackStatistics = true });
        _onEviction = new PostEvictionCallbackRegistration
        {
            EvictionCallback = (_, _, reason, _) =>
            {
                if (reason == EvictionReason.Capacity)
                    Interlocked.Increment(ref _evicted);
            },
        };
    }

    /// <summary>Largest body that any site may keep here: more, and one answer would push out too many.</summary>
    public long BodyBytesMax => _bytesMax / 32;

    /// <summary>Answers that gave way.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    /// <summary>Answers that found no room; it was made for the next.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Addresses with a kept answer, and the bytes that all take.</summary>
    public (long Entries, long Bytes) Content => _cache.GetCurrentStatistics() is { } s ? (s.CurrentEntryCount, s.CurrentEstimatedSize ?? 0) : default;

    /// <summary>The kept answer for a request; null when there is none.</summary>
    public StoredAnswer? Find(string key, IHeaderDictionary request, string partition)
    {
        if (!_cache.TryGetValue(key, out StoredAnswer[]? variants))
            return null;
        foreach (var variant in variants!)
        {
            if (variant.Matches(request, partition))
                return variant;
        }
        return null;
    }

    /// <summary>What tells the variants of an address apart, as far as is known: requests with equal ones get equal answers.</summary>
    public string VariantOf(string key, IHeaderDictionary request)
    {
        if (!_cache.TryGetValue(key, out StoredAnswer[]? variants) || variants![0].VaryNames.Length == 0)
            return "";
        return string.Join('\n', variants[0].VaryNames.Select(name => Vary.ComparableOf(name, request)));
    }

    /// <summary>Counts how often answers of this address were removed; a fetch notes it when it begins.</summary>
    public long RemovalsOf(string key) => Volatile.Read(ref _removals[SlotOf(key)]);

    /// <summary>Keeps an answer.</summary>
    /// <param name="key">Its address.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="removals">What <see cref="RemovalsOf"/> said when its fetch began: what was fetched before a change is not kept behind it.</param>
    /// <param name="staleFor">For how long past its time it may be given.</param>
    public void Put(string key, StoredAnswer answer, long removals, TimeSpan staleFor)
    {
        lock (_writing)
        {
            if (RemovalsOf(key) != removals)
                return;
            StoredAnswer[] others = _cache.TryGetValue(key, out StoredAnswer[]? known) ? known! : [];
            // An answer replaces those that the same request would find.
            StoredAnswer[] variants = [answer, .. others.Where(o => !IsSameVariant(o, answer)).Take(VariantsMax - 1)];
            while (variants.Length > 1 && variants.Sum(v => v.Size) > _bytesMax / 16)
                variants = variants[..^1];
            var kept = TimeSpan.FromMilliseconds(answer.LifetimeMs) + staleFor + (answer.HasValidator ? KeptForValidation : TimeSpan.Zero);
            using (var entry = _cache.CreateEntry(key))
            {
                entry.Value = variants;
                entry.Size = variants.Sum(v => v.Size) + (2L * key.Length);
                entry.AbsoluteExpirationRelativeToNow = kept < KeptMax ? kept + TimeSpan.FromSeconds(1) : KeptMax;
                entry.PostEvictionCallbacks.Add(_onEviction);
            }
            if (!_cache.TryGetValue(key, out StoredAnswer[]? now) || !ReferenceEquals(now, variants))
                Interlocked.Increment(ref _refused);
        }
    }

    /// <summary>Forgets every variant of an address.</summary>
    public void Remove(string key)
    {
        lock (_writing)
        {
            // Full fence and no reuse: pairs with the check in Put, which holds the lock.
            Interlocked.Increment(ref _removals[SlotOf(key)]);
            _cache.Remove(key);
        }
    }

    /// <summary>Takes room for bytes of answers that are still arriving: a quarter of the store at most, so that slow origins cannot fill memory.</summary>
    public bool TryTakeRoom(long bytes)
    {
        if (Interlocked.Add(ref _filling, bytes) <= _bytesMax / 4)
            return true;
        Interlocked.Add(ref _filling, -bytes);
        return false;
    }

    /// <summary>Gives that room back.</summary>
    public void GiveBackRoom(long bytes) => Interlocked.Add(ref _filling, -bytes);

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private static bool IsSameVariant(StoredAnswer one, StoredAnswer other) => one.Partition == other.Partition
        && one.VaryNames.SequenceEqual(other.VaryNames) && one.VaryValues.SequenceEqual(other.VaryValues);

    // Two addresses may share a slot: then a change of one keeps a fetch of the other from being kept once.
    private static int SlotOf(string key) => (key.GetHashCode(StringComparison.Ordinal) & int.MaxValue) % 4096;
}
