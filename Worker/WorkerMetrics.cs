using System.Diagnostics.Metrics;
using Weir.Worker.Engines;
using Weir.Worker.Scans;

namespace Weir.Worker;

/// <summary>Counters of the worker, meter <c>Weir.Worker</c>. Names are promised: they may grow, never change.</summary>
public sealed class WorkerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Weir.Worker";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _scans;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _degraded;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _lost;
    private readonly Histogram<double> _duration;

    /// <summary>Makes the instruments.</summary>
    public WorkerMetrics()
    {
        _scans = _meter.CreateCounter<long>("weir.worker.scans", description: "Scans completed, by engine and result");
        _failures = _meter.CreateCounter<long>("weir.worker.failures", description: "Scans given back, by engine and why");
        _answers = _meter.CreateCounter<long>("weir.worker.answers", description: "Answers used, by engine and whether they were asked or shared");
        _degraded = _meter.CreateCounter<long>("weir.worker.degraded", description: "Scans given back with the last known result and its age, by engine");
        _refused = _meter.CreateCounter<long>("weir.worker.refused", description: "Results that the API did not take, by engine and why");
        _lost = _meter.CreateCounter<long>("weir.worker.leases_lost", description: "Scans that another worker has by now, by engine");
        _duration = _meter.CreateHistogram<double>("weir.worker.scan.duration", "s", "From the lease to the result that the API took, by engine");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Watch(Func<int> held) => _meter.CreateObservableGauge("weir.worker.held", held, description: "Scans that are held now");

    internal void Watch(string engine, EngineClient client)
    {
        _meter.CreateObservableGauge("weir.worker.concurrency", () => new Measurement<int>(client.Limit.Value, Engine(engine)), description: "Questions that an engine may be asked at a time");
        _meter.CreateObservableGauge("weir.worker.left_alone", () => new Measurement<int>(client.IsLeftAlone ? 1 : 0, Engine(engine)), description: "Whether an engine is left alone because it failed too often");
    }

    internal void Completed(string engine, string result, TellOutcome outcome, TimeSpan took)
    {
        if (outcome == TellOutcome.Told)
        {
            _scans.Add(1, Engine(engine), new KeyValuePair<string, object?>("result", result));
            _duration.Record(took.TotalSeconds, Engine(engine));
        }
        else
            _refused.Add(1, Engine(engine), new KeyValuePair<string, object?>("reason", outcome == TellOutcome.NotHeld ? "not-held" : "refused"));
    }

    internal void Failed(string engine, EngineFailure failure) => _failures.Add(1, Engine(engine), new KeyValuePair<string, object?>("reason", failure.Name()));

    internal void Answered(string engine, bool isShared) => _answers.Add(1, Engine(engine), new KeyValuePair<string, object?>("source", isShared ? "shared" : "asked"));

    internal void Degraded(string engine) => _degraded.Add(1, Engine(engine));

    internal void LeaseLost(string engine) => _lost.Add(1, Engine(engine));

    private static KeyValuePair<string, object?> Engine(string engine) => new("engine", engine);
}
