using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Detection;
using Weir.Detection.Places;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;

namespace Weir.Ingest.AccessLogs;

/// <summary>Reads access logs, classifies every line as of its own time and stores it, once however often it is imported.</summary>
/// <remarks>
/// Two stages that run at once: one thread reads, classifies and encodes; the other asks which rows of a batch are stored already and
/// inserts the rest. Between them wait two batches, so memory does not grow with the file. Everything stored before a kill stays, and
/// the same import afterwards adds what is missing. Two imports of the same lines at the same time may store lines twice.
/// </remarks>
/// <param name="endpoint">Where to store.</param>
/// <param name="detector">Classifies; its windows should be its own, since they are fed with the log's times.</param>
/// <param name="time">Clock of waits and of the duration; the system's when null.</param>
/// <param name="log">Retries and refused rows; nobody's when null.</param>
public sealed class LogImporter(ClickHouseEndpoint endpoint, Detector detector, TimeProvider? time = null, ILogger? log = null)
{
    // A batch of this size is inserted at nearly the full rate that the store has, and fits the memory of a small machine.
    private const int BatchRows = 100_000;
    private const int BatchBytes = 64 * 1024 * 1024;

    // Eight attempts are about 12 seconds: a child that crashed is back in less.
    private const int AttemptsMax = 8;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _stored;
    private long _alreadyStored;
    private long _lines;

    /// <summary>Where addresses are; nowhere known without it.</summary>
    public PlaceTable Places { get; init; } = PlaceTable.Empty;

    /// <summary>Every format that is read, by name, for messages.</summary>
    public const string KnownFormats = LogFormats.Known;

    /// <summary>Fails on the first file that cannot be opened or is in no known format, before anything is started or stored.</summary>
    /// <exception cref="ImportException">One line: what, where, what to do.</exception>
    public static void Check(IReadOnlyList<string> files) => LogReading.CheckAll(files);

    /// <summary>Imports files, in their order.</summary>
    /// <param name="site">Whose logs they are.</param>
    /// <param name="files">Names; <c>-</c> is standard input.</param>
    /// <param name="progress">Told about twice a second; null for nobody.</param>
    /// <param name="stop">Ends the import; what is stored stays.</param>
    /// <exception cref="ImportException">A file cannot be opened or is in no known format, or the store fails.</exception>
    public async Task<ImportSummary> RunAsync(
        SiteId site, IReadOnlyList<string> files, Action<ImportProgress>? progress = null, CancellationToken stop = default)
    {
        long began = _time.GetTimestamp();
        long bytes = LogReading.CheckAll(files);
        using var connections = new ClickHouseConnections(endpoint);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var losses = new LossCounters();
        var tally = new ImportTally();
        var batches = Channel.CreateBounded<HitBatch>(1);
        var reading = Task.Run(() => ReadAsync(new LogReading(site, detector, tally, BatchRows, BatchBytes) { Places = Places }, files, bytes, batches.Writer, progress, failed.Token),
            CancellationToken.None);
        try
        {
            await SchemaMigrator.ApplyAsync(connections, Migration.All, _time, stop);
            await StoreAsync(connections, losses, batches.Reader, stop);
            await reading;
        }
        catch (Exception e) when (e is StoreException or SchemaException || InsertFailure.IsOfStore(e))
        {
            throw new ImportException($"{InsertFailure.Sentence(e)} {_stored:N0} lines of this import are stored; when that is mended, "
                + "run the same command again: no line is stored twice.", e);
        }
        finally
        {
            await failed.CancelAsync();
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            while (batches.Reader.TryRead(out var left))
                left.Dispose();
        }
        return Summary(tally, losses.Total, _time.GetElapsedTime(began));
    }

    private async Task ReadAsync(LogReading reading, IReadOnlyList<string> files, long bytesTotal, ChannelWriter<HitBatch> batches,
        Action<ImportProgress>? progress, CancellationToken stop)
    {
        Exception? error = null;
        try
        {
            long doneBefore = 0;
            foreach (string file in files)
            {
                using var source = reading.Open(file);
                while (reading.ReadSome(source, file))
                {
                    if (reading.IsFull)
                        await SendAsync(reading, batches, stop);
                    progress?.Invoke(new ImportProgress(reading.Lines, doneBefore + source.BytesDone, bytesTotal));
                    stop.ThrowIfCancellationRequested();
                }
                doneBefore += source.BytesDone;
            }
            await SendAsync(reading, batches, stop);
            progress?.Invoke(new ImportProgress(reading.Lines, doneBefore, bytesTotal));
        }
        catch (Exception e)
        {
            // What was read before the failure is stored before it is told.
            if (!stop.IsCancellationRequested)
                await SendAsync(reading, batches, stop);
            error = e;
        }
        finally
        {
            _lines = reading.Lines;
            batches.TryComplete(error);
        }
    }

    private static async Task SendAsync(LogReading reading, ChannelWriter<HitBatch> batches, CancellationToken stop)
    {
        foreach (var batch in reading.TakeBatches())
            await batches.WriteAsync(batch, stop);
    }

    private async Task StoreAsync(ClickHouseConnections connections, LossCounters losses, ChannelReader<HitBatch> batches, CancellationToken stop)
    {
        var storedHits = new StoredHits(connections);
        var inserter = new HitInserter(connections);
        var logger = log ?? NullLogger.Instance;
        var views = new ViewRepair(connections, inserter, logger, _time);
        var sender = new BatchSender(inserter, new StoredRows(connections), views, losses, metrics: null, logger, _time, AttemptsMax);
        await foreach (var batch in batches.ReadAllAsync(stop))
        {
            using (batch)
            {
                var stored = await storedHits.FindAsync(batch, stop);
                _alreadyStored += stored.Count;
                using var rest = stored.Count == 0 ? null : Without(batch, stored);
                _stored += await sender.SendAsync(rest ?? batch, stop);
            }
        }
    }

    private static HitBatch Without(HitBatch batch, HashSet<int> rows)
    {
        var rest = new HitBatch(batch.Id, batch.Month, batch.StartedAt);
        for (int row = 0; row < batch.Rows.Rows; row++)
        {
            if (!rows.Contains(row))
                rest.Rows.CopyRow(batch.Rows, row);
        }
        return rest;
    }

    private ImportSummary Summary(ImportTally tally, long refused, TimeSpan duration) => new()
    {
        Lines = _lines,
        Stored = _stored,
        AlreadyStored = _alreadyStored,
        Rejected = tally.Rejected + refused,
        Format = string.Join(", ", tally.Formats),
        Crawlers = tally.Crawlers(),
        Kinds = tally.Kinds(),
        Referrals = tally.Referrals(),
        RejectedExamples = tally.Examples,
        Duration = duration,
        Failures = tally.Failures,
    };
}
