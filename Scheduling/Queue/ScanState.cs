namespace Weir.Scheduling.Queue;

/// <summary>Where a scan stands. The names, in lower case, are promised to programs.</summary>
public enum ScanState
{
    /// <summary>Waits for its time or for a worker.</summary>
    Queued = 1,

    /// <summary>A worker holds it.</summary>
    Leased = 2,

    /// <summary>Its result is known.</summary>
    Done = 3,

    /// <summary>Out of attempts; a dead letter until somebody replays it.</summary>
    Dead = 4,
}
