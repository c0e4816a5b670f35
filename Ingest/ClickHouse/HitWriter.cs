using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;
using Weir.Ingest.Spool;

namespace Weir.Ingest.ClickHouse;

/// <summary>The background service between the channel and ClickHouse: hits → batches → stored, each once, or counted as lost.</summary>
/// <remarks>
/// One loop makes batches, and each lane has one that stores them: one lane for a server, one for each shard of a cluster. While ClickHouse is away,
/// batches go to a spool on disk (<see cref="BatchDelivery"/>). Without one the lane's queue fills, then the channel, and then losses are counted: memory has
/// a bound.
/// </remarks>
internal sealed class HitWriter : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportWhenIdle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastReportWithin = TimeSpan.FromSeconds(2);

    private readonly HitChannel _hits;
    private readonly HitBatcher _batcher;
    private readonly WriterLane[] _lanes;
    private readonly Watermark _watermark;
    private readonly WriterReports _reports;
    private readonly LossCounters _losses;
    private readonly IngestMetrics _metrics;
    private readonly IngestOptions _options;
    private readonly ILogger<HitWriter> _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _stopReports = new();
    private readonly CancellationTokenSource _stopReplay = new();
    private Task _work = Task.CompletedTask;
    private Task _replay = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;

    public HitWriter(HitChannel hits, LossCounters losses, ClickHouseConnections connections, IngestOptions options,
        IngestMetrics metrics, ILogger<HitWriter> log, TimeProvider time)
    {
        (_hits, _losses, _options, _metrics, _log, _time) = (hits, losses, options, metrics, log, time);
        _watermark = new Watermark(time.GetUtcNow());
        var shards = connections.Endpoint.Shards;
        _lanes = shards.Count == 0 ? [new WriterLane(connections, connections, _watermark, losses, options, metrics, log, time)]
            : [.. shards.Select((shard, i) => new WriterLane(connections, new ClickHouseConnections(shard), _watermark, losses, OfShard(options, i, shards.Count), metrics, log, time))];
        _batcher = new HitBatcher([.. _lanes.Select(l => l.Batches)], hits, _watermark, losses, options, metrics, log, time);
        _reports = new WriterReports(connections, losses, hits, options, log, time);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        OpenSpools();
        _work = Task.WhenAll(
            [Task.Run(() => _batcher.RunAsync(_abort.Token), CancellationToken.None), .. _lanes.Select(l => Task.Run(() => l.TakeAllAsync(_abort.Token), CancellationToken.None))]);
        _replay = Task.WhenAll(_lanes.Select(l => Task.Run(() => l.ReplayAllAsync(_stopReplay.Token, _abort.Token), CancellationToken.None)));
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
        foreach (var lane in _lanes)
            lane.Dispose();
        _reports.Dispose();
        _abort.Dispose();
        _stopReports.Dispose();
        _stopReplay.Dispose();
        return ValueTask.CompletedTask;
    }

    // Folders and bounds of their own, so that what one shard's absence takes is no other's.
    private static IngestOptions OfShard(IngestOptions options, int shard, int shards) => options with
    {
        SpoolFolder = options.SpoolFolder is { } folder ? Path.Combine(folder, $"shard-{shard + 1}-of-{shards}") : null,
        SpoolBytesMax = options.SpoolBytesMax / shards,
    };

    // A batch holds hits of one shard: with another number of shards they would go to servers where nobody looks for them.
    private void WarnOfOtherShards()
    {
        if (_options.SpoolFolder is not { } folder || !Directory.Exists(folder))
            return;
        HashSet<string> ours = new(_lanes.Select(l => l.SpoolFolder!), StringComparer.Ordinal);
        foreach (string other in Directory.GetDirectories(folder).Append(folder).Where(f => !ours.Contains(f)))
        {
            if (Directory.EnumerateFiles(other, "*" + SpoolSegment.Suffix).Any())
                _log.SpoolOfOtherShards(other);
        }
    }

    private void OpenSpools()
    {
        WarnOfOtherShards();
        var left = _lanes.SelectMany(l => l.OpenSpool(_hits, _metrics)).ToList();
        foreach (var spooled in left)
        {
            _watermark.StartAt(DateTimeOffset.FromUnixTimeMilliseconds(spooled.Record.WatermarkMs));
            spooled.Mark = _watermark.Begin(spooled == left[^1] ? _time.GetUtcNow() : null);
        }
        BatchSpool[] spools = [.. _lanes.Select(l => l.Spool).OfType<BatchSpool>()];
        if (spools.Length > 0)
            _metrics.Watch(spools);
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
        foreach (var lane in _lanes)
            lane.CountRestAsLost();
        _batcher.CountOpenAsLost(LossReason.ShutdownTimeout);
    }

    // Everything handed over is stored or counted by now, unless it waits on disk.
    private async Task ReportLastAsync()
    {
        using var bound = new CancellationTokenSource(LastReportWithin, _time);
        try
        {
            bool isDone = _lanes.All(l => l.Spool is null or { Batches: 0 });
            await _reports.TryReportAsync(isDone ? _time.GetUtcNow() : _watermark.Value, isStopped: isDone, bound.Token);
        }
        catch (OperationCanceledException)
        {
            _log.ReportFailed("ClickHouse took too long to answer.");
        }
    }
}
