namespace Weir.Detection.Identification;

/// <summary>
/// Keeps the range lists of a detector fresh: fetches each from its publisher now and then, refuses what is too odd to be true, keeps what
/// is good on disk and puts it in force. The last good version stays in force whatever happens.
/// </summary>
public sealed class RangeListRefresher : IDisposable
{
    // Publishers' clocks may be ahead of ours, not by days.
    private static readonly TimeSpan FutureMax = TimeSpan.FromDays(2);

    // The first fetches after a start are spread over this, so that a fleet that starts at once does not ask at once.
    private static readonly TimeSpan FirstWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private readonly Detector _detector;
    private readonly RangeListStore _store;
    private readonly RangeRefreshOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<RangeRefreshReport> _tell;
    private readonly RangeRefreshMetrics _metrics;
    private readonly RangeListFetch _fetch;
    private readonly Random _random;
    private readonly Lock _swapping = new();
    private readonly Dictionary<string, DateTimeOffset> _dueAt = new(StringComparer.Ordinal);

    /// <summary>Makes a refresher; nothing is fetched yet.</summary>
    /// <param name="detector">Whose lists are kept fresh.</param>
    /// <param name="store">Keeps versions.</param>
    /// <param name="options">When and how much.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tell">Told what came of each fetch; from several threads.</param>
    /// <param name="random">Spreads fetches over time.</param>
    public RangeListRefresher(
        Detector detector, RangeListStore store, RangeRefreshOptions options, TimeProvider time, Action<RangeRefreshReport> tell, Random random)
    {
        ArgumentNullException.ThrowIfNull(detector);
        (_detector, _store, _options, _time, _tell, _random) = (detector, store, options, time, tell, random);
        _metrics = new RangeRefreshMetrics(detector, time);
        _fetch = new RangeListFetch(options, Lists().Select(l => new Uri(l.Source.Url!).Host), time);
    }

