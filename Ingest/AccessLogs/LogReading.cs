using Weir.Detection;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>The first stage of an import: lines → hits → encoded rows, batched by month. For one thread at a time.</summary>
internal sealed class LogReading(SiteId site, Detector detector, ImportTally tally, int rowsMax, int bytesMax) : LogWalk(site, detector, tally)
{
    private readonly string _run = Guid.NewGuid().ToString("n");
    private readonly Dictionary<int, HitBatch> _open = [];
    private HitBatch? _lastUsed;
    private long _batches;
    private int _rows;

    /// <summary>Whether the batches should be sent before more is read.</summary>
    public override bool IsFull => _rows >= rowsMax || (_lastUsed?.Rows.Length ?? 0) >= bytesMax;

    /// <inheritdoc/>
    protected override string AfterFailure =>
        "What was read is stored; when the file is mended, import it again: no line is stored twice.";

    /// <summary>Fails on the first file that cannot be opened or read, before anything is stored. Standard input is taken on trust.</summary>
    /// <returns>Bytes of all files; 0 when standard input is among them.</returns>
    /// <exception cref="ImportException">The file cannot be opened, or its format is not known.</exception>
    public static long CheckAll(IReadOnlyList<string> files)
    {
        long bytes = 0;
        foreach (string file in files)
        {
            if (file == LogSource.StandardInput)
                return 0;
            using var source = LogSource.Open(file);
            FormatOf(source, file);
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
        _rows = 0;
        return batches;
    }

    /// <inheritdoc/>
    protected override void Keep(in Hit hit)
    {
        HitEncoder.TryWrite(BatchOf(hit.TimeMs).Rows, hit);
        _rows++;
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
