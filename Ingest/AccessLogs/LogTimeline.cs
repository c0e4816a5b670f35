namespace Weir.Ingest.AccessLogs;

/// <summary>What the ids of a log's lines depend on beside their bytes: how often an equal line came before, and how far the log's time is.
/// For one thread at a time.</summary>
internal sealed class LogTimeline
{
    /// <summary>Logs are in the order of time, but for requests that took long. A step back beyond this is another log behind the first, or
    /// a clock that was set: equal lines are counted from there.</summary>
    public const long StepBackMs = 10 * 60 * 1000;

    private readonly OccurrenceTable _occurrences = new();

    /// <summary>The latest time so far; 0 before the first line.</summary>
    public long LatestMs { get; private set; }

    /// <summary>How often the time stepped back.</summary>
    public long StepsBack { get; private set; }

    /// <summary>Begins another log.</summary>
    public void Begin()
    {
        _occurrences.Clear();
        LatestMs = 0;
        StepsBack = 0;
    }

    /// <summary>Takes a line and says how often an equal one came before it.</summary>
    public uint CountBefore(ulong hash, long timeMs)
    {
        if (timeMs < LatestMs - StepBackMs)
        {
            _occurrences.Clear();
            LatestMs = timeMs;
            StepsBack++;
        }
        LatestMs = Math.Max(LatestMs, timeMs);
        return _occurrences.CountBefore(hash);
    }
}
