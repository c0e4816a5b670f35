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
/// the same import afterwards adds what is missing, from where <see cref="Positions"/> say. Without them two imports of the same lines at
/// the same time may store lines twice; with them they take turns.
/// </remarks>
/// <param name="endpoint">Where to store.</param>
/// <param name="detector">Classifies; its windows should be its own, since they are fed with the log's times.</param>
/// <param name="time">Clock of waits, of the duration and of what is in the future; the system's when null.</param>
/// <param name="log">Retries and refused rows; nobody's when null.</param>
public sealed class LogImporter(ClickHouseEndpoint endpoint, Detector detector, TimeProvider? time = null, ILogger? log = null)
{
    // Few large inserts leave the server few parts to merge, and a block of this size still fits the memory of a small machine.
    private const int UsualBatchRows = 100_000;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ILogger _log = log ?? NullLogger.Instance;

    /// <summary>Where addresses are; nowhere known without it.</summary>
    public PlaceTable Places { get; init; } = PlaceTable.Empty;

    /// <summary>Where it is kept how far logs are stored; nowhere without it.</summary>
    public LogPositions? Positions { get; init; }

    /// <summary>How lines are made, as nginx's <c>log_format</c> or Apache's <c>LogFormat</c> says it; null when each file's format is found out.</summary>
    public string? Pattern { get; init; }

    /// <summary>What of addresses is stored. Lines imported before under another form are other lines to the store.</summary>
    public AddressForm Addresses { get; init; }

    /// <summary>Lines that are stored together.</summary>
    internal int BatchRows { get; init; } = UsualBatchRows;

    /// <summary>Every format that is read, by name, for messages.</summary>
    public const string KnownFormats = LogFormats.Known;

    /// <summary>Fails on the first file that cannot be opened or is in no known format, before anything is started or stored.</summary>
    /// <param name="files">Names; <c>-</c> is standard input.</param>
    /// <param name="pattern">See <see cref="Pattern"/>.</param>
    /// <exception cref="ImportException">One line: what, where, what to do.</exception>
    public static void Check(IReadOnlyList<string> files, string? pattern = null) => LogReading.CheckAll(files, FormatOf(pattern));

    /// <summary>Imports files, in their order.</summary>
    /// <param name="site">Whose logs they are.</param>
    /// <param name="files">Names; <c>-</c> is standard input.</param>
    /// <param name="progress">Told about twice a second; null for nobody.</param>
    /// <param name="stop">Ends the import; what is stored stays.</param>
    /// <exception cref="ImportException">A file cannot be opened or is in no known format, or the store fails.</exception>
    public async Task<ImportSummary> RunAsync(
        SiteId site, IReadOnlyList<string> files, Action<ImportProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        long began = _time.GetTimestamp(), bytes = LogReading.CheckAll(files, FormatOf(Pattern));
        using var connections = new ClickHouseConnections(endpoint.OfSite(site));
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var losses = new LossCounters();
        var tally = new ImportTally();
        var reading = new LogReading(site, detector, tally, _time, BatchRows) { Places = Places, Addresses = Addresses, Named = FormatOf(Pattern) };
        var storing = new LogStoring(site, Positions, losses, _log, _time);
        var batches = Channel.CreateBounded<ReadBatches>(1);
        var work = Task.CompletedTask;
        try
        {
            await SchemaMigrator.ApplyAsync(endpoint, _time, stop);
            var from = await StoppedAtAsync(connections, site, files, stop);
            work = Task.Run(() => new LogFilesReading(reading, files, from).RunAsync(batches.Writer, Progress, failed.Token), CancellationToken.None);
            await foreach (var read in batches.Reader.ReadAllAsync(stop))
            {
                using (read)
                    await storing.StoreAsync(connections, read, stop);
            }
            await work;
        }
        catch (Exception e) when (e is StoreException or SchemaException || InsertFailure.IsOfStore(e))
        {
            throw new ImportException($"{InsertFailure.Sentence(e)} {storing.Stored:N0} lines of this import are stored; when that is mended, "
                + "run the same command again: no line is stored twice.", e);
        }
        finally
        {
            await failed.CancelAsync();
            await EndAsync(work, batches.Reader);
        }
        foreach (string file in files)
            Positions?.Forget(site, file);
        return Summary(tally, storing, losses.Total, _time.GetElapsedTime(began));

        void Progress(long bytesDone) => progress?.Invoke(new ImportProgress(reading.Lines, bytesDone, bytes));
    }

