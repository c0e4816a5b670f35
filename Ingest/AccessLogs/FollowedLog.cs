namespace Weir.Ingest.AccessLogs;

/// <summary>A live log under one name, through its rotations: renamed and made anew, copied and truncated, packed, gone for a while. For one
/// thread at a time.</summary>
/// <remarks>
/// In doubt lines are read again: the store knows them. What was renamed is read on by its open handle until nothing comes any more; what
/// was truncated, or rotated while nobody followed, is looked for among the rotated logs by its head, and read on from where it was.
/// </remarks>
internal sealed class FollowedLog(string file, LogReading reading, FollowOptions options, TimeProvider time) : IDisposable
{
    // logrotate truncates at once after its copy, and packs it some seconds later at most.
    private static readonly TimeSpan LooksForCopyFor = TimeSpan.FromSeconds(60);

    private readonly List<Leaving> _leaving = [];
    private readonly List<(LogPosition Position, long Since)> _missing = [];
    private OpenLog? _current;
    private FileIdentity _identity;
    private LogFormat? _lastFormat;
    private string? _trouble;

    /// <summary>The name.</summary>
    public string File => file;

    /// <summary>Opens what is there, going on where an earlier run stopped.</summary>
    /// <param name="positions">What that run kept, the oldest log first.</param>
    /// <exception cref="ImportException">The file is in no known format, or is packed.</exception>
    public void Begin(IReadOnlyList<LogPosition> positions)
    {
        var current = positions.Count > 0 ? positions[^1] : null;
        foreach (var position in positions)
        {
            bool isStillThere = position == current && RotatedLogs.HeadIs(file, position.Head);
            if (position.Until.Offset == 0 || isStillThere)
                continue;
            if (FindRotated(position) is not { } newest)
                options.Note($"{Shown}: the log that was read to byte {position.Until.Offset:N0} is gone. What was written behind that is not read.");
            else if (position == current)
                ReadWhatCameBetween(newest, position.Head);
        }
        Open(current);
        if (current is null && options.FromEnd && _current is { } log)
            log.GoToEnd();
    }

    /// <summary>Reads some thousand lines of the oldest log that has any. False when there is nothing new.</summary>
    public bool ReadSome()
    {
        for (int i = 0; i < _leaving.Count; i++)
        {
            long before = _leaving[i].Log.Number;
            bool hasMore = ReadSome(_leaving[i].Log);
            if (_leaving[i].Log.Number > before)
                _leaving[i] = _leaving[i] with { GrewAt = time.GetTimestamp() };
            if (hasMore)
                return true;
        }
        return _current is { } log && ReadSome(log);
    }

    /// <summary>Looks whether the log was rotated, truncated, or is there again. Call it when there is nothing new to read.</summary>
    public void Look()
    {
        LeaveWhatIsDone();
        LookForCopies();
        if (_current is not { } log)
        {
            Open(null);
            return;
        }
        if (FileIdentity.Of(file) is { } there && there != _identity)
        {
            options.Note($"{Shown} was rotated after line {log.Number:N0}.");
            _leaving.Add(new Leaving(log, time.GetTimestamp()));
            _current = null;
            Open(null);
        }
        else if (RandomAccess.GetLength(log.Source.File!.SafeFileHandle) < log.Source.Lines.BytesRead || !log.BeginsAsBefore)
        {
            options.Note($"{Shown} was truncated after line {log.Number:N0}.");
            _missing.Add((log.Position(), time.GetTimestamp()));
            reading.Close(log);
            _current = null;
            Open(null);
            LookForCopies();
        }
    }

    /// <summary>How far the logs are read, the oldest first; to be kept once what was read is stored.</summary>
    public NamedPositions Positions() => new(file,
        [.. _missing.Select(m => m.Position), .. _leaving.Where(l => l.Log.Source.File is not null).Select(l => l.Log.Position()),
            .. _current is { } log ? [log.Position()] : Array.Empty<LogPosition>()]);

    public void Dispose()
    {
        foreach (var leaving in _leaving)
            leaving.Log.Dispose();
        _current?.Dispose();
    }

    private string Shown => LogSource.Shown(file);

