using System.Text;

namespace Weir.Ingest.AccessLogs;

/// <summary>A log that is being read: where in it, in which format, and what was seen on the way. For one thread at a time.</summary>
internal sealed class OpenLog(string file, LogSource source, LogTimeline timeline) : IDisposable
{
    // Lines between two marks: few enough bytes to read them again in no time.
    private const int LinesBetweenMarks = 1_000;

    private readonly Queue<(LogPlace Place, long LatestMs)> _marks = new([(default, 0)]);
    private LogPlace _lastMark;
    private long _stepsBack;

    /// <summary>The file, as it was given.</summary>
    public string File => file;

    /// <summary>Its bytes.</summary>
    public LogSource Source => source;

    /// <summary>How its lines are read; null while it has none.</summary>
    public LogFormat? Format { get; set; }

    /// <summary>By what it is known again.</summary>
    public LogHead Head { get; private set; } = LogHead.Of(source.Lines.Peek());

    /// <summary>What its lines' ids depend on.</summary>
    public LogTimeline Timeline => timeline;

    /// <summary>Lines read so far.</summary>
    public long Number { get; private set; }

    /// <summary>Lines before this offset were stored by an earlier import.</summary>
    public long StoredUntil { get; private set; }

    /// <summary>Time and id of the last line that was kept.</summary>
    public (long TimeMs, ulong HitId) LastKept { get; set; }

    /// <summary>Goes to where an earlier import stopped, before the first line is read. False when this is another log or ends before that;
    /// it must then be opened again.</summary>
    public bool TryGoTo(LogPosition position)
    {
        try
        {
            if (position.Until.Offset > 0 && (!position.Head.IsOf(source.Lines.Peek()) || !source.Lines.SkipTo(position.From.Offset)))
                return false;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException)
        {
            return false;
        }
        LogLine none = default;
        Format?.TryRead(Encoding.Latin1.GetBytes(position.Columns), new LineScratch(), ref none);
        Number = position.From.Line;
        StoredUntil = position.Until.Offset;
        LastKept = (position.LastTimeMs, position.LastHitId);
        _marks.Clear();
        _marks.Enqueue((_lastMark = position.From, 0));
        return true;
    }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">Without its line end.</param>
    /// <param name="isTooLong">Whether this is the head of a line that is too long.</param>
    /// <param name="isStored">Whether an earlier import has it.</param>
    public bool TryRead(out ReadOnlySpan<byte> line, out bool isTooLong, out bool isStored)
    {
        isStored = source.Lines.Offset < StoredUntil;
        if (Number % LinesBetweenMarks == 0)
            Mark();
        if (!source.Lines.TryRead(out line, out isTooLong))
            return false;
        Number++;
        return true;
    }

    /// <summary>How far it was read, to be kept once all lines before are stored.</summary>
    public LogPosition Position()
    {
        Mark();
        GrowHead();
        return new LogPosition
        {
            File = Path.GetFullPath(file),
            Head = Head,
            Until = Here,
            From = _marks.Peek().Place,
            Columns = Format?.Columns ?? "",
            LastTimeMs = LastKept.TimeMs,
            LastHitId = LastKept.HitId,
        };
    }

    /// <summary>Goes behind the last whole line there is, of a plain file.</summary>
    public void GoToEnd()
    {
        if (source.File is not { } plain || source.IsPacked)
            return;
        ReadColumns();
        var tail = new byte[LineReader.LineBytesMax];
        long length = RandomAccess.GetLength(plain.SafeFileHandle), from = Math.Max(0, length - tail.Length);
        int read = RandomAccess.Read(plain.SafeFileHandle, tail, from);
        source.Lines.SkipTo(from + tail.AsSpan(0, read).LastIndexOf((byte)'\n') + 1);
        _marks.Clear();
        _marks.Enqueue((_lastMark = Here, 0));
    }

    /// <summary>Whether the file still begins as it did; it does not when it was truncated and written to again.</summary>
    public bool BeginsAsBefore => source.File is not { } plain || source.IsPacked || Head.Length == 0 || Head.IsOf(plain.SafeFileHandle);

    public void Dispose() => source.Dispose();

    // A small log has a longer head once it has grown.
    private void GrowHead()
    {
        if (Head.Length < LogHead.LengthMax && BeginsAsBefore && !source.IsPacked && source.File is { } plain)
            Head = LogHead.Of(plain.SafeFileHandle);
    }

    // A format that names its columns does so at the log's head.
    private void ReadColumns()
    {
        var scratch = new LineScratch();
        foreach (var range in source.Lines.Peek().Split((byte)'\n'))
        {
            var line = source.Lines.Peek()[range];
            LogLine none = default;
            if (line.Length == 0 || line[0] != '#')
                return;
            Format?.TryRead(line[^1] == '\r' ? line[..^1] : line, scratch, ref none);
        }
    }

    private LogPlace Here => new(source.Lines.Offset, Number);

    // Keeps the last mark that is so far back in time that no line before it can equal one to come.
    private void Mark()
    {
        if (timeline.StepsBack != _stepsBack)
        {
            // Equal lines are counted anew from a line behind the last mark: what stands before that mark no longer counts.
            _stepsBack = timeline.StepsBack;
            _marks.Clear();
            _marks.Enqueue((_lastMark, 0));
        }
        if (_lastMark != Here)
            _marks.Enqueue((_lastMark = Here, timeline.LatestMs));
        while (_marks.Count > 1 && _marks.ElementAt(1).LatestMs <= timeline.LatestMs - LogTimeline.StepBackMs)
            _marks.Dequeue();
    }
}
