using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;

namespace Weir.Ingest.Spool;

/// <summary>The batches that wait on disk, oldest first, within a bound of bytes. Safe from any thread.</summary>
/// <remarks>
/// The folder is this program's alone (<c>weir.lock</c>). What is written here outlives the end of the program, however it comes. A power cut can
/// cost what the operating system had not written yet (on Linux some 30 seconds of it): a torn end is cut, and damage is found by its sum.
/// </remarks>
internal sealed class BatchSpool : IDisposable
{
    private const long SegmentBytesMax = 16 * 1024 * 1024;
    private const int SegmentsOfBound = 16;
    private const long SegmentBytesMin = 64 * 1024;

    private readonly string _folder;
    private readonly long _bytesMax;
    private readonly LossCounters _losses;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly LinkedList<SpooledBatch> _waiting = [];
    private readonly HashSet<SpoolSegment> _segments = [];
    private readonly SemaphoreSlim _added = new(0);
    private SpoolSegment? _active;
    private long _nextNumber = 1;
    private long _idleBytes;  // in files that nothing is read from: damaged ones, and those of a later Weir
    private bool _isFull;
    private long _quarantined;

    private BatchSpool(string folder, long bytesMax, LossCounters losses, ILogger log, TimeProvider time)
    {
        (_folder, _bytesMax, _losses, _log, _time) = (folder, bytesMax, losses, log, time);
    }

