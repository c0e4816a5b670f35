using System.Diagnostics.Metrics;

namespace Weir.Proxy.Certificates;

/// <summary>Shows the state of the certificates under the edge's meter.</summary>
internal sealed class CertificateMetrics : IDisposable
{
    // A series for each of 10,000 hosts would cost the metrics' store more than it tells.
    private const int HostsShown = 20;

    private readonly Meter _meter;
    private readonly CertificateStore _store;
    private readonly TimeProvider _time;

    /// <summary>Makes the instruments.</summary>
    public CertificateMetrics(IMeterFactory meters, CertificateStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _meter = meters.Create(EdgeMetrics.MeterName);
        _meter.CreateObservableGauge("weir.edge.certificate.expires", Soonest, "s", "Time until a certificate ends, of those that end soonest.");
        _meter.CreateObservableGauge("weir.edge.certificates", States, "{certificate}", "Certificates in use, by state.");
        _meter.CreateObservableGauge("weir.edge.certificate.faults", () => store.Problems.Count, "{file}", "Certificate files with something wrong.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Soonest()
    {
        var now = _time.GetUtcNow();
        return [.. _store.All.OrderBy(c => c.NotAfter).Take(HostsShown)
            .Select(c => new Measurement<double>((c.NotAfter - now).TotalSeconds, new KeyValuePair<string, object?>("host", c.Names[0])))];
    }

    private IEnumerable<Measurement<long>> States()
    {
        var now = _time.GetUtcNow();
        var all = _store.All;
        yield return Of(all.Count(c => c.IsValidAt(now)), "valid");
        yield return Of(all.Count(c => now >= c.NotAfter), "expired");
        yield return Of(all.Count(c => now < c.NotBefore), "not-yet-valid");
    }

    private static Measurement<long> Of(long count, string state) => new(count, new KeyValuePair<string, object?>("state", state));
}
