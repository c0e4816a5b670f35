using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>How logs are followed.</summary>
public sealed record FollowOptions
{
    /// <summary>Whether a log that was never read is read from its end on. A log that was goes on where it stopped.</summary>
    public bool FromEnd { get; init; }

    /// <summary>Told what happens to the logs and the store, one line each; called from any thread.</summary>
    public Action<string> Note { get; init; } = static _ => { };

    /// <summary>Finds the store again after it went away, since it may come back elsewhere; null for none by now.</summary>
    public Func<CancellationToken, Task<ClickHouseEndpoint?>>? FindStore { get; init; }

    /// <summary>Pause between two looks at a log that has nothing new.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait of a line before it is stored.</summary>
    public TimeSpan StoreEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a rotated log is still read after its last growth: servers write on into it until they open the new one.</summary>
    public TimeSpan LeaveAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait for the store once the following is stopped; lines that are not stored by then are read again next time.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
