using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;
using Weir.Ingest.Spool;

namespace Weir.Ingest.ClickHouse;

/// <summary>Brings batches to disk and to ClickHouse; while it is away or slow they wait on disk, and go from there to ClickHouse, oldest first.</summary>
/// <remarks>
/// One batch is under way at a time. Whoever wants to send waits for its turn, and turns are given in the order asked: while batches wait on
/// disk, new ones and these alternate, so that neither starves. A batch that finds no turn in time waits on disk. The one under way is there too, from
/// before it was sent: a kill of this program costs what no batch held yet, and what the store had of it is found out at the next start.
/// </remarks>
internal sealed class BatchDelivery(
    BatchSpool spool, BatchSender sender, HitChannel hits, Watermark watermark, LossCounters losses, IngestMetrics metrics,
    IngestOptions options, ILogger log, TimeProvider time) : IDisposable
{
    // An insert takes some tens of milliseconds. One that takes this long may take minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // Taken until the store is known to have its schema.
    private readonly SemaphoreSlim _turn = new(0, 1);
    private Direct? _direct;
    private Task _sending = Task.CompletedTask;
    private volatile bool _isAway;  // the last attempt failed; somebody tries again until one does not

    /// <summary>Lets batches out: the store has its schema.</summary>
    public void Begin()
    {
        StoreAnswers();
        _turn.Release();
    }

    /// <summary>Batches go to disk at once until one could be sent.</summary>
    public void StoreIsAway(string why)
    {
        if (!_isAway)
            log.StoreAway(why, options.SpoolFolder!);
        _isAway = true;
    }

    /// <summary>Takes new batches until no more come, and returns when each is stored, on disk or counted.</summary>
    public async Task TakeAllAsync(ChannelReader<HitBatch> batches, CancellationToken abort)
    {
        try
        {
            await foreach (var batch in batches.ReadAllAsync(abort))
                await TakeAsync(new Direct(batch, batch.Mark!), abort);
        }
        finally
        {
            while (batches.TryRead(out var batch))
                Abandon(new Direct(batch, batch.Mark!));
            await _sending;
        }
    }

    /// <summary>Sends what waits on disk, until <paramref name="stop"/>; what then waits still is for the next run.</summary>
    public async Task ReplayAllAsync(CancellationToken stop, CancellationToken abort)
    {
        var wait = FirstWait;
        while (true)
        {
            await spool.WaitForBatchAsync(stop);
            while (spool.Oldest() is not null)
            {
                await _turn.WaitAsync(stop);
                bool isSent;
                try
                {
                    isSent = await ReplayOldestAsync(abort);
                }
                finally
                {
                    _turn.Release();
                }
                if (!isSent)
                    await Task.Delay(wait, time, stop);
                wait = isSent ? FirstWait : wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task TakeAsync(Direct taken, CancellationToken abort)
    {
        if (taken.Batch.Rows.Rows == 0)
        {
            End(taken);
            return;
        }
        try
        {
            while (true)
            {
                if (!_isAway && !IsStuck && await TryTakeTurnAsync(abort))
                {
                    TryKeep(taken, wasTried: true);
                    _direct = taken;
                    _sending = Task.Run(() => SendAsync(taken, abort), CancellationToken.None);
                    return;
                }
                NoteSlow();
                if (TryKeep(taken, wasTried: false))
                {
                    taken.Batch.Dispose();
                    return;
                }
                // No room on disk. A store that is only slow is waited for: the channel is the waiting room then.
                if (_isAway)
                {
                    Lose(taken, LossReason.SpoolFull);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Abandon(taken);
            throw;
        }
    }

    private void NoteSlow()
    {
        if (_direct is not { IsOver: false, IsSlow: false } direct)
            return;
        direct.IsSlow = true;
        if (!_isAway)
            log.StoreSlow(options.SpoolFolder!);
    }

    // The batch under way took so long that another had no turn: the next ones need not find that out again.
    private bool IsStuck => _direct is { IsOver: false, IsSlow: true };

    // False when it takes too long, or hits pile up.
    private async Task<bool> TryTakeTurnAsync(CancellationToken abort)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(abort);
        var turn = _turn.WaitAsync(giveUp.Token);
        long started = time.GetTimestamp();
        while (!turn.IsCompleted && !_isAway && time.GetElapsedTime(started) < Patience && hits.Waiting <= options.ChannelCapacity / 2)
            await Task.WhenAny(turn, Task.Delay(LookEvery, time, CancellationToken.None));
        await giveUp.CancelAsync();
        try
        {
            await turn;
            return true;
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return false;
        }
    }

    // Holds the turn. Never throws.
    private async Task SendAsync(Direct direct, CancellationToken abort)
    {
        var wait = FirstWait;
        try
        {
            for (bool wasTried = false; ; wasTried = true)
            {
                try
                {
                    await sender.SendOnceAsync(direct.Batch, wasTried, abort);
                    StoreAnswers();
                    break;
                }
                catch (StoreException e)
                {
                    StoreIsAway(e.Message);
                }
                if (TryKeep(direct, wasTried: true))
                    return;
                await Task.Delay(wait, time, abort);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
            End(direct);
        }
        catch (OperationCanceledException)
        {
            if (!TryKeep(direct, wasTried: true))
                Lose(direct, LossReason.ShutdownTimeout);
        }
        finally
        {
            direct.IsOver = true;
            direct.Batch.Dispose();
            _turn.Release();
        }
    }

    // Holds the turn.
    private async Task<bool> ReplayOldestAsync(CancellationToken abort)
    {
        if (spool.Oldest() is not { } oldest)
            return true;
        using var batch = spool.Read(oldest);
        if (batch is not null)
        {
            try
            {
                await sender.SendOnceAsync(batch, oldest.WasTried, abort);
            }
            catch (StoreException e)
            {
                oldest.WasTried = true;
                StoreIsAway(e.Message);
                return false;
            }
            spool.Acknowledge(oldest);
            metrics.Replayed();
            StoreAnswers();
        }
        watermark.End(oldest.Mark!);
        return true;
    }

    private void StoreAnswers()
    {
        if (_isAway)
            log.StoreBack(spool.Batches);
        _isAway = false;
    }

    private bool TryKeep(Direct direct, bool wasTried) =>
        (direct.Kept ??= spool.TryAppend(direct.Batch, wasTried, watermark.Value, direct.Mark)) is not null;

    private void End(Direct direct)
    {
        direct.IsOver = true;
        if (direct.Kept is { } kept)
            spool.Acknowledge(kept);
        direct.Batch.Dispose();
        watermark.End(direct.Mark);
    }

    // There is no time left to send it.
    private void Abandon(Direct direct)
    {
        if (direct.Batch.Rows.Rows == 0)
            End(direct);
        else if (TryKeep(direct, wasTried: false))
            direct.Batch.Dispose();
        else
            Lose(direct, LossReason.ShutdownTimeout);
    }

    private void Lose(Direct direct, LossReason reason)
    {
        direct.Batch.CountLost(losses, reason, 0, direct.Batch.Rows.Rows);
        End(direct);
    }

    // A batch that came from memory: the loop's until it is sent, the sending task's from then on.
    private sealed class Direct(HitBatch batch, Watermark.Mark mark)
    {
        private volatile bool _isOver;

        public HitBatch Batch { get; } = batch;

        public Watermark.Mark Mark { get; } = mark;

        public SpooledBatch? Kept { get; set; }

        // Looked at by the loop while the task sends.
        public bool IsOver { get => _isOver; set => _isOver = value; }

        public bool IsSlow { get; set; }
    }
}
