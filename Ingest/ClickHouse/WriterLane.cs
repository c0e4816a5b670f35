using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;
using Weir.Ingest.Schema;
using Weir.Ingest.Spool;

namespace Weir.Ingest.ClickHouse;

/// <summary>The way of batches to one server, or to one shard of a cluster: a shard that is away holds up no other.</summary>
internal sealed class WriterLane : IDisposable
{
    // One being sent, one ready, one being made. More would only be more memory: the channel is the waiting room.
    private const int QueuedBatches = 1;

    private readonly ClickHouseConnections _connections;
    private readonly ClickHouseConnections _schema;
    private readonly BatchSender _sender;
    private readonly ViewCheck? _views;
    private readonly Watermark _watermark;
    private readonly LossCounters _losses;
    private readonly IngestOptions _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Channel<HitBatch> _batches = Channel.CreateBounded<HitBatch>(QueuedBatches);
    private BatchDelivery? _delivery;

    /// <param name="schema">Where the schema stands: of a cluster, the database that is read.</param>
    /// <param name="connections">Where batches go.</param>
    /// <param name="watermark">Told when a batch is stored or counted.</param>
    /// <param name="losses">Where losses are counted.</param>
    /// <param name="options">With this lane's own folder and bound of the spool.</param>
    /// <param name="metrics">Counts what is stored.</param>
    /// <param name="log">Retries and refused rows.</param>
    /// <param name="time">Clock of waits.</param>
    public WriterLane(ClickHouseConnections schema, ClickHouseConnections connections, Watermark watermark, LossCounters losses, IngestOptions options,
        IngestMetrics metrics, ILogger log, TimeProvider time)
    {
        (_schema, _connections, _watermark, _losses, _options, _log, _time) = (schema, connections, watermark, losses, options, log, time);
        var inserter = new HitInserter(connections);
        var views = schema.Endpoint.IsCluster ? null : new ViewRepair(connections, inserter, log, time);
        _views = schema.Endpoint.IsCluster ? null : new ViewCheck(connections, log, time);
        _sender = new BatchSender(inserter, new StoredRows(connections), views, losses, metrics, log, time);
    }

    /// <summary>Where new batches are put.</summary>
    public ChannelWriter<HitBatch> Batches => _batches.Writer;

    /// <summary>Where batches wait on disk; null for nowhere.</summary>
    public string? SpoolFolder => _options.SpoolFolder;

    /// <summary>The batches that wait on disk; null without a spool.</summary>
    public BatchSpool? Spool { get; private set; }

    /// <summary>Opens the spool, where one is asked for. One that cannot be used is no reason not to serve, nor to lose what memory can hold.</summary>
    /// <returns>What an earlier run left in it, oldest first.</returns>
    public IReadOnlyList<SpooledBatch> OpenSpool(HitChannel hits, IngestMetrics metrics)
    {
        if (_options is not { SpoolFolder: { } folder, SpoolBytesMax: > 0 })
            return [];
        try
        {
            Spool = BatchSpool.Open(folder, _options.SpoolBytesMax, _losses, _log, _time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.SpoolNotOpened(folder, e.Message.TrimEnd('.'));
            return [];
        }
        _delivery = new BatchDelivery(Spool, _sender, hits, _watermark, _losses, metrics, _options, _log, _time);
        return Spool.Waiting();
    }

    /// <summary>Takes new batches until no more come, and returns when each is stored, on disk or counted.</summary>
    public Task TakeAllAsync(CancellationToken abort) => _delivery is { } delivery ? delivery.TakeAllAsync(_batches.Reader, abort) : SendAllAsync(abort);

    /// <summary>Sends what waits on disk, until <paramref name="stop"/>; what then waits still is for the next run.</summary>
    public async Task ReplayAllAsync(CancellationToken stop, CancellationToken abort)
    {
        if (_delivery is null)
            return;
        try
        {
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(stop, abort))
                await PrepareStoreAsync(either.Token);
            _delivery.Begin();
            await _delivery.ReplayAllAsync(stop, abort);
        }
        catch (OperationCanceledException)
        {
            // What is on disk stays there.
        }
    }

    /// <summary>Counts as lost what nobody has taken.</summary>
    public void CountRestAsLost()
    {
        while (_batches.Reader.TryRead(out var batch))
        {
            using (batch)
                batch.CountLost(_losses, LossReason.ShutdownTimeout, 0, batch.Rows.Rows);
        }
    }

    /// <summary>Closes what it opened; the connections to the schema's database are another's.</summary>
    public void Dispose()
    {
        _delivery?.Dispose();
        Spool?.Dispose();
        if (_connections != _schema)
            _connections.Dispose();
    }

    private async Task SendAllAsync(CancellationToken abort)
    {
        await PrepareStoreAsync(abort);
        await foreach (var batch in _batches.Reader.ReadAllAsync(abort))
        {
            using (batch)
                await _sender.SendAsync(batch, abort);
            _watermark.End(batch.Mark!);
        }
    }

    // Before the first insert: the schema, and the views that an earlier run may have left behind their table.
    private async Task PrepareStoreAsync(CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            try
            {
                int applied = !_options.AppliesSchema ? 0 : await SchemaMigrator.ApplyAsync(_schema, Migration.All, _time, stop);
                if (applied > 0)
                    _log.SchemaApplied(applied, SchemaMigrator.LatestVersion);
                if (_views is not null)
                    await _views.AfterRunAsync(_options.Edge, stop);
                return;
            }
            catch (Exception e) when ((e is SchemaException || InsertFailure.IsOfStore(e)) && !stop.IsCancellationRequested)
            {
                _log.SchemaNotApplied(InsertFailure.Sentence(e), wait);
                _delivery?.StoreIsAway(InsertFailure.Sentence(e));
                await Task.Delay(wait, _time, stop);
                wait = wait.TotalSeconds < 5 ? wait * 2 : wait;
            }
        }
    }
}