    /// <summary>Follows live logs through their rotations until stopped; each goes on where <see cref="Positions"/> say that an earlier run stopped.</summary>
    /// <param name="site">Whose logs they are.</param>
    /// <param name="files">Names of plain files; they may be missing for now.</param>
    /// <param name="options">From where, and who is told what happens.</param>
    /// <param name="progress">Told of lines read; null for nobody.</param>
    /// <param name="stop">Ends it: what was read is stored first.</param>
    /// <exception cref="ImportException">A file is in no known format or packed, or another import follows it.</exception>
    public async Task<ImportSummary> FollowAsync(SiteId site, IReadOnlyList<string> files, FollowOptions options,
        Action<ImportProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        long began = _time.GetTimestamp();
        var losses = new LossCounters();
        var tally = new ImportTally();
        var reading = new LogReading(site, detector, tally, _time, BatchRows) { Places = Places, Addresses = Addresses, Named = FormatOf(Pattern) };
        var storing = new LogStoring(site, Positions, losses, _log, _time);
        var batches = Channel.CreateBounded<ReadBatches>(1);
        using var abandoned = new CancellationTokenSource();
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(stop, abandoned.Token);
        var held = Hold(site, files);
        List<FollowedLog> logs = [];
        var work = Task.CompletedTask;
        try
        {
            using var store = new PatientStore(endpoint, options, _time);
            var known = await store.UntilDoneAsync(connections => KnownAsync(connections, site, files, stop), stop);
            foreach (var (file, positions) in known)
            {
                logs.Add(new FollowedLog(file, reading, options, _time));
                logs[^1].Begin(positions);
            }
            work = Task.Run(() => new LogFollowing(reading, logs, options, _time).RunAsync(
                batches.Writer, lines => progress?.Invoke(new ImportProgress(lines, 0, 0)), stopped.Token, abandoned.Token), CancellationToken.None);
            using var drained = new CancellationTokenSource();
            using var draining = stop.Register(() => drained.CancelAfter(options.DrainTimeout));
            await foreach (var read in batches.Reader.ReadAllAsync(drained.Token))
            {
                using (read)
                    await store.UntilDoneAsync(connections => storing.StoreAsync(connections, read, drained.Token), () => read.WasTried = true, drained.Token);
            }
            await work;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            options.Note("The store did not answer in time. What is not stored is read again next time.");
        }
        finally
        {
            await abandoned.CancelAsync();
            await EndAsync(work, batches.Reader);
            logs.ForEach(l => l.Dispose());
            held.ForEach(h => h.Dispose());
        }
        return Summary(tally, storing, losses.Total, _time.GetElapsedTime(began));
    }

    private List<IDisposable> Hold(SiteId site, IReadOnlyList<string> files)
    {
        List<IDisposable> held = [];
        foreach (string file in files.Distinct(StringComparer.Ordinal))
        {
            if (Positions is not { } positions)
                continue;
            if (positions.TryHoldFile(site, file) is { } one)
            {
                held.Add(one);
                continue;
            }
            held.ForEach(h => h.Dispose());
            throw new ImportException($"{LogSource.Shown(file)} is followed by another weir import already. Stop that one first.");
        }
        return held;
    }

    private async Task<List<(string File, IReadOnlyList<LogPosition> Positions)>> KnownAsync(
        ClickHouseConnections connections, SiteId site, IReadOnlyList<string> files, CancellationToken stop)
    {
        await SchemaMigrator.ApplyAsync(endpoint, _time, stop);
        List<(string, IReadOnlyList<LogPosition>)> known = [];
        foreach (string file in files.Distinct(StringComparer.Ordinal))
        {
            var positions = Positions?.Find(site, file) ?? [];
            bool areStored = true;
            foreach (var position in positions)
                areStored &= await IsStoredAsync(connections, site, position, stop);
            known.Add((file, areStored ? positions : []));
        }
        return known;
    }

    // Where earlier imports of these files stopped. A file whose import ended well has no position.
    private async Task<Dictionary<string, LogPosition>> StoppedAtAsync(
        ClickHouseConnections connections, SiteId site, IReadOnlyList<string> files, CancellationToken stop)
    {
        Dictionary<string, LogPosition> from = new(StringComparer.Ordinal);
        foreach (string file in files.Where(f => f != LogSource.StandardInput))
        {
            if (Positions?.Find(site, file) is [var position] && await IsStoredAsync(connections, site, position, stop))
                from.TryAdd(file, position);
        }
        return from;
    }

    // The store may have been emptied meanwhile, or be another behind the same address.
    private static async Task<bool> IsStoredAsync(ClickHouseConnections connections, SiteId site, LogPosition position, CancellationToken stop) =>
        !position.HasLine || await new StoredHits(connections).HasAsync(site.Value, position.LastTimeMs, position.LastHitId, stop);

    private static PatternLog? FormatOf(string? pattern) => pattern is null ? null : PatternLog.Of(pattern);

    private static async Task EndAsync(Task reading, ChannelReader<ReadBatches> batches)
    {
        await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        while (batches.TryRead(out var left))
            left.Dispose();
    }

    private static ImportSummary Summary(ImportTally tally, LogStoring storing, long refused, TimeSpan duration) => new()
    {
        Lines = tally.Lines,
        Stored = storing.Stored,
        AlreadyStored = storing.AlreadyStored,
        Rejected = tally.Rejected + refused,
        Format = string.Join(", ", tally.Formats),
        Crawlers = tally.Crawlers(),
        Kinds = tally.Kinds(),
        Referrals = tally.Referrals(),
        RejectedExamples = tally.Examples,
        Faults = tally.Faults(refused),
        Continued = tally.Continued,
        StepsBack = tally.StepsBack,
        Duration = duration,
        Failures = tally.Failures,
    };
}
