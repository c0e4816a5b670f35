using System.Collections.Concurrent;
using Weir.Detection;

namespace Weir.Ingest.Buffering;

/// <summary>Counts every lost hit by reason and site since the program started. Safe from any thread.</summary>
/// <remarks>Memory grows with the configured sites, which are few; a site that is not configured never gets as far as a hit.</remarks>
public sealed class LossCounters
{
    private readonly ConcurrentDictionary<LossKey, Counter> _counts = new();
    private long _total;

    /// <summary>All losses of this program so far.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Counts losses. Allocates only for a reason and site never seen before.</summary>
    /// <returns>Always false, so that a caller can <c>return losses.Count(…)</c> from a Try method.</returns>
    public bool Count(LossReason reason, SiteId site, long count = 1)
    {
        if (!_counts.TryGetValue(new LossKey(reason, site), out var counter))
            counter = _counts.GetOrAdd(new LossKey(reason, site), static _ => new Counter());
        Interlocked.Add(ref counter.Value, count);
        Interlocked.Add(ref _total, count);
        return false;
    }

    /// <summary>Every count so far, in no order.</summary>
    public IEnumerable<Loss> All()
    {
        foreach (var (key, counter) in _counts)
            yield return new Loss(key.Reason, key.Site, Interlocked.Read(ref counter.Value));
    }

    private readonly record struct LossKey(LossReason Reason, SiteId Site);

    private sealed class Counter
    {
        public long Value;
    }
}

/// <summary>How many hits of one site were lost for one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Site">Whose; <c>default</c> when not known.</param>
/// <param name="Count">How many.</param>
public readonly record struct Loss(LossReason Reason, SiteId Site, long Count);
