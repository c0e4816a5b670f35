using System.Diagnostics.Metrics;
using Weir.Proxy;

namespace Weir.Sites;

/// <summary>Shows the sites in force under the edge's meter.</summary>
internal sealed class SiteMetrics : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Makes the instruments.</summary>
    public SiteMetrics(IMeterFactory meters, SitesInForce sites, SiteFreshness freshness, TimeProvider time)
    {
        _meter = meters.Create(EdgeMetrics.MeterName);
        _meter.CreateObservableGauge("weir.edge.sites", () => sites.Under(s => s.InForce.Values.GroupBy(v => v.Place.Source)
            .Select(g => new Measurement<int>(g.Count(), Of(g.Key))).ToList()), "{site}", "Sites served, by source.");
        _meter.CreateObservableGauge("weir.edge.sites.hosts", () => sites.Under(s => s.HostCount), "{host}", "Hosts that lead to a site.");
        _meter.CreateObservableGauge("weir.edge.sites.refused", () => sites.Under(s => s.Refusals.GroupBy(r => (r.Place.Source, r.IsConflict))
            .Select(g => new Measurement<int>(g.Count(), Of(g.Key.Source), new("reason", g.Key.IsConflict ? "conflict" : "invalid"))).ToList()),
            "{error}", "Errors for which definitions of sites are not in force as written, by source and reason.");
        _meter.CreateObservableGauge("weir.edge.sites.last_change", () => sites.LastChange.ToUnixTimeMilliseconds() / 1000.0, "s", "When sites last changed, in seconds since 1970.");
        _meter.CreateObservableCounter("weir.edge.sites.failures", () => new Measurement<long>(freshness.FailuresOf(SiteSource.Control), Of(SiteSource.Control)),
            "{poll}", "Times that a source of sites could not be asked.");
        _meter.CreateObservableGauge("weir.edge.sites.age", () => freshness.All.Select(f => new Measurement<double>((time.GetUtcNow() - f.At).TotalSeconds, Of(f.Source))).ToList(),
            "s", "Time since a source of sites was last read in good order, by source.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Of(SiteSource source) => new("source", SiteFreshness.NameOf(source));
}