    private bool ReadSome(OpenLog log)
    {
        if (log.Format is null && !TryFindFormat(log))
            return false;
        return reading.ReadSome(log);
    }

    // A new log has no line yet; one in no known format is counted line by line, as a broken line of the known one would be.
    private bool TryFindFormat(OpenLog log)
    {
        try
        {
            reading.FindFormat(log);
            _lastFormat = log.Format ?? _lastFormat;
        }
        catch (ImportException e)
        {
            SayTrouble(e.Message);
            log.Format = _lastFormat?.Fresh();
        }
        return log.Format is not null;
    }

    private void Open(LogPosition? position)
    {
        try
        {
            if (FileIdentity.Of(file) is not { } identity)
            {
                SayTrouble($"{Shown} is not there. Waiting for it.");
                return;
            }
            _current = OpenAt(file, position, isGrowing: true);
            _identity = identity;
            _trouble = null;
        }
        catch (ImportException e) when (_lastFormat is not null)
        {
            // It was read before: the next look may find it mended.
            SayTrouble(e.Message);
        }
    }

    private OpenLog OpenAt(string name, LogPosition? position, bool isGrowing)
    {
        var log = reading.Open(name, isGrowing);
        if (isGrowing && log.Source.IsPacked)
        {
            log.Dispose();
            throw new ImportException($"{LogSource.Shown(name)} is packed, and nobody writes on into a packed log. Import it without --follow.");
        }
        if (position is not null && !log.TryGoTo(position))
        {
            log.Dispose();
            log = reading.Open(name, isGrowing);
        }
        else if (position is { Until.Line: > 0 })
            reading.Continue(name, position.Until.Line);
        _lastFormat = log.Format ?? _lastFormat;
        return log;
    }

    // Reads a log on under the name that it has now. Null when it is nowhere.
    private string? FindRotated(LogPosition position)
    {
        if (RotatedLogs.Find(file, position.Head) is not { } name)
            return null;
        AddLeaving(name, position);
        return name;
    }

    // Logs that were rotated after the one that was read, each whole.
    private void ReadWhatCameBetween(string newestRead, LogHead head)
    {
        var since = System.IO.File.GetLastWriteTimeUtc(newestRead);
        List<LogHead> seen = [head];
        foreach (var rotated in RotatedLogs.Of(file).Where(r => r.LastWriteTimeUtc > since))
        {
            if (!seen.Exists(h => RotatedLogs.HeadIs(rotated.FullName, h)) && AddLeaving(rotated.FullName, null) is { } log)
                seen.Add(log.Head);
        }
    }

    private OpenLog? AddLeaving(string name, LogPosition? position)
    {
        try
        {
            var log = OpenAt(name, position, isGrowing: false);
            log.Source.Lines.IsGrowing = !log.Source.IsPacked;
            _leaving.Add(new Leaving(log, time.GetTimestamp()));
            return log;
        }
        catch (ImportException e)
        {
            SayTrouble(e.Message);
            return null;
        }
    }

    private void LeaveWhatIsDone()
    {
        for (int i = _leaving.Count - 1; i >= 0; i--)
        {
            var (log, grewAt) = _leaving[i];
            if (log.Source.Lines.IsGrowing && time.GetElapsedTime(grewAt) < options.LeaveAfter)
                continue;
            // Nobody will end its last line any more: it counts as it is.
            log.Source.Lines.IsGrowing = false;
            while (ReadSome(log) && !reading.IsFull)
            {
            }
            if (reading.IsFull)
                return;
            _leaving.RemoveAt(i);
            reading.Close(log);
        }
    }

    private void LookForCopies()
    {
        for (int i = _missing.Count - 1; i >= 0; i--)
        {
            if (FindRotated(_missing[i].Position) is null && time.GetElapsedTime(_missing[i].Since) < LooksForCopyFor)
                continue;
            _missing.RemoveAt(i);
        }
    }

    private void SayTrouble(string trouble)
    {
        if (string.Equals(_trouble, trouble, StringComparison.Ordinal))
            return;
        _trouble = trouble;
        options.Note(trouble);
    }

    private sealed record Leaving(OpenLog Log, long GrewAt);
}
