using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Weir.Analytics.Api.Hosting;

/// <summary>What several answers are made of.</summary>
internal interface IKeptRows
{
    /// <summary>Memory that it takes, roughly.</summary>
    int Bytes { get; }

    /// <summary>Hits that it counts.</summary>
    long Hits { get; }
}

/// <summary>Keeps rows that several reports of a view are made of, as long as an answer made of them alone would be kept, and reads them once for all who need
/// them at a time. Safe from any thread.</summary>
internal sealed class KeptRows(AnalyticsOptions options, TimeProvider time) : IDisposable
{
    // What an entry takes beside its rows.
    private const int EntryBytes = 1_000;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = options.ReportCacheBytes / 2 });
    private readonly ConcurrentDictionary<object, Task<Entry>> _reads = new();

    /// <summary>Rows by their key: kept, read now, or read now for another. Read each time outside an answer, which says how old it may be.</summary>
    /// <param name="key">All that they depend on; keys of different rows are of different types.</param>
    /// <param name="read">Reads them; not ended by whoever asked first.</param>
    /// <param name="stop">Ends this asker's wait.</param>
    public async Task<T> ReadAsync<T>(object key, Func<Task<T>> read, CancellationToken stop)
        where T : class, IKeptRows
    {
        if (AnswerMaking.Current is not { } answer)
            return await read().WaitAsync(stop);
        if (!answer.WantsFresh && _kept.TryGetValue(key, out Entry? kept))
            return Use(answer, kept!);
        var mine = new TaskCompletionSource<Entry>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _reads.GetOrAdd(key, mine.Task);
        if (flight == mine.Task)
            _ = FlyAsync(key, answer.Longest, read, mine);
        else
            answer.Waits();
        return Use(answer, await flight.WaitAsync(stop));

        static T Use(AnswerMaking answer, Entry entry)
        {
            answer.Uses(entry.Made, entry.Until);
            return (T)entry.Rows;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private async Task FlyAsync<T>(object key, TimeSpan longest, Func<Task<T>> read, TaskCompletionSource<Entry> done)
        where T : class, IKeptRows
    {
        try
        {
            long began = time.GetTimestamp();
            var rows = await read();
            var now = time.GetUtcNow();
            var life = ReportLife.Of(options, time.GetElapsedTime(began), rows.Hits, longest);
            var entry = new Entry(rows, now, now + life);
            if (life > TimeSpan.Zero)
                _ = _kept.Set(key, entry, new MemoryCacheEntryOptions { Size = rows.Bytes + EntryBytes, AbsoluteExpirationRelativeToNow = life });
            done.SetResult(entry);
        }
        catch (Exception e)
        {
            done.SetException(e);
            _ = done.Task.Exception; // whoever asked may have left
        }
        finally
        {
            _reads.TryRemove(key, out _);
        }
    }

    private sealed record Entry(IKeptRows Rows, DateTimeOffset Made, DateTimeOffset Until);
}

/// <summary>How long an answer lives, or the rows that answers are made of.</summary>
internal static class ReportLife
{
    /// <summary><see cref="AnalyticsOptions.ReportLifePerCost"/> times as long as it took; for what counts <see cref="AnalyticsOptions.SteadyHits"/> or more at least
    /// <see cref="AnalyticsOptions.SteadyLifeMax"/>; never longer than <paramref name="longest"/>.</summary>
    public static TimeSpan Of(AnalyticsOptions options, TimeSpan cost, long hits, TimeSpan longest)
    {
        var life = cost * options.ReportLifePerCost;
        life = life < options.ReportLifeMin ? options.ReportLifeMin : life;
        if (hits >= options.SteadyHits && life < options.SteadyLifeMax)
            life = options.SteadyLifeMax;
        return life > longest ? longest : life;
    }
}
