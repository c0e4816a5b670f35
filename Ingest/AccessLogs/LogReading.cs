using Weir.Detection;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Privacy;

namespace Weir.Ingest.AccessLogs;

/// <summary>Batches to be stored together, and how far their logs are stored after that.</summary>
/// <param name="Batches">One a month.</param>
/// <param name="Positions">What to keep when all are stored.</param>
internal sealed record ReadBatches(IReadOnlyList<HitBatch> Batches, IReadOnlyList<NamedPositions> Positions) : IDisposable
{
    /// <summary>Whether storing them may have been tried before: by an import that was killed, or by this one before the store went away.</summary>
    public bool WasTried { get; set; }

    /// <summary>How many of the batches are stored.</summary>
    public int Done { get; set; }

    public void Dispose()
    {
        foreach (var batch in Batches)
            batch.Dispose();
    }
}

/// <summary>How far the logs are stored that were read under one name, the oldest first.</summary>
internal sealed record NamedPositions(string Name, IReadOnlyList<LogPosition> Positions);

/// <summary>The first stage of an import: lines → hits → encoded rows, batched by month. For one thread at a time.</summary>
internal sealed class LogReading(SiteId site, Detector detector, ImportTally tally, TimeProvider time, int rowsMax) : LogWalk(site, detector, tally, time)
{
    // What a long line of a hostile log may add to the memory that rows of a usual length take.
    private const int BytesMax = 64 * 1024 * 1024;

    private readonly string _run = Guid.NewGuid().ToString("n");
    // In memory only and gone with the import: lines of the past have no day whose secret could be shared with the edge.
    private readonly DailySalts _salts = new(null, TimeProvider.System);
    private readonly Dictionary<int, HitBatch> _open = [];
    private HitBatch? _lastUsed;
    private long _batches;

    /// <summary>Rows that are read and not taken away.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether the batches should be sent before more is read.</summary>
    public override bool IsFull => Rows >= rowsMax || (_lastUsed?.Rows.Length ?? 0) >= BytesMax;

    /// <inheritdoc/>
    protected override string AfterFailure =>
        "What was read is stored; when the file is mended, import it again: no line is stored twice.";

    /// <summary>Fails on the first file that cannot be opened or read, before anything is stored. Standard input is taken on trust.</summary>
    /// <returns>Bytes of all files; 0 when standard input is among them.</returns>
    /// <exception cref="ImportException">The file cannot be opened, or its format is not known.</exception>
    public static long CheckAll(IReadOnlyList<string> files, LogFormat? named)
    {
        long bytes = 0;
        foreach (string file in files)
        {
            if (file == LogSource.StandardInput)
                return 0;
            using var source = LogSource.Open(file);
            FormatOf(source, file, named);
            bytes += new FileInfo(file).Length;
        }
        return bytes;
    }

    /// <summary>The batches so far; they are the caller's from here on.</summary>
    public IReadOnlyList<HitBatch> TakeBatches()
    {
        HitBatch[] batches = [.. _open.Values];
        _open.Clear();
        _lastUsed = null;
        Rows = 0;
        return batches;
    }

    /// <inheritdoc/>
    protected override void Keep(in Hit hit)
    {
        HitEncoder.TryWrite(BatchOf(hit.TimeMs).Rows, hit, _salts);
        Rows++;
    }

    private HitBatch BatchOf(long timeMs)
    {
        int month = HitEncoder.MonthOf(timeMs);
        if (_lastUsed?.Month == month)
            return _lastUsed;
        if (!_open.TryGetValue(month, out var batch))
            _open.Add(month, batch = new HitBatch($"{_run}-{++_batches}", month, startedAt: 0));
        return _lastUsed = batch;
    }
}
