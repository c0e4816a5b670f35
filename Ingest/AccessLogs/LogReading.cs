using Weir.Detection;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>The first stage of an import: lines → hits → encoded rows, batched by month. For one thread at a time.</summary>
internal sealed class LogReading(SiteId site, Detector detector, ImportTally tally)
{
    // Lines between two looks at the world outside.
    private const int LinesAtOnce = 10_000;

    private readonly string _run = Guid.NewGuid().ToString("n");
    private readonly LogHits _hits = new(site, detector);
    private readonly LineScratch _scratch = new();
    private readonly Dictionary<int, HitBatch> _open = [];
    private LogFormat? _format;
    private HitBatch? _lastUsed;
    private long _number;
    private long _batches;
    private int _rows;

    /// <summary>Lines read so far.</summary>
    public long Lines => tally.Lines;

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

    /// <summary>Opens a file and finds its format.</summary>
    public LogSource Open(string file)
    {
        var source = LogSource.Open(file);
        _format = FormatOf(source, file);
        _number = 0;
        _hits.BeginFile();
        if (_format is not null && !tally.Formats.Contains(_format.Name))
            tally.Formats.Add(_format.Name);
        return source;
    }

    /// <summary>Reads some thousand lines, or until the batches are full. False at the file's end.</summary>
    public bool ReadSome(LogSource source, string file, int rowsMax, int bytesMax)
    {
        try
        {
            for (int i = 0; i < LinesAtOnce && !IsFull(rowsMax, bytesMax); i++)
            {
                if (!source.Lines.TryRead(out var line, out bool isTooLong))
                    return false;
                _number++;
                Take(line, isTooLong, file);
            }
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException)
        {
            // A torn archive or a failing disk: the file ends here, and the other files are read.
            tally.Failures.Add($"{LogSource.Shown(file)} could not be read beyond line {_number:N0}: {e.Message.TrimEnd('.')}. "
                + "What was read is stored; when the file is mended, import it again: no line is stored twice.");
            return false;
        }
    }

    /// <summary>Whether the batches should be sent before more is read.</summary>
    public bool IsFull(int rowsMax, int bytesMax) => _rows >= rowsMax || (_lastUsed?.Rows.Length ?? 0) >= bytesMax;

    /// <summary>The batches so far; they are the caller's from here on.</summary>
    public IReadOnlyList<HitBatch> TakeBatches()
    {
        HitBatch[] batches = [.. _open.Values];
        _open.Clear();
        _lastUsed = null;
        _rows = 0;
        return batches;
    }

    private static LogFormat? FormatOf(LogSource source, string file)
    {
        ReadOnlySpan<byte> head;
        try
        {
            head = source.Lines.Peek();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException or UnauthorizedAccessException)
        {
            throw new ImportException($"{LogSource.Shown(file)} cannot be read: {e.Message}", e);
        }
        if (LogFormats.Detect(head) is { } format)
            return format;
        head = head.TrimStart("\r\n "u8);
        if (head.Length == 0)
            return null;
        int end = head.IndexOf((byte)'\n');
        throw new ImportException($"{LogSource.Shown(file)} is in no log format that Weir reads ({LogFormats.Known}). "
            + $"Its first line: {LogText.Printable(end < 0 ? head : head[..end].TrimEnd((byte)'\r'), 160)}");
    }

    private void Take(ReadOnlySpan<byte> line, bool isTooLong, string file)
    {
        if (line.Length == 0 || _format is null)
            return;
        LogLine read = default;
        var result = isTooLong ? LineResult.Rejected : _format.TryRead(line, _scratch, ref read);
        if (result == LineResult.Comment)
            return;
        if (result == LineResult.Rejected || !HitEncoder.CanHoldTime(read.TimeMs))
        {
            tally.Reject(file, _number, line);
            return;
        }
        var hit = _hits.HitOf(line, read);
        tally.Count(hit.Verdict);
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
