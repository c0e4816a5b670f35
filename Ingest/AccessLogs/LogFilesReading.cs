using System.Threading.Channels;

namespace Weir.Ingest.AccessLogs;

/// <summary>Reads files to their ends, in their order, into batches.</summary>
/// <param name="reading">Makes the batches.</param>
/// <param name="files">Names; <c>-</c> is standard input.</param>
/// <param name="from">Where an earlier import stopped, by file; read from there on.</param>
internal sealed class LogFilesReading(LogReading reading, IReadOnlyList<string> files, IReadOnlyDictionary<string, LogPosition> from)
{
    private readonly List<NamedPositions> _finished = [];
    private bool _wasStopped = from.Count > 0;

    /// <summary>Sends batches, the last ones included, then completes the channel with what went wrong.</summary>
    public async Task RunAsync(ChannelWriter<ReadBatches> batches, Action<long>? progress, CancellationToken stop)
    {
        Exception? error = null;
        try
        {
            long doneBefore = 0;
            foreach (string file in files)
                doneBefore += await ReadAsync(OpenAt(file), bytes => progress?.Invoke(doneBefore + bytes), batches, stop);
            progress?.Invoke(doneBefore);
        }
        catch (Exception e)
        {
            error = e;
        }
        try
        {
            // What was read before a failure is stored before it is told.
            if (!stop.IsCancellationRequested)
                await SendAsync(batches, [], stop);
        }
        finally
        {
            batches.TryComplete(error);
        }
    }

    // Returns how many bytes the file has.
    private async Task<long> ReadAsync(OpenLog log, Action<long> progress, ChannelWriter<ReadBatches> batches, CancellationToken stop)
    {
        try
        {
            while (reading.ReadSome(log))
            {
                if (reading.IsFull)
                    await SendAsync(batches, PositionOf(log), stop);
                progress(log.Source.BytesDone);
                stop.ThrowIfCancellationRequested();
            }
            _finished.AddRange(PositionOf(log));
            return log.Source.BytesDone;
        }
        finally
        {
            reading.Close(log);
        }
    }

    private OpenLog OpenAt(string file)
    {
        var log = reading.Open(file);
        if (!from.TryGetValue(file, out var position))
            return log;
        if (!log.TryGoTo(position))
        {
            reading.Close(log);
            return reading.Open(file);
        }
        if (position.Until.Line > 0)
            reading.Continue(file, position.Until.Line);
        return log;
    }

    private async Task SendAsync(ChannelWriter<ReadBatches> batches, IEnumerable<NamedPositions> more, CancellationToken stop)
    {
        var read = new ReadBatches(reading.TakeBatches(), [.. _finished, .. more]) { WasTried = _wasStopped };
        _finished.Clear();
        _wasStopped = false;
        await batches.WriteAsync(read, stop);
    }

    // Standard input cannot be read again from a place.
    private static IEnumerable<NamedPositions> PositionOf(OpenLog log) =>
        log.Source.File is null ? [] : [new NamedPositions(log.File, [log.Position()])];
}