    /// <summary>Bytes of all its files.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _idleBytes + _segments.Sum(s => s.Bytes);
        }
    }

    /// <summary>Batches that wait.</summary>
    public int Batches
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Files in which damage was found since the start.</summary>
    public long Quarantined => Interlocked.Read(ref _quarantined);

    /// <summary>How long the oldest batch has waited; zero when none waits.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_gate)
            {
                return _waiting.First is { } first
                    ? TimeSpan.FromMilliseconds(Math.Max(0, _time.GetUtcNow().ToUnixTimeMilliseconds() - first.Value.Record.SinceMs)) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Opens the folder, makes it when it is missing, and finds what an earlier run left.</summary>
    /// <exception cref="IOException">The folder or a file in it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a right.</exception>
    public static BatchSpool Open(string folder, long bytesMax, LossCounters losses, ILogger log, TimeProvider time)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var spool = new BatchSpool(folder, bytesMax, losses, log, time);
        try
        {
            spool.OpenSegments();
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    /// <summary>What waits now, oldest first.</summary>
    public IReadOnlyList<SpooledBatch> Waiting()
    {
        lock (_gate)
            return [.. _waiting];
    }

    /// <summary>The batch that has waited longest; null when none waits.</summary>
    public SpooledBatch? Oldest()
    {
        lock (_gate)
            return _waiting.First?.Value;
    }

    /// <summary>Returns when a batch may have come since the last call.</summary>
    public Task WaitForBatchAsync(CancellationToken stop) => _added.WaitAsync(stop);

    /// <summary>Writes a batch to disk. Null when there is no room for it; nothing is counted then.</summary>
    /// <param name="batch">With at least one row.</param>
    /// <param name="wasTried">Whether it was sent before, with whatever outcome.</param>
    /// <param name="watermark">The writer's, now: where the next run must start from.</param>
    /// <param name="mark">Its place in the order of batches.</param>
    public SpooledBatch? TryAppend(HitBatch batch, bool wasTried, DateTimeOffset watermark, Watermark.Mark mark)
    {
        var front = SpoolRecord.WriteFront(batch, wasTried, _time.GetUtcNow().ToUnixTimeMilliseconds(), watermark.ToUnixTimeMilliseconds());
        lock (_gate)
        {
            long bytes = front.Length + batch.Rows.Length;
            if (_idleBytes + _segments.Sum(s => s.Bytes) + bytes > _bytesMax)
                return Full($"they take {_bytesMax} bytes, the bound of ingest.spoolBytesMax");
            try
            {
                _active ??= CreateSegment();
                var spooled = _active.Append(batch, front);
                spooled.Mark = mark;
                _waiting.AddLast(spooled);
                if (_active.Bytes >= Math.Clamp(_bytesMax / SegmentsOfBound, SegmentBytesMin, SegmentBytesMax))
                    _active = null;
                _isFull = false;
                _added.Release();
                return spooled;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return Full(e.Message.TrimEnd('.'));
            }
        }
    }

    /// <summary>Reads a waiting batch. Null when it is damaged: its hits are counted as lost then, and it waits no more.</summary>
    public HitBatch? Read(SpooledBatch spooled)
    {
        double waited = Math.Max(0, _time.GetUtcNow().ToUnixTimeMilliseconds() - spooled.Record.SinceMs) / 1000.0;
        try
        {
            if (spooled.Segment.Read(spooled, _time.GetTimestamp() - (long)(waited * _time.TimestampFrequency)) is { } batch)
                return batch;
        }
        catch (IOException e)
        {
            _log.SpoolNotRead(spooled.Segment.Path, e.Message);
        }
        lock (_gate)
            Quarantine(spooled.Segment, $"the batch at byte {spooled.Offset} ({spooled.Record.Rows} hits)");
        _losses.Count(LossReason.SpoolDamaged, default, spooled.Record.Rows);
        Acknowledge(spooled);
        return null;
    }

    /// <summary>A batch is stored, or counted: it waits no more.</summary>
    public void Acknowledge(SpooledBatch spooled)
    {
        var segment = spooled.Segment;
        lock (_gate)
        {
            if (!_waiting.Remove(spooled))
                return;
            segment.Pending--;
            try
            {
                if (segment.Pending == 0)
                    Remove(segment);
                else
                    segment.NoteAcked(spooled);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _log.SpoolNotTidied(segment.Path, e.Message);
            }
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            segment.Dispose();
        _added.Dispose();
    }

    private void OpenSegments()
    {
        _idleBytes = Directory.EnumerateFiles(_folder, "*" + SpoolSegment.DamagedSuffix).Sum(f => new FileInfo(f).Length);
        foreach (string path in Directory.EnumerateFiles(_folder).Order(StringComparer.Ordinal).ToList())
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out long number))
                _nextNumber = Math.Max(_nextNumber, number + 1);
            if (path.EndsWith(SpoolSegment.Suffix, StringComparison.Ordinal))
                OpenSegment(path);
        }
        // Batches go out one by one and oldest first: only the first of those that are left can be under way in the store.
        if (_waiting.First is { } first)
        {
            first.Value.WasTried = true;
            _added.Release();
            _log.SpoolFound(_waiting.Count, _waiting.Sum(w => (long)w.Record.Rows), _folder);
        }
    }

    private void OpenSegment(string path)
    {
        var segment = SpoolSegment.Open(path, out var scan, out var pending);
        if (scan.IsNewer)
        {
            _idleBytes += segment.Bytes;
            segment.Dispose();
            _log.SpoolOfLaterVersion(path);
            return;
        }
        _segments.Add(segment);
        foreach (var batch in pending)
            _waiting.AddLast(batch);
        if (scan.IsTorn)
            _log.SpoolCut(path, scan.SoundBytes);
        if (scan.IsDamaged)
        {
            segment.IsDamaged = false;
            Quarantine(segment, $"all from byte {scan.SoundBytes} on ({segment.Bytes - scan.SoundBytes} bytes)");
        }
        if (segment.Pending == 0)
            Remove(segment);
    }

    private SpoolSegment CreateSegment()
    {
        var segment = SpoolSegment.Create(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_nextNumber:d10}{SpoolSegment.Suffix}")));
        _nextNumber++;
        _segments.Add(segment);
        return segment;
    }

    private void Remove(SpoolSegment segment)
    {
        if (_active == segment)
            _active = null;
        _segments.Remove(segment);
        if (segment.IsDamaged)
            _idleBytes += segment.Bytes;
        segment.Remove();
    }

    private void Quarantine(SpoolSegment segment, string what)
    {
        if (_active == segment)
            _active = null;
        if (!segment.IsDamaged)
            Interlocked.Increment(ref _quarantined);
        segment.IsDamaged = true;
        _log.SpoolDamaged(segment.Path, what, Path.ChangeExtension(Path.GetFileName(segment.Path), SpoolSegment.DamagedSuffix));
    }

    private SpooledBatch? Full(string why)
    {
        if (!_isFull)
            _log.SpoolFull(_folder, why);
        _isFull = true;
        return null;
    }
}
