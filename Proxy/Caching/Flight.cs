using System.Collections.Concurrent;

namespace Weir.Proxy.Caching;

/// <summary>One trip to the origin that others with the same question wait for. Safe from any thread.</summary>
internal sealed class Flight
{
    // Continuations of a hundred waiters must not run inside the one who answers.
    private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the answer can be for all, known when its headers are there, or no longer than its body allows.</summary>
    public Task<bool> Decided => _decided.Task;

    /// <summary>Done when the answer is kept, or will not be.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Says whether waiting is worth while; the last word counts for those who still listen.</summary>
    public void Decide(bool isForAll)
    {
        if (!_decided.TrySetResult(isForAll) && !isForAll)
            _ended.TrySetResult();
    }

    /// <summary>Lets everybody go.</summary>
    public void End()
    {
        _decided.TrySetResult(false);
        _ended.TrySetResult();
    }
}

/// <summary>The trips under way, so that many equal requests make one. Bounded by the requests under way. Safe from any thread.</summary>
internal sealed class Flights
{
    private readonly ConcurrentDictionary<string, Flight> _byQuestion = new(StringComparer.Ordinal);

    /// <summary>Becomes the one who asks, or finds the one who does.</summary>
    public bool TryLead(string question, out Flight flight)
    {
        var mine = new Flight();
        flight = _byQuestion.GetOrAdd(question, mine);
        return ReferenceEquals(flight, mine);
    }

    /// <summary>Ends a trip: whoever asks from here on makes another.</summary>
    public void End(string question, Flight flight)
    {
        Forget(question, flight);
        flight.End();
    }

    /// <summary>Lets others make a trip of their own while this one is still under way.</summary>
    public void Forget(string question, Flight flight) => _byQuestion.TryRemove(KeyValuePair.Create(question, flight));
}
