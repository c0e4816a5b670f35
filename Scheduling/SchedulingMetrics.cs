using System.Diagnostics.Metrics;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;
using Weir.Scheduling.Triggers;

namespace Weir.Scheduling;

/// <summary>Counters of scheduling, meter <c>Weir.Scheduling</c>. Names are promised: they may grow, never change.</summary>
public sealed class SchedulingMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Weir.Scheduling";

    private static readonly KeyValuePair<string, object?> LeaseRanOut = new("reason", "lease-ran-out");

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _triggers;
    private readonly Counter<long> _leases;
    private readonly Counter<long> _results;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _planned;
    private readonly Counter<long> _beliefsLost;
    private readonly Counter<long> _deleted;
    private long _watermarkMs;
    private QueueDepth _depth;

    /// <summary>Makes the instruments.</summary>
    public SchedulingMetrics(TimeProvider time)
    {
        _fetches = _meter.CreateCounter<long>("weir.scheduling.fetches", description: "Crawler fetches judged, by outcome");
        _triggers = _meter.CreateCounter<long>("weir.scheduling.triggers", description: "Triggers recorded");
        _leases = _meter.CreateCounter<long>("weir.scheduling.leases", description: "Scans leased");
        _results = _meter.CreateCounter<long>("weir.scheduling.results", description: "Scans completed, by result");
        _failures = _meter.CreateCounter<long>("weir.scheduling.failures", description: "Attempts that failed, by reason and by what became of the scan");
        _refusals = _meter.CreateCounter<long>("weir.scheduling.refusals", description: "Calls refused because the caller no longer held the scan");
        _planned = _meter.CreateCounter<long>("weir.scheduling.planned", description: "Scans planned by budget, by policy and whether the table of intervals stood in");
        _beliefsLost = _meter.CreateCounter<long>("weir.scheduling.beliefs.lost", description: "Targets whose stored belief could not be read");
        _deleted = _meter.CreateCounter<long>("weir.scheduling.deleted", description: "Rows deleted by age, by kind");
        _meter.CreateObservableGauge("weir.scheduling.queue.depth", Depths, description: "Open scans and dead letters, by state");
        _meter.CreateObservableGauge("weir.scheduling.queue.due_age", () => _depth.DueAge.TotalSeconds, "s", "For how long the longest due scan has been due");
        _meter.CreateObservableGauge("weir.scheduling.queue.lease_age", () => _depth.LeaseAge.TotalSeconds, "s", "For how long the oldest lease has been held");
        _meter.CreateObservableGauge(
            "weir.scheduling.reader.lag", () => _watermarkMs == 0 ? 0 : Math.Max(0, (time.NowMs() - Volatile.Read(ref _watermarkMs)) / 1000.0),
            "s", "Age of the newest crawler fetch that was read");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Judged(TriggerRefusal outcome, int count) => _fetches.Add(count, new KeyValuePair<string, object?>("outcome", outcome.Name()));

    internal void Recorded(int triggers) => _triggers.Add(triggers);

    internal void ReadUpTo(DateTimeOffset watermark) => Volatile.Write(ref _watermarkMs, watermark.ToUnixTimeMilliseconds());

    internal void Leased(int scans) => _leases.Add(scans);

    internal void Completed(ScanResult result) => _results.Add(1, new KeyValuePair<string, object?>("result", result.Name()));

    internal void Failed(FailureKind kind, bool isDead) => _failures.Add(
        1, new KeyValuePair<string, object?>("reason", kind.Name()), new KeyValuePair<string, object?>("then", isDead ? "dead" : "retry"));

    internal void RanOut(int queued, int dead)
    {
        if (queued > 0)
            _failures.Add(queued, LeaseRanOut, new KeyValuePair<string, object?>("then", "retry"));
        if (dead > 0)
            _failures.Add(dead, LeaseRanOut, new KeyValuePair<string, object?>("then", "dead"));
    }

    internal void Planned(string policy, bool isFallback) =>
        _planned.Add(1, new KeyValuePair<string, object?>("policy", policy), new KeyValuePair<string, object?>("fallback", isFallback));

    internal void BeliefsLost(int targets) => _beliefsLost.Add(targets);

    internal void Deleted(string kind, int rows) => _deleted.Add(rows, new KeyValuePair<string, object?>("kind", kind));

    internal void Refused() => _refusals.Add(1);

    internal void Depth(QueueDepth depth) => _depth = depth;

    private IEnumerable<Measurement<long>> Depths()
    {
        var depth = _depth;
        yield return new Measurement<long>(depth.Waiting, new KeyValuePair<string, object?>("state", "waiting"));
        yield return new Measurement<long>(depth.Ready, new KeyValuePair<string, object?>("state", "ready"));
        yield return new Measurement<long>(depth.Leased, new KeyValuePair<string, object?>("state", "leased"));
        yield return new Measurement<long>(depth.Dead, new KeyValuePair<string, object?>("state", "dead"));
    }
}
