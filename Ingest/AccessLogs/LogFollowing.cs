using System.Threading.Channels;

namespace Weir.Ingest.AccessLogs;

/// <summary>Reads live logs into batches until it is stopped.</summary>
internal sealed class LogFollowing(LogReading reading, IReadOnlyList<FollowedLog> logs, FollowOptions options, TimeProvider time)
{
    private bool _isFirst = true;
    private long _linesSent;

    /// <summary>Sends batches when they are full or old enough, the last ones after it was stopped, then completes the channel.</summary>
    /// <param name="batches">Where to.</param>
    /// <param name="progress">Told of lines read; null for nobody.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <param name="abandon">Nobody takes batches any more.</param>
    public async Task RunAsync(ChannelWriter<ReadBatches> batches, Action<long>? progress, CancellationToken stop, CancellationToken abandon)
    {
        Exception? error = null;
        try
        {
            long sentAt = time.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                bool hasMore = false;
                foreach (var log in logs)
                    hasMore |= !reading.IsFull && log.ReadSome();
                progress?.Invoke(reading.Lines);
                bool isDue = time.GetElapsedTime(sentAt) >= options.StoreEvery;
                if (reading.IsFull || isDue)
                {
                    await SendAsync(batches, abandon);
                    sentAt = time.GetTimestamp();
                }
                if (hasMore)
                    continue;
                await PauseAsync(stop);
                foreach (var log in logs)
                    log.Look();
            }
            await SendAsync(batches, abandon);
        }
        catch (Exception e)
        {
            error = e;
        }
        batches.TryComplete(error);
    }

    // Without a row or a line since the last time there is nothing to keep, but for the first time: it says that the logs are read.
    private async Task SendAsync(ChannelWriter<ReadBatches> batches, CancellationToken abandon)
    {
        if (reading.Rows == 0 && reading.Lines == _linesSent && !_isFirst)
            return;
        var positions = logs.Select(l => l.Positions()).ToList();
        _linesSent = reading.Lines;
        await batches.WriteAsync(new ReadBatches(reading.TakeBatches(), positions) { WasTried = _isFirst }, abandon);
        _isFirst = false;
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(options.LookEvery, time, stop);
        }
        catch (OperationCanceledException)
        {
            // Stopped: what was read is sent.
        }
    }
}
