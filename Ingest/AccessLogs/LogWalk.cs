using Weir.Detection;
using Weir.Detection.Places;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>Walks through logs: lines → classified hits, for whoever keeps them. For one thread at a time.</summary>
/// <param name="site">Whose logs they are.</param>
/// <param name="detector">Classifies.</param>
/// <param name="tally">Counts.</param>
/// <param name="time">Clock by which a time is in the future.</param>
internal abstract class LogWalk(SiteId site, Detector detector, ImportTally tally, TimeProvider time)
{
    // Lines between two looks at the world outside.
    private const int LinesAtOnce = 10_000;

    // A clock may be of another zone; more than that is no clock.
    private const long FutureMs = 24 * 60 * 60 * 1000;

    private readonly LogHits _hits = new(site, detector);
    private readonly LineScratch _scratch = new();
    private readonly Stack<LogTimeline> _spare = [];
    private long _timeMsMax;

    /// <summary>Lines read so far.</summary>
    public long Lines => tally.Lines;

    /// <summary>Where addresses are.</summary>
    public PlaceTable Places
    {
        init => _hits.Places = value;
    }

    /// <summary>The format of all logs, where their owner names one; null when each is found out.</summary>
    public LogFormat? Named { get; init; }

    /// <summary>What of addresses is stored.</summary>
    public AddressForm Addresses
    {
        init => _hits.Addresses = value;
    }

    /// <summary>Whether what is kept should be taken away before more is read.</summary>
    public virtual bool IsFull => false;

    /// <summary>Opens a file and finds its format.</summary>
    /// <param name="file">Its name; <c>-</c> is standard input.</param>
    /// <param name="isGrowing">Whether it may grow: a line without its end is then not read.</param>
    /// <exception cref="ImportException">It cannot be opened, or is in no known format.</exception>
    public OpenLog Open(string file, bool isGrowing = false)
    {
        var source = LogSource.Open(file);
        try
        {
            source.Lines.IsGrowing = isGrowing;
            var timeline = _spare.TryPop(out var spare) ? spare : new LogTimeline();
            timeline.Begin();
            var log = new OpenLog(file, source, timeline);
            FindFormat(log);
            return log;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException)
        {
            source.Dispose();
            throw new ImportException($"{LogSource.Shown(file)} cannot be read: {e.Message}", e);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Closes a file; what was seen of it may serve another.</summary>
    public void Close(OpenLog log)
    {
        tally.StepsBack += log.Timeline.StepsBack;
        _spare.Push(log.Timeline);
        log.Dispose();
    }

    /// <summary>Notes that an earlier import has the lines before.</summary>
    public void Continue(string file, long lines) => tally.Continued.Add(new ContinuedLog(file, lines));

    /// <summary>Reads some thousand lines, or until what is kept is full. False at the file's end.</summary>
    public bool ReadSome(OpenLog log)
    {
        _timeMsMax = time.GetUtcNow().ToUnixTimeMilliseconds() + FutureMs;
        try
        {
            for (int i = 0; i < LinesAtOnce && !IsFull; i++)
            {
                if (!log.TryRead(out var line, out bool isTooLong, out bool isStored))
                    return false;
                Take(log, line, isTooLong, isStored);
            }
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException)
        {
            // A torn archive or a failing disk: the file ends here, and the other files are read.
            string failure = $"{LogSource.Shown(log.File)} could not be read beyond line {log.Number:N0}: {e.Message.TrimEnd('.')}. {AfterFailure}";
            if (!tally.Failures.Contains(failure))
                tally.Failures.Add(failure);
            return false;
        }
    }

    /// <summary>Finds the format of a log, unless it has no whole line yet.</summary>
    /// <exception cref="ImportException">It cannot be read, or its format is not known.</exception>
    public void FindFormat(OpenLog log)
    {
        log.Format = FormatOf(log.Source, log.File, Named);
        if (log.Format is { } format && !tally.Formats.Contains(format.Name))
            tally.Formats.Add(format.Name);
    }

    /// <summary>The format of an opened file; null when it is empty.</summary>
    /// <param name="source">Where nothing was read yet.</param>
    /// <param name="file">The file.</param>
    /// <param name="named">The format that its owner names; null to find it out.</param>
    /// <exception cref="ImportException">It cannot be read, or its format is not known.</exception>
    public static LogFormat? FormatOf(LogSource source, string file, LogFormat? named = null)
    {
        ReadOnlySpan<byte> head;
        try
        {
            head = WholeLines(source.Lines);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException or UnauthorizedAccessException)
        {
            throw new ImportException($"{LogSource.Shown(file)} cannot be read: {e.Message}", e);
        }
        if ((named is null ? LogFormats.Detect(head) : LogFormats.Reads(named, head) ? named.Fresh() : null) is { } format)
            return format;
        head = head.TrimStart("\r\n \0"u8);
        if (head.Length == 0)
            return null;
        int end = head.IndexOf((byte)'\n');
        string why = named is null
            ? $"is in no log format that Weir reads ({LogFormats.Known}). Say how its lines are made with --format, as nginx's log_format or Apache's LogFormat has it."
            : "has no line at its head that is made as --format says.";
        throw new ImportException($"{LogSource.Shown(file)} {why} Its first line: {LogText.Printable(end < 0 ? head : head[..end].TrimEnd((byte)'\r'), 160)}");
    }

    /// <summary>What to do about a file that ended too early: one sentence.</summary>
    protected abstract string AfterFailure { get; }

    /// <summary>Keeps a hit.</summary>
    protected abstract void Keep(in Hit hit);

    // The head of a combined line is a whole line of the common format.
    private static ReadOnlySpan<byte> WholeLines(LineReader lines)
    {
        lines.PassNulls();
        var head = lines.Peek();
        return lines.IsGrowing ? head[..(head.LastIndexOf((byte)'\n') + 1)] : head;
    }

    private void Take(OpenLog log, ReadOnlySpan<byte> line, bool isTooLong, bool isStored)
    {
        if (line.Length == 0 || log.Format is not { } format)
            return;
        LogLine read = default;
        var result = isTooLong ? LineResult.Rejected : format.TryRead(line, _scratch, ref read);
        if (result == LineResult.Comment)
            return;
        LineFault? fault = isTooLong ? LineFault.TooLong
            : result == LineResult.Rejected ? LineFault.Unreadable
            : read.TimeMs > _timeMsMax ? LineFault.TimeInFuture
            : HitEncoder.CanHoldTime(read.TimeMs) ? null : LineFault.TimeBeforeAll;
        if (fault is { } what)
        {
            if (!isStored)
                tally.Reject(what, log.File, log.Number, line);
            return;
        }
        var hit = _hits.HitOf(line, read, log.Timeline);
        if (isStored)
            return;
        log.LastKept = (hit.TimeMs, hit.HitId);
        tally.Count(hit.Verdict);
        Keep(hit);
    }
}
