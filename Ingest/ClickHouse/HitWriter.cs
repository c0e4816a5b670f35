using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;
using Weir.Ingest.Schema;
using Weir.Ingest.Spool;

namespace Weir.Ingest.ClickHouse;

/// <summary>The background service between the channel and ClickHouse: hits → batches → stored, each once, or counted as lost.</summary>
/// <remarks>
/// Two loops with a short queue of batches between them. While ClickHouse is away, batches go to a spool on disk (<see cref="BatchDelivery"/>).
/// Without one the queue fills, then the channel, and then losses are counted: memory has a bound.
/// </remarks>
internal sealed class HitWriter : IHostedService, IAsyncDisposable
{
    // One being sent, one ready, one being made. More would only be more memory: the channel is the waiting room.
    private const int QueuedBatches = 1;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportWhenIdle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastReportWithin = TimeSpan.FromSeconds(2);

    private readonly HitChannel _hits;
    private readonly ClickHouseConnections _connections;
    private readonly HitBatcher _batcher;
    private readonly BatchSender _sender;
    private readonly ViewCheck _views;
    private readonly Watermark _watermark;
    private readonly WriterReports _reports;
    private readonly LossCounters _losses;
    private readonly IngestMetrics _metrics;
    private readonly IngestOptions _options;
    private readonly ILogger<HitWriter> _log;
    private readonly TimeProvider _time;
    private readonly Channel<HitBatch> _batches = Channel.CreateBounded<HitBatch>(QueuedBatches);
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _stopReports = new();
    private readonly CancellationTokenSource _stopReplay = new();
    private Task _work = Task.CompletedTask;
    private Task _replay = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;
    private BatchSpool? _spool;
    private BatchDelivery? _delivery;

