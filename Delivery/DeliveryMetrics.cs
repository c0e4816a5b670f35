using System.Diagnostics.Metrics;

namespace Weir.Delivery;

/// <summary>Counters of deliveries, meter <c>Weir.Delivery</c>. Names are promised: they may grow, never change.</summary>
public sealed class DeliveryMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Weir.Delivery";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;
    private long _waiting;
    private long _dead;

    /// <summary>Makes the instruments.</summary>
    public DeliveryMetrics()
    {
        _sent = _meter.CreateCounter<long>("weir.alerts.sent", description: "Messages that a receiver took, by channel");
        _failed = _meter.CreateCounter<long>("weir.alerts.failed", description: "Attempts that failed, by channel and what becomes of the message (retry, dead)");
        _meter.CreateObservableGauge("weir.alerts.waiting", () => Volatile.Read(ref _waiting), description: "Messages that wait for an attempt");
        _meter.CreateObservableGauge("weir.alerts.dead", () => Volatile.Read(ref _dead), description: "Messages given up and still kept");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Attempted(DestinationKind kind, AttemptResult result, bool isLast)
    {
        var channel = new KeyValuePair<string, object?>("channel", kind.Name());
        if (result.IsDelivered)
            _sent.Add(1, channel);
        else
            _failed.Add(1, channel, new KeyValuePair<string, object?>("then", isLast ? "dead" : "retry"));
    }

    // Each number is read alone by the gauges: no order between the two is promised.
    internal void Depth(DeliveryDepth depth)
    {
        Volatile.Write(ref _waiting, depth.Waiting);
        Volatile.Write(ref _dead, depth.Dead);
    }
}
