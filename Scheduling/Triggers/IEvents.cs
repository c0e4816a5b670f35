namespace Weir.Scheduling.Triggers;

/// <summary>Takes events. Safe from any thread and for many programs on one store.</summary>
public interface IEvents
{
    /// <summary>Stores events with their triggers. One that is about thousands of targets speaks of some more with each of its triggers, and of all a few seconds later,
    /// whoever dies when.</summary>
    /// <param name="reach">Whose they are; targets beyond it are not spoken of.</param>
    /// <param name="events">Already checked by form: known kinds, bounded texts, engine known, an aim given.</param>
    /// <param name="stop">Ends the call; what is answered by then is stored.</param>
    /// <returns>One answer an event, in order.</returns>
    Task<IReadOnlyList<EventAnswer>> RecordAsync(Reach reach, IReadOnlyList<NewEvent> events, CancellationToken stop = default);

    /// <summary>Goes on with events that a program left in the middle.</summary>
    /// <returns>How many there were.</returns>
    Task<int> ContinueAsync(CancellationToken stop);
}
