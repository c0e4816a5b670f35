using System.Diagnostics.Metrics;

namespace Weir.Analytics.Api.Alerts;

/// <summary>What fires, meter <c>Weir.Alerts</c>. What is sent is counted by <c>DeliveryMetrics</c>.</summary>
internal sealed class AlertMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Alerts");
    private long _firing;

    public AlertMetrics() => _meter.CreateObservableGauge("weir.alerts.firing", () => Volatile.Read(ref _firing), description: "Subjects of alerts that fire now");

    public void Dispose() => _meter.Dispose();

    // One number, written by the evaluation and read by the gauge alone.
    public void Firing(long subjects) => Volatile.Write(ref _firing, subjects);
}
