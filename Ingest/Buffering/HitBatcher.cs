using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Buffering;

/// <summary>Turns hits from the channel into batches: full ones at once, others after the flush interval.</summary>
internal sealed class HitBatcher(
    HitChannel hits, LossCounters losses, IngestOptions options, IngestMetrics metrics, ILogger<HitWriter> log, TimeProvider time)
{
    // While hits come, the channel is looked at this often and nobody is woken per hit; 65,536 places then bear 2.6 million hits a second.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);

    // Without hits, the watermark still moves.
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(1);

    private readonly string _run = Guid.NewGuid().ToString("n");
    private readonly List<HitBatch> _open = [];
    private long _batches;
    private int _rows;

    // Hits handed over before _mark are all read once _unread more have been: the channel keeps their order.
    private DateTimeOffset _mark;
    private long _unread;

    /// <summary>Runs until the channel is closed and empty, then completes the queue of batches.</summary>
    public async Task RunAsync(ChannelWriter<HitBatch> batches, CancellationToken stop)
    {
        try
        {
            SetMark();
            while (await CollectAsync(stop))
                await SendOpenAsync(batches, stop);
            await SendOpenAsync(batches, stop);
        }
        finally
        {
            batches.TryComplete();
        }
    }

    /// <summary>Counts what was read and is in no batch that was sent.</summary>
    public void CountOpenAsLost(LossReason reason)
    {
        foreach (var batch in _open)
        {
            batch.CountLost(losses, reason, 0, batch.Rows.Rows);
            batch.Dispose();
        }
        _open.Clear();
        while (hits.Reader.TryRead(out var hit))
            losses.Count(reason, hit.Site);
    }

    // False when no hit will come any more.
    private async Task<bool> CollectAsync(CancellationToken stop)
    {
        if (!await WaitForHitAsync(stop))
            return false;
        long started = time.GetTimestamp();
        while (true)
        {
            Drain();
            if (IsFull || time.GetElapsedTime(started) >= options.FlushInterval || _rows == 0)
                return true;
            if (hits.Reader.Completion.IsCompleted)
                return false;
            await Task.Delay(LookEvery, time, stop);
        }
    }

    private bool IsFull => _rows >= options.BatchRows || _open.Exists(b => b.Rows.Length >= options.BatchBytes);

    // True at a hit or after the idle time; false when the channel is closed and empty.
    private async Task<bool> WaitForHitAsync(CancellationToken stop)
    {
        using var idle = new CancellationTokenSource(IdleFor, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stop);
        try
        {
            return await hits.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return true;
        }
    }

    private void Drain()
    {
        while (!IsFull && hits.Reader.TryRead(out var hit))
        {
            _unread--;
            var batch = BatchOf(hit.TimeMs);
            if (batch is not null && HitEncoder.TryWrite(batch.Rows, hit))
            {
                _rows++;
                continue;
            }
            losses.Count(LossReason.RowRefused, hit.Site);
            log.HitNotEncodable(hit.Site.Value, hit.TimeMs);
        }
    }

    private HitBatch? BatchOf(long timeMs)
    {
        if (!HitEncoder.CanHoldTime(timeMs))
            return null;
        int month = HitEncoder.MonthOf(timeMs);
        foreach (var open in _open)
        {
            if (open.Month == month)
                return open;
        }
        var batch = new HitBatch($"{_run}-{++_batches}", month, time.GetTimestamp());
        _open.Add(batch);
        return batch;
    }

    private async Task SendOpenAsync(ChannelWriter<HitBatch> batches, CancellationToken stop)
    {
        if (_open.Count == 0)
            _open.Add(new HitBatch($"{_run}-{++_batches}", 0, time.GetTimestamp()));  // carries the watermark only
        if (_unread <= 0)
        {
            _open[^1].CompleteUntil = _mark;
            SetMark();
        }
        while (_open.Count > 0)
        {
            await batches.WriteAsync(_open[0], stop);
            metrics.BatchMade();
            _open.RemoveAt(0);
        }
        _rows = 0;
    }

    // The time first: a hit that comes in between is read although it need not be, never the other way round.
    private void SetMark()
    {
        _mark = time.GetUtcNow();
        _unread = hits.Waiting;
    }
}
