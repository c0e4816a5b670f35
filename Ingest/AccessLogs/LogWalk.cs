using Weir.Detection;
using Weir.Detection.Places;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>Walks through logs: lines → classified hits, for whoever keeps them. For one thread at a time.</summary>
internal abstract class LogWalk(SiteId site, Detector detector, ImportTally tally)
{
    // Lines between two looks at the world outside.
    private const int LinesAtOnce = 10_000;

    private readonly LogHits _hits = new(site, detector);
    private readonly LineScratch _scratch = new();
    private LogFormat? _format;
    private long _number;

    /// <summary>Lines read so far.</summary>
    public long Lines => tally.Lines;

    /// <summary>Where addresses are.</summary>
    public PlaceTable Places
    {
        init => _hits.Places = value;
    }

    /// <summary>Whether what is kept should be taken away before more is read.</summary>
    public virtual bool IsFull => false;

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

    /// <summary>Reads some thousand lines, or until what is kept is full. False at the file's end.</summary>
    public bool ReadSome(LogSource source, string file)
    {
        try
        {
            for (int i = 0; i < LinesAtOnce && !IsFull; i++)
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
            tally.Failures.Add($"{LogSource.Shown(file)} could not be read beyond line {_number:N0}: {e.Message.TrimEnd('.')}. {AfterFailure}");
            return false;
        }
    }

    /// <summary>The format of an opened file; null when it is empty.</summary>
    /// <exception cref="ImportException">It cannot be read, or its format is not known.</exception>
    public static LogFormat? FormatOf(LogSource source, string file)
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

    /// <summary>What to do about a file that ended too early: one sentence.</summary>
    protected abstract string AfterFailure { get; }

    /// <summary>Keeps a hit.</summary>
    protected abstract void Keep(in Hit hit);

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
        Keep(hit);
    }
}
