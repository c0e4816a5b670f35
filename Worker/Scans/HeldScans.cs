using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Weir.Worker.Scans;

/// <summary>The scans that this worker holds, and the heartbeats that keep them. Safe from any thread.</summary>
internal sealed class HeldScans(ScanApi api, WorkerOptions options, WorkerMetrics metrics, TimeProvider time, ILogger<HeldScans> log)
{
    private const int CallsAtOnce = 4, CallMax = 100;

    private readonly ConcurrentDictionary<(long, long), HeldScan> _held = new();

    /// <summary>How many are held.</summary>
    public int Count => _held.Count;

    /// <summary>Holds a scan until it is disposed.</summary>
    /// <param name="scan">As it was leased.</param>
    /// <param name="stop">Ends the work on it.</param>
    public HeldScan Hold(LeasedScan scan, CancellationToken stop)
    {
        var held = new HeldScan(scan, CancellationTokenSource.CreateLinkedTokenSource(stop), () => _held.TryRemove((scan.Id, scan.FencingToken), out _));
        _held[(scan.Id, scan.FencingToken)] = held;
        return held;
    }

    /// <summary>Renews every lease at a third of its time, until the worker ends. A scan that turns out to be another's is given up.</summary>
    public async Task BeatAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(options.Lease / 3, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            await Parallel.ForEachAsync(_held.Values.Chunk(CallMax), new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = stop }, BeatAsync)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask BeatAsync(HeldScan[] some, CancellationToken stop)
    {
        try
        {
            var outcomes = await api.HeartbeatAsync([.. some.Select(h => h.Scan)], stop);
            foreach (var (held, _) in some.Zip(outcomes).Where(b => b.Second == TellOutcome.NotHeld && b.First.TryLose()))
            {
                metrics.LeaseLost(held.Scan.Engine);
                log.LeaseLost(held.Scan.Id);
            }
        }
        catch (ApiAwayException)
        {
            // The next beat tries again; two of three may fail before the lease runs out.
        }
    }
}

/// <summary>A scan while this worker holds it.</summary>
internal sealed class HeldScan(LeasedScan scan, CancellationTokenSource source, Action end) : IDisposable
{
    private readonly Lock _lock = new();
    private bool _isEnded;

    public LeasedScan Scan => scan;

    /// <summary>Whether another has it by now.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Ends the work: the scan was lost, or the worker stops.</summary>
    public CancellationToken Stop { get; } = source.Token;

    /// <summary>Ends the work on a scan that is another's by now; false when it has ended already, perhaps by the very result that took the lease away.</summary>
    public bool TryLose()
    {
        lock (_lock)
        {
            if (_isEnded)
                return false;
            IsLost = true;
            source.Cancel();
            return true;
        }
    }

    public void Dispose()
    {
        end();
        lock (_lock)
            _isEnded = true;
        source.Dispose();
    }
}
