using System.Collections.Concurrent;

namespace Weir.Scheduling.Results;

/// <summary>Keeps answers that take long to make: asked again they are given at once, as old as they are, and made anew beside that. Safe from any thread.</summary>
/// <remarks>What is made within <see cref="Slow"/> is made for each who asks: a small store shows a change at once.</remarks>
internal sealed class KeptAnswers<TKey, TAnswer>(TimeProvider time)
    where TKey : notnull
{
    // The work of making answers anew is at most a twentieth of the time for which somebody looks at them.
    private const int LifePerCost = 20;
    private const int EntriesMax = 500;

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(100);

    // Who was away for longer waits, rather than look at figures of an hour ago.
    private static readonly TimeSpan OldestMax = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<TKey, Kept> _kept = new();
    private readonly ConcurrentDictionary<TKey, Lazy<Task<Kept>>> _making = new();

    /// <summary>The answer to a question, and when it was made.</summary>
    /// <param name="key">All that it depends on.</param>
    /// <param name="isFresh">Whether the asker wants none that is kept.</param>
    /// <param name="make">Makes it; runs on when the asker leaves.</param>
    /// <param name="stop">Ends the asker's wait.</param>
    public async Task<(TAnswer Answer, DateTimeOffset Made)> GetAsync(TKey key, bool isFresh, Func<Task<TAnswer>> make, CancellationToken stop)
    {
        if (!isFresh && _kept.TryGetValue(key, out var kept) && time.GetUtcNow() - kept.Made is var age && age < OldestMax)
        {
            if (age > kept.Cost * LifePerCost)
                _ = MakeAsync(key, make);
            return (kept.Answer, kept.Made);
        }
        var made = await MakeAsync(key, make).WaitAsync(stop);
        return (made.Answer, made.Made);
    }

    // One for all who ask at a time.
    private Task<Kept> MakeAsync(TKey key, Func<Task<TAnswer>> make)
    {
        var mine = new Lazy<Task<Kept>>(() => Task.Run(async () =>
        {
            try
            {
                var (begin, now) = (time.GetTimestamp(), time.GetUtcNow());
                var made = new Kept(await make(), now, time.GetElapsedTime(begin));
                Keep(key, made);
                return made;
            }
            finally
            {
                _making.TryRemove(key, out _);
            }
        }));
        var task = _making.GetOrAdd(key, mine).Value;
        // Nobody may be left to hear of a failure; who asks next meets it.
        _ = task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return task;
    }

    private void Keep(TKey key, Kept made)
    {
        if (made.Cost < Slow)
        {
            _kept.TryRemove(key, out _);
            return;
        }
        _kept[key] = made;
        foreach (var (old, _) in _kept.Count > EntriesMax ? _kept.OrderBy(k => k.Value.Made).Take(_kept.Count - EntriesMax).ToList() : [])
            _kept.TryRemove(old, out _);
    }

    private sealed record Kept(TAnswer Answer, DateTimeOffset Made, TimeSpan Cost);
}