    /// <summary>Fetches every list when it is due, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var start = _time.GetUtcNow();
        foreach (var list in Lists())
            _dueAt[list.Source.File] = Later(start + (FirstWithin * _random.NextDouble()), Due(_store.ReadState(list.Source.File)), start);
        using var timer = new PeriodicTimer(Tick, _time);
        try
        {
            do
            {
                var now = _time.GetUtcNow();
                await RefreshAsync([.. Lists().Where(l => IsDue(l.Source.File, now))], stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    /// <summary>Fetches every list now.</summary>
    /// <returns>What came of each.</returns>
    public Task<IReadOnlyList<RangeRefreshReport>> RefreshAsync(CancellationToken stop) => RefreshAsync(Lists(), stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        _fetch.Dispose();
        _metrics.Dispose();
    }

    private List<RangeList> Lists() => [.. _detector.Catalog.RangeLists.Where(l => l.Source.Url is not null)];

    private async Task<IReadOnlyList<RangeRefreshReport>> RefreshAsync(List<RangeList> lists, CancellationToken stop)
    {
        List<RangeRefreshReport> reports = [];
        await Parallel.ForEachAsync(lists, new ParallelOptions { MaxDegreeOfParallelism = _options.ConcurrencyMax, CancellationToken = stop },
            async (list, stopOne) =>
            {
                var report = await RefreshAsync(list, stopOne);
                lock (reports)
                    reports.Add(report);
                _metrics.Fetched(report);
                _tell(report);
            });
        return [.. reports.OrderBy(r => r.File, StringComparer.Ordinal)];
    }

    private async Task<RangeRefreshReport> RefreshAsync(RangeList list, CancellationToken stop)
    {
        string file = list.Source.File;
        var url = new Uri(list.Source.Url!);
        var state = _store.ReadState(file);
        if (state.Url != list.Source.Url)
            state = state with { ETag = null, LastModified = null }; // another publisher's names mean nothing to this one
        var fetched = await _fetch.GetAsync(url, state.ETag, state.LastModified, stop);
        var now = _time.GetUtcNow();
        var next = state with { Url = list.Source.Url, TriedAt = now, Why = null };
        RefusalReason? refusal = null;
        try
        {
            next = Take(list, next, fetched, now);
        }
        catch (RangeListException e)
        {
            refusal = e.Reason;
            next = next with { State = RangeFetchState.Refused, Why = e.Message, Failures = state.Failures + 1 };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            next = next with { State = RangeFetchState.Failed, Why = $"it cannot be kept: {e.Message}", Failures = state.Failures + 1 };
        }
        next = Keep(file, next);
        lock (_dueAt)
            _dueAt[file] = Due(next);
        return new RangeRefreshReport(file, url, next.State, refusal, next.Why, InForce(file));
    }

    // Nothing is put in force before it is on disk, so that a restart never falls behind what was judged by.
    private RangeListState Take(RangeList list, RangeListState state, FetchedList fetched, DateTimeOffset now)
    {
        if (fetched.Why is { } why || (fetched.Content is null && !fetched.IsUnchanged))
            return state with { State = RangeFetchState.Failed, Why = fetched.Why ?? "the server says that nothing changed since nothing", Failures = state.Failures + 1 };
        var good = state with { State = RangeFetchState.Unchanged, GoodAt = now, Failures = 0 };
        if (fetched.Content is not { } content)
        {
            Swap(list.StillGoodAt(now));
            return good;
        }
        good = good with { ETag = fetched.ETag, LastModified = fetched.LastModified };
        var read = RangeList.Read(list.Source with { RetrievedAt = now }, content, list);
        if (read.ContentHash == list.ContentHash || read.Label == list.Label)
        {
            Swap(list.StillGoodAt(now));
            return good;
        }
        ThrowIfOutOfTime(list, read, now);
        good = good with { State = RangeFetchState.Updated, Copies = _store.Add(list.Source.File, state.Copies, content, now) };
        Swap(read.After(Bounded(list, _options.VersionsMax - 1)));
        return good;
    }

    private static void ThrowIfOutOfTime(RangeList list, RangeList read, DateTimeOffset now)
    {
        if (read.PublishedAt - now > FutureMax)
        {
            throw new RangeListException(RefusalReason.FromTheFuture, list.Source.File, "", $"the list says that it was made on {read.PublishedAt:yyyy-MM-dd}.",
                "Check this machine's clock, then the publisher's page.");
        }
        if (read.PublishedAt < list.PublishedAt)
        {
            throw new RangeListException(RefusalReason.Older, list.Source.File, "",
                $"the list is of {read.PublishedAt:yyyy-MM-dd}, older than the one in use (version {list.Version}).", "A cache on the way may be stale; it is tried again.");
        }
    }

    private static RangeList Bounded(RangeList list, int versions) =>
        list.Earlier is { } earlier ? list.After(versions <= 1 ? null : Bounded(earlier, versions - 1)) : list;

    private RangeListState Keep(string file, RangeListState state)
    {
        try
        {
            _store.WriteState(file, state);
            return state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return state with { State = RangeFetchState.Failed, Why = $"its state cannot be kept: {e.Message}" };
        }
    }

    private void Swap(RangeList list)
    {
        lock (_swapping)
            _detector.Swap(_detector.Catalog.With(list));
    }

    private RangeList InForce(string file) => _detector.Catalog.RangeLists.First(l => l.Source.File == file);

    private bool IsDue(string file, DateTimeOffset now)
    {
        lock (_dueAt)
        {
            // A due time far ahead is a clock's that was set back.
            return !_dueAt.TryGetValue(file, out var due) || due <= now || due - now > _options.Interval * 2;
        }
    }

    private DateTimeOffset Due(RangeListState state)
    {
        var wait = _options.Interval;
        if (state.Failures > 0 && _options.RetryAfter * Math.Pow(2, Math.Min(state.Failures - 1, 10)) is var retry && retry < wait)
            wait = retry;
        double jitter;
        lock (_random)
            jitter = 0.9 + (0.2 * _random.NextDouble());
        return state.TriedAt is { } tried ? tried + (wait * jitter) : DateTimeOffset.MinValue;
    }

    private DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other, DateTimeOffset now) =>
        other > one && other - now <= _options.Interval * 2 ? other : one;
}
