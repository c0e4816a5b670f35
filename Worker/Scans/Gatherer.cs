namespace Weir.Worker.Scans;

/// <summary>Tells the API of many scans in one call: what comes within a moment goes together. Safe from any thread.</summary>
/// <param name="tell">Makes the call, for at most <see cref="Max"/>; an answer for each, in their order.</param>
/// <param name="time">Clock of the moment.</param>
internal sealed class Gatherer<T>(Func<IReadOnlyList<T>, Task<IReadOnlyList<TellOutcome>>> tell, TimeProvider time)
{
    /// <summary>Most scans of one call, as the API takes them.</summary>
    public const int Max = 100;

    // A lease is for seconds and an answer takes as long: nobody notices this, and a call for each answer was most of what API and store had to do.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private List<Waiting> _waiting = [];

    /// <summary>Tells of one scan.</summary>
    /// <exception cref="ApiAwayException">There was no answer to use.</exception>
    public Task<TellOutcome> TellAsync(T one)
    {
        var waiting = new Waiting(one, new TaskCompletionSource<TellOutcome>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _waiting.Add(waiting);
            if (_waiting.Count == Max)
                _ = SendAsync(Take());
            else if (_waiting.Count == 1)
                _ = SendSoonAsync(_waiting);
        }
        return waiting.Told.Task;
    }

    private async Task SendSoonAsync(List<Waiting> these)
    {
        await Task.Delay(Moment, time);
        lock (_lock)
        {
            if (_waiting != these) // they were enough for a call before
                return;
            Take();
        }
        await SendAsync(these);
    }

    private List<Waiting> Take()
    {
        var these = _waiting;
        _waiting = [];
        return these;
    }

    private async Task SendAsync(List<Waiting> these)
    {
        try
        {
            var outcomes = await tell(these.ConvertAll(w => w.One));
            for (int i = 0; i < these.Count; i++)
                these[i].Told.SetResult(outcomes[i]);
        }
        catch (Exception e)
        {
            foreach (var one in these)
                one.Told.TrySetException(e);
        }
    }

    private readonly record struct Waiting(T One, TaskCompletionSource<TellOutcome> Told);
}
