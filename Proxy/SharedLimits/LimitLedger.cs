using Weir.Proxy.Policies;

namespace Weir.Proxy.SharedLimits;

/// <summary>What this edge let pass in the windows that are not over. For one thread.</summary>
/// <remarks>Totals, not changes, are what is sent: a batch sent twice counts once, and a store that lost everything has it all again
/// with the next batch.</remarks>
internal sealed class LimitLedger(int countsMax)
{
    private readonly Dictionary<LimitKey, LimitCount> _counts = [];
    private readonly Queue<LimitCount> _unsent = new();

    // Every count in turn, to be looked at again; those forgotten leave when it is their turn.
    private readonly Queue<LimitCount> _inTurn = new();
    private int _batch;

    /// <summary>Counts that are kept.</summary>
    public int Size => _counts.Count;

    /// <summary>Adds a request; false when there is no room for another count.</summary>
    public bool TryAdd(in LimitTake take)
    {
        if (!_counts.TryGetValue(take.Key, out var count))
        {
            if (_counts.Count >= countsMax)
                return false;
            _counts.Add(take.Key, count = new LimitCount(take.Key));
            _inTurn.Enqueue(count);
        }
        if (count.Add(take))
            MarkUnsent(count);
        return true;
    }

    /// <summary>Whether counts wait to be sent.</summary>
    public bool HasUnsent => _unsent.Count > 0;

    /// <summary>Takes counts that wait to be sent, and where there is room left others in turn, to learn what other edges did.</summary>
    public void TakeBatch(List<LimitCount> to, int max)
    {
        _batch++;
        while (to.Count < max && _unsent.TryDequeue(out var count))
        {
            count.IsUnsent = false;
            count.Batch = _batch;
            to.Add(count);
        }
        for (int turns = _inTurn.Count; turns > 0 && to.Count < max; turns--)
        {
            var count = _inTurn.Dequeue();
            if (count.IsForgotten)
                continue;
            _inTurn.Enqueue(count);
            if (count.Batch == _batch)
                continue;
            count.Batch = _batch;
            to.Add(count);
        }
    }

    /// <summary>Notes that the store does not know counts after all.</summary>
    public void PutBack(List<LimitCount> counts) => counts.ForEach(MarkUnsent);

    /// <summary>Forgets counts whose windows are over.</summary>
    /// <param name="now">Seconds since 1970-01-01 UTC.</param>
    public void Forget(long now)
    {
        foreach (var (key, count) in _counts)
        {
            if (count.Start + (2L * count.Seconds) >= now)
                continue;
            count.IsForgotten = true;
            _counts.Remove(key);
        }
    }

    private void MarkUnsent(LimitCount count)
    {
        if (count.IsUnsent)
            return;
        count.IsUnsent = true;
        _unsent.Enqueue(count);
    }
}

/// <summary>What this edge let pass of one limit.</summary>
/// <param name="key">Whose count.</param>
internal sealed class LimitCount(LimitKey key)
{
    public LimitKey Key { get; } = key;

    /// <summary>Begin of the window, seconds since 1970-01-01 UTC.</summary>
    public uint Start { get; private set; }

    /// <summary>Its length.</summary>
    public uint Seconds { get; private set; }

    /// <summary>Let pass in it.</summary>
    public int Own { get; private set; }

    /// <summary>Let pass in the window before.</summary>
    public int OwnBefore { get; private set; }

    /// <summary>Whether it waits to be sent.</summary>
    public bool IsUnsent { get; set; }

    /// <summary>Whether its windows are over.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>The batch that it was in last.</summary>
    public int Batch { get; set; }

    /// <summary>Adds a request; false when its window is over and forgotten.</summary>
    public bool Add(in LimitTake take)
    {
        if (take.Seconds == Seconds && take.Start + Seconds == Start)
            OwnBefore++;
        else if (take.Start == Start && take.Seconds == Seconds)
            Own++;
        else if (take.Start < Start)
            return false;
        else
            (Start, Seconds, Own, OwnBefore) = (take.Start, take.Seconds, 1, take.Seconds == Seconds && Start + Seconds == take.Start ? Own : 0);
        return true;
    }
}
