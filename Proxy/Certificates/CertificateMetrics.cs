using System.Diagnostics.Metrics;
using Weir.Proxy.Certificates.Ocsp;

namespace Weir.Proxy.Certificates;

/// <summary>Shows the state of the certificates under the edge's meter.</summary>
internal sealed class CertificateMetrics : IDisposable
{
    // A series for each of 10,000 hosts would cost the metrics' store more than it tells.
    private const int HostsShown = 20;

    private static readonly (OcspState State, string Name)[] OcspNames =
        [(OcspState.Good, "good"), (OcspState.Revoked, "revoked"), (OcspState.Unknown, "unknown"), (OcspState.Unreachable, "unreachable")];

    private readonly Meter _meter;
    private readonly CertificateStore _store;
    private readonly OcspWatcher _ocsp;
    private readonly TimeProvider _time;

    /// <summary>Makes the instruments.</summary>
    public CertificateMetrics(IMeterFactory meters, CertificateStore store, OcspWatcher ocsp, TimeProvider time)
    {
        (_store, _ocsp, _time) = (store, ocsp, time);
        _meter = meters.Create(EdgeMetrics.MeterName);
        _meter.CreateObservableGauge("weir.edge.certificate.expires", Soonest, "s", "Time until a certificate ends, of those that end soonest.");
        _meter.CreateObservableGauge("weir.edge.certificates", States, "{certificate}", "Certificates in use, by state.");
        _meter.CreateObservableGauge("weir.edge.certificate.faults", () => store.Problems.Count, "{file}", "Certificate files with something wrong.");
        _meter.CreateObservableGauge("weir.edge.certificate.ocsp", OcspStates, "{certificate}", "Certificates whose authority can be asked, by what it says.");
        _meter.CreateObservableGauge("weir.edge.certificate.ocsp.age", OldestAnswers, "s", "Age of what an authority said, of the certificates where it is oldest.");
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

    private IEnumerable<Measurement<long>> OcspStates()
    {
        var now = _time.GetUtcNow();
        var states = _store.All.GroupBy(c => _ocsp.StateOf(c, now)).ToDictionary(g => g.Key, g => g.LongCount());
        foreach (var (state, name) in OcspNames)
            yield return Of(states.GetValueOrDefault(state), name);
    }

    private IEnumerable<Measurement<double>> OldestAnswers()
    {
        var now = _time.GetUtcNow();
        return [.. _store.All.Select(c => (Certificate: c, At: _ocsp.AnsweredAt(c))).Where(a => a.At is not null).OrderBy(a => a.At).Take(HostsShown)
            .Select(a => new Measurement<double>((now - a.At!.Value).TotalSeconds, new KeyValuePair<string, object?>("host", a.Certificate.Names[0])))];
    }

    private static Measurement<long> Of(long count, string state) => new(count, new KeyValuePair<string, object?>("state", state));
}
