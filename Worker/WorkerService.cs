using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Worker.Engines;
using Weir.Worker.Scans;

namespace Weir.Worker;

/// <summary>Scans for as long as the program runs: one lane for each engine. Many workers may run beside each other, on any machines.</summary>
public sealed class WorkerService : BackgroundService
{
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkerService> _log;
    private readonly AnswerCache _answers;
    private readonly ScanApi _api;
    private readonly HeldScans _holds;
    private readonly List<(EngineClient Client, EngineLane Lane)> _lanes = [];

    /// <summary>Makes one; it asks nobody yet.</summary>
    public WorkerService(WorkerOptions options, WorkerMetrics metrics, TimeProvider time, ILoggerFactory logs)
    {
        (_options, _time, _log) = (options, time, logs.CreateLogger<WorkerService>());
        _answers = new AnswerCache(options.AnswerLife, options.AnswerCharsMax, time);
        _api = new ScanApi(options);
        _holds = new HeldScans(_api, options, metrics, time, logs.CreateLogger<HeldScans>());
        var completing = new Gatherer<FoundScan>(_api.CompleteAsync, time);
        var failing = new Gatherer<FailedScan>(_api.FailAsync, time);
        foreach (var engine in options.Engines)
        {
            var client = new EngineClient(engine, time);
            var run = new ScanRun(engine, client, _answers, completing, failing, _holds, options, metrics, time, _log);
            _lanes.Add((client, new EngineLane(engine, client, run, _api, options, time, _log)));
            metrics.Watch(engine.Engine, client);
        }
        metrics.Watch(() => _holds.Count);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var (client, _) in _lanes)
            client.Dispose();
        _api.Dispose();
        _answers.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _log.WorkerStarted(_options.Name, string.Join(", ", _options.Engines.Select(e => e.Engine)));
        using var abandon = new CancellationTokenSource();
        // Leases are kept while the last scans end.
        using var ended = new CancellationTokenSource();
        await using var begin = stoppingToken.Register(() => abandon.CancelAfter(_options.DrainTimeout));
        var beats = _holds.BeatAsync(ended.Token);
        await Task.WhenAll(_lanes.Select(l => l.Lane.RunAsync(stoppingToken, abandon.Token)));
        await ended.CancelAsync();
        await beats;
    }
}
