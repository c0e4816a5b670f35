namespace Weir.Scheduling.Triggers;

/// <summary>Takes events. Safe from any thread and for many programs on one store.</summary>
public interface IEvents
{
    /// <summary>Stores events with their triggers; each whole or not at all.</summary>
    /// <param name="reach">Whose they are; targets beyond it are not spoken of.</param>
    /// <param name="events">Already checked by form: known kinds, bounded texts, engine known, an aim given.</param>
    /// <param name="stop">Ends the call; what is answered by then is stored.</param>
    /// <returns>One answer an event, in order.</returns>
    Task<IReadOnlyList<EventAnswer>> RecordAsync(Reach reach, IReadOnlyList<NewEvent> events, CancellationToken stop = default);
}
