using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Weir.Detection;
using Weir.Proxy.Connection;
using Weir.Proxy.Content;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Policies;

namespace Weir.Proxy;

/// <summary>What the edge counts, under the meter <c>Weir.Edge</c>. Names are part of what users build alerts on.</summary>
public sealed class EdgeMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Weir.Edge";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _unknownHosts;
    private readonly Counter<long> _retries;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _connectionsRefused;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _contentRead;
    private readonly Counter<long> _contentShed;
    private readonly Counter<long> _contentFailed;
    private readonly Counter<long> _certificateReloads;
    private readonly Counter<long> _placeReloads;
    private readonly Counter<long> _tlsRefused;
    private readonly Counter<long> _policy;
    private readonly Counter<long> _refused;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="lifetime">Tells when the edge begins to drain; null for whoever only borrows the counters.</param>
    public EdgeMetrics(IMeterFactory meters, IHostApplicationLifetime? lifetime = null)
    {
        _meter = meters.Create(MeterName);
        _duration = _meter.CreateHistogram<double>("weir.edge.request.duration", "s", "Requests to known hosts, by status class.");
        _errors = _meter.CreateCounter<long>("weir.edge.errors", "{request}", "Requests that went wrong, by error word.");
        _unknownHosts = _meter.CreateCounter<long>("weir.edge.unknown_host", "{request}", "Requests for a host that no site has.");
        _retries = _meter.CreateCounter<long>("weir.edge.origin.retries", "{request}", "Requests sent to another origin after a failed connection.");
        _connections = _meter.CreateUpDownCounter<long>("weir.edge.connections", "{connection}", "Open client connections.");
        _connectionsRefused = _meter.CreateCounter<long>("weir.edge.connections_refused", "{connection}", "Connections closed because too many were open.");
        _contentRead = _meter.CreateCounter<long>("weir.edge.content.read", "{page}", "Pages fetched by crawlers that were read.");
        _contentShed = _meter.CreateCounter<long>("weir.edge.content.shed", "{page}", "Pages that were not read, by reason.");
        _contentFailed = _meter.CreateCounter<long>("weir.edge.content.failed", "{page}", "Pages that could not be read, by reason.");
        _reloads = _meter.CreateCounter<long>("weir.edge.reloads", "{reload}", "Changes of the sites, by result.");
        _certificateReloads = _meter.CreateCounter<long>("weir.edge.certificate.reloads", "{reload}", "Changes of a certificate, by result.");
        _placeReloads = _meter.CreateCounter<long>("weir.edge.places.reloads", "{reload}", "Changes of a file of countries or networks, by result.");
        _tlsRefused = _meter.CreateCounter<long>("weir.edge.tls.refused", "{handshake}", "TLS handshakes refused for want of a certificate, by reason.");
        _policy = _meter.CreateCounter<long>("weir.edge.policy", "{request}", "Requests that a rule decided, or would have in dry run, by action and mode.");
        _refused = _meter.CreateCounter<long>("weir.edge.refused", "{connection}", "Connections and requests refused before they reached a site, by reason.");
        if (lifetime is not null)
            _meter.CreateObservableGauge("weir.edge.draining", () => lifetime.ApplicationStopping.IsCancellationRequested ? 1 : 0, null, "1 while the edge ends what is under way and takes nothing new.");
    }

    /// <summary>A page that a crawler fetched was read.</summary>
    internal void ContentRead() => _contentRead.Add(1);

    /// <summary>A page was not read, to spare the requests.</summary>
    internal void ContentShed(ContentShed reason) => _contentShed.Add(1, new KeyValuePair<string, object?>("reason", reason switch
    {
        Content.ContentShed.QueueFull => "queue-full",
        Content.ContentShed.Incomplete => "incomplete",
        Content.ContentShed.Stopped => "stopped",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    }));

    /// <summary>A page could not be read.</summary>
    internal void ContentFailed(string reason) => _contentFailed.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A request to a known host ended.</summary>
    internal void Answered(int status, EdgeError error, TimeSpan elapsed)
    {
        if (_duration.Enabled)
            _duration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("status", StatusClass(status)));
        if (error != EdgeError.None)
            _errors.Add(1, new KeyValuePair<string, object?>("error", error.Word()));
    }

    /// <summary>A request named a host that no site has.</summary>
    internal void UnknownHost() => _unknownHosts.Add(1);

    /// <summary>A request goes to another origin.</summary>
    internal void Retried() => _retries.Add(1);

    /// <summary>A connection or request was refused before it reached a site.</summary>
    internal void Refused(Refusal why) => _refused.Add(1, new KeyValuePair<string, object?>("reason", why.Word()));

    /// <summary>A connection was opened (1) or closed (−1).</summary>
    internal void ConnectionsChanged(int by) => _connections.Add(by);

    /// <summary>A connection was closed because too many were open.</summary>
    internal void ConnectionRefused() => _connectionsRefused.Add(1);

    /// <summary>The rules of a site were asked.</summary>
    internal void Decided(in PolicyDecision decision)
    {
        if (decision.Rule is not null)
            _policy.Add(1, new("action", decision.Action.ToName()), new KeyValuePair<string, object?>("mode", "enforce"));
        if (decision.DryRunRule is not null)
            _policy.Add(1, new("action", decision.DryRunAction.ToName()), new KeyValuePair<string, object?>("mode", "dry-run"));
    }

    /// <summary>The sites were read again.</summary>
    /// <param name="isAccepted">Whether they are in force; otherwise the last good ones are.</param>
    public void SitesReloaded(bool isAccepted) => _reloads.Add(1, new KeyValuePair<string, object?>("result", isAccepted ? "accepted" : "refused"));

    /// <summary>A certificate was read again.</summary>
    /// <param name="isAccepted">Whether it is in force; otherwise the last good one is.</param>
    internal void CertificateReloaded(bool isAccepted) =>
        _certificateReloads.Add(1, new KeyValuePair<string, object?>("result", isAccepted ? "accepted" : "refused"));

    /// <summary>A client asked for a host that has no certificate, or for none.</summary>
    internal void TlsRefused(bool isNamed) => _tlsRefused.Add(1, new KeyValuePair<string, object?>("reason", isNamed ? "unknown-host" : "no-host"));

    /// <summary>A file of places was read.</summary>
    /// <param name="isAccepted">Whether it is in force; otherwise the last good one is.</param>
    internal void PlacesReloaded(bool isAccepted) => _placeReloads.Add(1, new KeyValuePair<string, object?>("result", isAccepted ? "accepted" : "refused"));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static string StatusClass(int status) => (status / 100) switch
    {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "none",
    };
}
