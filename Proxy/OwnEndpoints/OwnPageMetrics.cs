using System.Diagnostics.Metrics;
using Weir.Detection;
using Weir.Proxy.Beacon;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>What the edge counts of robots.txt, llms.txt, traps and beacons, under <see cref="EdgeMetrics.MeterName"/>. Names are part of
/// what users build alerts on.</summary>
internal sealed class OwnPageMetrics
{
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _trapped;
    private readonly Counter<long> _reports;
    private readonly Counter<long> _pages;
    private readonly Counter<long> _llmsTxt;
    private readonly Counter<long> _versionsShed;

    public OwnPageMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(EdgeMetrics.MeterName);
        _fetches = meter.CreateCounter<long>("weir.edge.robots.fetches", "{fetch}", "Fetches of origins' robots.txt files that are merged, by result.");
        _llmsTxt = meter.CreateCounter<long>("weir.edge.llms_txt", "{request}", "Requests for llms.txt and llms-full.txt, by crawler and purpose.");
        _versionsShed = meter.CreateCounter<long>("weir.edge.robots.versions_shed", "{version}", "robots.txt files as served that were not kept, by reason.");
        _reports = meter.CreateCounter<long>("weir.edge.beacon.reports", "{report}", "Calls of the beacon's script, by outcome.");
        _pages = meter.CreateCounter<long>("weir.edge.beacon.pages", "{page}", "Pages that the beacon's tag was or was not put into, by outcome.");
        _trapped = meter.CreateCounter<long>("weir.edge.trap", "{request}", "Requests for traps.");
    }

    /// <summary>An origin was asked for its robots.txt.</summary>
    /// <param name="result"><c>read</c>, <c>unchanged</c>, <c>none</c> (4xx) or <c>failed</c>.</param>
    public void RobotsFetched(string result) => _fetches.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>The beacon was called.</summary>
    public void BeaconReported(BeaconOutcome outcome) => _reports.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
    {
        BeaconOutcome.Ran => "ran",
        BeaconOutcome.Driven => "driven",
        BeaconOutcome.NoScreen => "no-screen",
        BeaconOutcome.Refused => "refused",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    }));

    /// <summary>A page passed that might be tagged.</summary>
    /// <param name="outcome"><c>tagged</c>, <c>policy</c>, <c>no-place</c>, <c>encoding</c> or <c>busy</c>.</param>
    public void BeaconPage(string outcome) => _pages.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>A client asked for llms.txt. Crawlers and purposes are the catalog's, so they are few.</summary>
    public void LlmsTxtAsked(in Verdict verdict) =>
        _llmsTxt.Add(1, new("crawler", verdict.Crawler?.Id ?? ""), new KeyValuePair<string, object?>("purpose", verdict.Purpose.ToName()));

    /// <summary>A robots.txt was not kept.</summary>
    /// <param name="reason"><c>queue-full</c>, <c>encoding</c>, <c>changes-too-often</c> or <c>defect</c>.</param>
    public void RobotsVersionShed(string reason) => _versionsShed.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A client asked for a trap.</summary>
    public void Trapped() => _trapped.Add(1);
}
