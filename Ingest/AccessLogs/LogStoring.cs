using Microsoft.Extensions.Logging;
using Weir.Detection;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.AccessLogs;

/// <summary>The second stage of an import: rows that the store does not have are stored, then the logs' positions are kept. For one thread at a time.</summary>
internal sealed class LogStoring(SiteId site, LogPositions? positions, LossCounters losses, ILogger log, TimeProvider time)
{
    // Eight attempts are about 12 seconds: a child that crashed is back in less.
    private const int AttemptsMax = 8;

    private Way? _way;

    /// <summary>Hits that are in the store because of this import.</summary>
    public long Stored { get; private set; }

    /// <summary>Lines whose hits were in the store before.</summary>
    public long AlreadyStored { get; private set; }

    /// <summary>Stores batches and keeps the positions behind them. May be called again with the same when it failed.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task StoreAsync(ClickHouseConnections connections, ReadBatches read, CancellationToken stop)
    {
        if (_way?.Connections != connections)
            _way = NewWay(connections);
        var (_, storedHits, views, sender) = _way;
        for (; read.Done < read.Batches.Count; read.Done++)
        {
            using var alone = positions is null ? null : await positions.HoldAsync(site, time, stop);
            var batch = read.Batches[read.Done];
            var stored = await storedHits.FindAsync(batch, stop);
            if (read.WasTried)
                await MendAsync(views, batch, stored, stop);
            // Under a token that was used before, the server may take rows for known that it does not have.
            using var rest = stored.Count == 0 && !read.WasTried ? null : Part(batch, row => !stored.Contains(row));
            Stored += await sender.SendAsync(rest ?? batch, stop);
            if (read.WasTried && rest is { Rows.Rows: > 0 })
                await views.EnsureAsync(rest, 0, rest.Rows.Rows, rest.Id, stop);
            AlreadyStored += stored.Count;
        }
        foreach (var named in read.Positions)
            positions?.Save(site, named.Name, named.Positions);
    }

    private Way NewWay(ClickHouseConnections connections)
    {
        var inserter = new HitInserter(connections);
        var views = new ViewRepair(connections, inserter, log, time);
        return new Way(connections, new StoredHits(connections), views,
            new BatchSender(inserter, new StoredRows(connections), views, losses, metrics: null, log, time, AttemptsMax));
    }

    // A server that was killed may have a batch in its table and not in a view.
    private static async Task MendAsync(ViewRepair views, HitBatch batch, HashSet<int> stored, CancellationToken stop)
    {
        using var found = Part(batch, stored.Contains);
        if (found.Rows.Rows > 0)
            await views.EnsureAsync(found, 0, found.Rows.Rows, found.Id, stop);
    }

    private static HitBatch Part(HitBatch batch, Func<int, bool> isOfIt)
    {
        var part = new HitBatch($"{batch.Id}-{Guid.NewGuid():n}", batch.Month, batch.StartedAt);
        for (int row = 0; row < batch.Rows.Rows; row++)
        {
            if (isOfIt(row))
                part.Rows.CopyRow(batch.Rows, row);
        }
        return part;
    }

    private sealed record Way(ClickHouseConnections Connections, StoredHits StoredHits, ViewRepair Views, BatchSender Sender);
}
