using Weir.Analytics.Api.Hosting;

namespace Weir.Analytics.Api.Reports;

/// <summary>One finding that many ask for: looked for once for all who ask at a time, and kept for some seconds. Safe from any thread.</summary>
/// <param name="life">How long it counts; zero looks anew each time.</param>
/// <param name="time">Clock.</param>
/// <param name="find">Looks; not ended by whoever asked first.</param>
internal sealed class ShortLived<T>(TimeSpan life, TimeProvider time, Func<Task<T>> find)
{
    private volatile Kept? _kept;

    /// <summary>The finding, at most its life old.</summary>
    /// <param name="stop">Ends this asker's wait.</param>
    public Task<T> ReadAsync(CancellationToken stop)
    {
        if (life <= TimeSpan.Zero)
            return find().WaitAsync(stop);
        var kept = _kept;
        while (kept is null || kept.IsOver(life, time))
        {
            var mine = new Kept(time.GetTimestamp(), new Lazy<Task<T>>(find));
            var now = Interlocked.CompareExchange(ref _kept, mine, kept);
            kept = now == kept ? mine : now;
        }
        if (kept.Finding.IsValueCreated && !kept.Finding.Value.IsCompleted)
            AnswerMaking.Current?.Waits();
        return kept.Finding.Value.WaitAsync(stop);
    }

    private sealed record Kept(long Since, Lazy<Task<T>> Finding)
    {
        public bool IsOver(TimeSpan life, TimeProvider time) =>
            (Finding.IsValueCreated && Finding.Value.IsFaulted) || time.GetElapsedTime(Since) >= life;
    }
}
