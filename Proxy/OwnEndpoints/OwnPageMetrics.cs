using System.Diagnostics.Metrics;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>What the edge counts of robots.txt, llms.txt, traps and beacons, under <see cref="EdgeMetrics.MeterName"/>. Names are part of
/// what users build alerts on.</summary>
internal sealed class OwnPageMetrics
{
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _trapped;

    public OwnPageMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(EdgeMetrics.MeterName);
        _fetches = meter.CreateCounter<long>("weir.edge.robots.fetches", "{fetch}", "Fetches of origins' robots.txt files that are merged, by result.");
        _trapped = meter.CreateCounter<long>("weir.edge.trap", "{request}", "Requests for traps.");
    }

    /// <summary>An origin was asked for its robots.txt.</summary>
    /// <param name="result"><c>read</c>, <c>unchanged</c>, <c>none</c> (4xx) or <c>failed</c>.</param>
    public void RobotsFetched(string result) => _fetches.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>A client asked for a trap.</summary>
    public void Trapped() => _trapped.Add(1);
}