    public HitWriter(HitChannel hits, LossCounters losses, ClickHouseConnections connections, IngestOptions options,
        IngestMetrics metrics, ILogger<HitWriter> log, TimeProvider time)
    {
        (_hits, _losses, _connections, _options, _metrics, _log, _time) = (hits, losses, connections, options, metrics, log, time);
        _batcher = new HitBatcher(hits, losses, options, metrics, log, time);
        var inserter = new HitInserter(connections);
        _sender = new BatchSender(inserter, new StoredRows(connections), new ViewRepair(connections, inserter, log, time), losses, metrics, log, time);
        _views = new ViewCheck(connections, log, time);
        _reports = new WriterReports(connections, losses, hits, options, log, time);
        _watermark = new Watermark(time.GetUtcNow());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        OpenSpool();
        _work = Task.WhenAll(
            Task.Run(() => _batcher.RunAsync(_batches.Writer, _abort.Token), CancellationToken.None),
            Task.Run(_delivery is { } delivery ? () => delivery.TakeAllAsync(_batches.Reader, _abort.Token) : SendAllAsync, CancellationToken.None));
        _replay = _delivery is null ? Task.CompletedTask : Task.Run(ReplayAllAsync, CancellationToken.None);
        _reporting = Task.Run(ReportUntilStoppedAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Stores what waits, or puts it on disk, for as long as <see cref="IngestOptions.DrainTimeout"/>, and counts the rest as lost.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _hits.Close();
        try
        {
            await _work.WaitAsync(_options.DrainTimeout, _time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await _abort.CancelAsync();
            await _work.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            CountRestAsLost();
        }
        await StopReplayAsync();
        await _stopReports.CancelAsync();
        await _reporting;
        await ReportLastAsync();
        _log.WriterStopped(_metrics.StoredTotal, _losses.Total);
    }

    public ValueTask DisposeAsync()
    {
        _reports.Dispose();
        _delivery?.Dispose();
        _spool?.Dispose();
        _stopReplay.Dispose();
        _abort.Dispose();
        _stopReports.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task SendAllAsync()
    {
        await PrepareStoreAsync(_abort.Token);
        await foreach (var batch in _batches.Reader.ReadAllAsync(_abort.Token))
        {
            using (batch)
                await _sender.SendAsync(batch, _abort.Token);
            _watermark.End(_watermark.Begin(batch.CompleteUntil));
        }
    }

    // A spool that cannot be used is no reason not to serve, nor to lose what memory can hold.
    private void OpenSpool()
    {
        if (_options is not { SpoolFolder: { } folder, SpoolBytesMax: > 0 })
            return;
        try
        {
            _spool = BatchSpool.Open(folder, _options.SpoolBytesMax, _losses, _log, _time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.SpoolNotOpened(folder, e.Message.TrimEnd('.'));
            return;
        }
        var left = _spool.Waiting();
        foreach (var spooled in left)
        {
            _watermark.StartAt(DateTimeOffset.FromUnixTimeMilliseconds(spooled.Record.WatermarkMs));
            spooled.Mark = _watermark.Begin(spooled == left[^1] ? _time.GetUtcNow() : null);
        }
        _metrics.Watch(_spool);
        _delivery = new BatchDelivery(_spool, _sender, _hits, _watermark, _losses, _metrics, _options, _log, _time);
    }

    private async Task ReplayAllAsync()
    {
        try
        {
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(_stopReplay.Token, _abort.Token))
                await PrepareStoreAsync(either.Token);
            _delivery!.Begin();
            await _delivery.ReplayAllAsync(_stopReplay.Token, _abort.Token);
        }
        catch (OperationCanceledException)
        {
            // What is on disk stays there.
        }
    }

    private async Task StopReplayAsync()
    {
        await _stopReplay.CancelAsync();
        // The batch under way may end; after that it is on disk as before.
        await Task.WhenAny(_replay, Task.Delay(LastReportWithin, _time));
        if (!_replay.IsCompleted)
            await _abort.CancelAsync();
        await _replay;
    }

    // Before the first insert: the schema, and the views that an earlier run may have left behind their table.
    private async Task PrepareStoreAsync(CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            try
            {
                int applied = _options.AppliesSchema ? await SchemaMigrator.ApplyAsync(_connections, Migration.All, _time, stop) : 0;
                if (applied > 0)
                    _log.SchemaApplied(applied, SchemaMigrator.LatestVersion);
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

    private async Task ReportUntilStoppedAsync()
    {
        using var timer = new PeriodicTimer(ReportEvery, _time);
        var (stored, lost, reportedAt) = (0L, 0L, _time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(_stopReports.Token))
            {
                bool hasNews = _metrics.StoredTotal != stored || _losses.Total != lost;
                if (!hasNews && _time.GetElapsedTime(reportedAt) < ReportWhenIdle)
                    continue;
                var (storedBefore, lostBefore) = (_metrics.StoredTotal, _losses.Total);
                if (await _reports.TryReportAsync(_watermark.Value, isStopped: false, _stopReports.Token))
                    (stored, lost, reportedAt) = (storedBefore, lostBefore, _time.GetTimestamp());
            }
        }
        catch (OperationCanceledException)
        {
            // The last report follows in StopAsync.
        }
    }

    private void CountRestAsLost()
    {
        while (_batches.Reader.TryRead(out var batch))
        {
            using (batch)
                batch.CountLost(_losses, LossReason.ShutdownTimeout, 0, batch.Rows.Rows);
        }
        _batcher.CountOpenAsLost(LossReason.ShutdownTimeout);
    }

    // Everything handed over is stored or counted by now, unless it waits on disk.
    private async Task ReportLastAsync()
    {
        using var bound = new CancellationTokenSource(LastReportWithin, _time);
        try
        {
            bool isDone = _spool is null or { Batches: 0 };
            await _reports.TryReportAsync(isDone ? _time.GetUtcNow() : _watermark.Value, isStopped: isDone, bound.Token);
        }
        catch (OperationCanceledException)
        {
            _log.ReportFailed("ClickHouse took too long to answer.");
        }
    }
}
