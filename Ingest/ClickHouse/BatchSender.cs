using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;

namespace Weir.Ingest.ClickHouse;

/// <summary>Stores batches, however long that takes: tries again while ClickHouse is away, and loses only rows that it refuses.</summary>
/// <remarks><paramref name="views"/> is null for a shard: replicated tables note a token and keep its block in one step, so that a repeat needs no check, and one
/// replica may not have yet what another has taken.</remarks>
internal sealed class BatchSender(
    HitInserter inserter, StoredRows rows, ViewRepair? views, LossCounters losses, IngestMetrics? metrics, ILogger log, TimeProvider time, int attemptsMax = int.MaxValue)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>So many rows refused one by one, and none taken: the table is wrong, not the rows, and trying again loses none.</summary>
    internal const int RefusalsOfAll = 64;

    /// <summary>Returns when every row is stored or counted as refused.</summary>
    /// <returns>Rows stored.</returns>
    /// <exception cref="StoreException">As many attempts as allowed have failed. Rows of the batch may be stored; none is counted.</exception>
    /// <exception cref="OperationCanceledException">Stopped; rows that are not known to be stored have been counted as lost.</exception>
    public async Task<int> SendAsync(HitBatch batch, CancellationToken stop)
    {
        if (batch.Rows.Rows == 0)
            return 0;
        // What is still to be stored, the next part on top. A refused part is replaced by its halves.
        var parts = new Stack<Part>([Whole(batch)]);
        var tally = new Tally();
        try
        {
            await StoreAndJudgeAsync(batch, parts, tally, stop);
        }
        catch (OperationCanceledException)
        {
            foreach (var part in parts)
                batch.CountLost(losses, LossReason.ShutdownTimeout, part.FirstRow, part.Rows);
            throw;
        }
        finally
        {
            CountRefused(batch, tally);
            metrics?.Stored(tally.Stored, time.GetElapsedTime(batch.StartedAt));
        }
        return tally.Stored;
    }

    /// <summary>One attempt at a batch that can wait elsewhere. Returns when every row is stored or counted as refused.</summary>
    /// <param name="batch">With at least one row.</param>
    /// <param name="wasTried">Whether it was sent before, in this run or an earlier one: rows that are stored are then found and not sent.</param>
    /// <param name="stop">Ends the attempt; nothing is counted then.</param>
    /// <exception cref="StoreException">ClickHouse cannot now. Rows of the batch may be stored; none is counted as lost.</exception>
    public async Task SendOnceAsync(HitBatch batch, bool wasTried, CancellationToken stop)
    {
        var parts = new Stack<Part>();
        var tally = new Tally { IsOnly = true, IsRepeat = wasTried };
        try
        {
            if (wasTried)
                await SortOutAsync(batch, parts, tally, stop);
            else
                parts.Push(Whole(batch));
            await StoreAndJudgeAsync(batch, parts, tally, stop);
            CountRefused(batch, tally);
            metrics?.Stored(tally.Stored + tally.Found, time.GetElapsedTime(batch.StartedAt));
        }
        catch (Exception e) when (e is not StoreException && !stop.IsCancellationRequested)
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    private static Part Whole(HitBatch batch) => new(0, batch.Rows.Rows, batch.Id);

    private async Task StoreAndJudgeAsync(HitBatch batch, Stack<Part> parts, Tally tally, CancellationToken stop)
    {
        await StorePartsAsync(batch, parts, tally, stop);
        // A table that was mended meanwhile takes what it refused before: only a row refused twice is the row's own fault.
        for (int refused = 0; tally.Refused.Count != refused;)
        {
            refused = tally.Refused.Count;
            foreach (int row in tally.Refused)
                parts.Push(new Part(row, 1, $"{batch.Id}-{row}"));
            tally.Refused.Clear();
            await StorePartsAsync(batch, parts, tally, stop);
        }
    }

    // What an attempt stored is what a part holds, all or nothing: the same halves are made again, so that each is sent under its old token.
    private async Task SortOutAsync(HitBatch batch, Stack<Part> parts, Tally tally, CancellationToken stop)
    {
        metrics?.Retried();
        var isStored = await rows.FindAsync(batch, stop);
        var unsorted = new Stack<Part>([Whole(batch)]);
        List<Part> missing = [];
        while (unsorted.TryPop(out var part))
        {
            int found = isStored.AsSpan(part.FirstRow, part.Rows).Count(true);
            if (found == 0)
            {
                missing.Add(part);
            }
            else if (found == part.Rows)
            {
                if (views is not null)
                    await views.EnsureAsync(batch, part.FirstRow, part.Rows, part.Token, stop);
                tally.Found += found;
            }
            else
            {
                Halve(unsorted, part);
            }
        }
        foreach (var part in Enumerable.Reverse(missing))
            parts.Push(part);
    }

    private void CountRefused(HitBatch batch, Tally tally)
    {
        foreach (int row in tally.Refused)
            batch.CountLost(losses, LossReason.RowRefused, row, 1);
        if (tally.Refused.Count > 0)
            log.RowsRefused(tally.Refused.Count, batch.Rows.Rows, batch.Id, tally.LastRefusal);
    }

    private async Task StorePartsAsync(HitBatch batch, Stack<Part> parts, Tally tally, CancellationToken stop)
    {
        while (parts.TryPeek(out var part))
        {
            bool isRefused = await StoreAsync(batch, part, tally, stop);
            parts.Pop();
            if (isRefused && part.Rows == 1)
                tally.Refused.Add(part.FirstRow);
            else if (isRefused)
                Halve(parts, part);
            else
                tally.Stored += part.Rows;
            if (tally is { Stored: 0, Found: 0, Refused.Count: >= RefusalsOfAll })
                await StartAgainAsync(batch, parts, tally, stop);
        }
    }

    // True when ClickHouse refuses a row among them; false when all are stored. Returns for nothing else.
    private async Task<bool> StoreAsync(HitBatch batch, Part part, Tally tally, CancellationToken stop)
    {
        var wait = FirstWait;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await inserter.InsertAsync(batch, part.FirstRow, part.Rows, part.Token, stop);
                if (attempt == 1 && !tally.IsRepeat)
                    return false;
                if (views is not null)
                    await EnsureStoredAsync(batch, part, views, stop);
                if (attempt > 1)
                    log.InsertRecovered(batch.Id, attempt);
                return false;
            }
            // Whatever went wrong, a defect of ours included, the rows are kept and tried again.
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                if (InsertFailure.KindOf(e) == InsertFailureKind.ContentRefused && !await IsStoredAsync(batch, part, stop))
                {
                    tally.LastRefusal = InsertFailure.Sentence(e);
                    return true;
                }
                if (tally.IsOnly || attempt >= attemptsMax)
                    throw new StoreException(InsertFailure.Sentence(e), e);
                metrics?.Retried();
                log.InsertFailed(batch.Id, part.Rows, attempt, InsertFailure.Sentence(e), wait);
                await Task.Delay(wait, time, stop);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    // A server that died between noting the token and keeping the rows says yes to the repeat and has nothing; its views, which saw the
    // repeat, may well have it.
    private async Task EnsureStoredAsync(HitBatch batch, Part part, ViewRepair views, CancellationToken stop)
    {
        if (!await inserter.IsStoredAsync(batch, part.FirstRow, stop))
        {
            log.BatchNotFound(batch.Id);
            await inserter.InsertWithoutViewsAsync(batch, part.FirstRow, part.Rows, stop);
        }
        await views.EnsureAsync(batch, part.FirstRow, part.Rows, part.Token, stop);
    }

    // A view behind the table may refuse what the table has taken: halves would then be stored twice.
    private async Task<bool> IsStoredAsync(HitBatch batch, Part part, CancellationToken stop)
    {
        try
        {
            return await inserter.IsStoredAsync(batch, part.FirstRow, stop);
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e) && !stop.IsCancellationRequested)
        {
            return true;  // not known: try the same again
        }
    }

    private static void Halve(Stack<Part> parts, Part part)
    {
        int half = part.Rows / 2;
        parts.Push(new Part(part.FirstRow + half, part.Rows - half, part.Token + "b"));
        parts.Push(new Part(part.FirstRow, half, part.Token + "a"));
    }

    private async Task StartAgainAsync(HitBatch batch, Stack<Part> parts, Tally tally, CancellationToken stop)
    {
        if (tally.IsOnly || attemptsMax != int.MaxValue)
            throw new StoreException($"ClickHouse refuses every row: {tally.LastRefusal}");
        log.EveryRowRefused(tally.Refused.Count, batch.Id, tally.LastRefusal, LongestWait);
        tally.Refused.Clear();
        parts.Clear();
        parts.Push(new Part(0, batch.Rows.Rows, batch.Id));
        metrics?.Retried();
        await Task.Delay(LongestWait, time, stop);
    }

    private readonly record struct Part(int FirstRow, int Rows, string Token);

    private sealed class Tally
    {
        public int Stored;
        public int Found;         // stored by an earlier attempt
        public bool IsOnly;       // one attempt, then the batch waits elsewhere
        public bool IsRepeat;     // sent before this attempt
        public readonly List<int> Refused = [];
        public string LastRefusal = "";
    }
}
