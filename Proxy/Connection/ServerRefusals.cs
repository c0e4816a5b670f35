using System.Diagnostics.Metrics;

namespace Weir.Proxy.Connection;

/// <summary>Counts what the server ends before the pipeline sees a request. It says why in a metric of its own when the connection closes, which
/// costs nothing on the way of a request; its log and its events would cost every one.</summary>
internal sealed class ServerRefusals : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly EdgeMetrics _metrics;

    /// <param name="meters">Those of this edge's server alone: several edges may run in one process.</param>
    /// <param name="metrics">Counts.</param>
    public ServerRefusals(IMeterFactory meters, EdgeMetrics metrics)
    {
        _metrics = metrics;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "kestrel.connection.duration" or "kestrel.tls_handshake.duration" && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>(OnEnd);
        _listener.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void OnEnd(Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == "error.type" && tag.Value is string why && ReasonOf(instrument.Name, why) is { } refusal)
                _metrics.Refused(refusal);
        }
    }

    // What is left out says how a request ended that is a hit, or that the client left.
    private static Refusal? ReasonOf(string instrument, string why) => why switch
    {
        // Handshakes report for themselves, with the exception's name; of the connection's reasons some are missing.
        _ when instrument == "kestrel.tls_handshake.duration" => Refusal.TlsHandshake,
        "tls_not_supported" or "insufficient_tls_version" => Refusal.TlsHandshake,
        "invalid_request_line" => Refusal.RequestLine,
        "invalid_http_version" => Refusal.HttpVersion,
        "invalid_request_headers" => Refusal.Headers,
        "max_request_header_count_exceeded" or "max_request_headers_total_size_exceeded" => Refusal.HeadersLarge,
        "request_headers_timeout" => Refusal.HeadersSlow,
        "invalid_handshake" or "invalid_data_padding" or "invalid_frame_length" or "invalid_settings" or "invalid_stream_id"
            or "invalid_window_update_size" or "max_frame_length_exceeded" or "unexpected_frame" or "unknown_stream" or "stream_self_dependency"
            or "frame_after_stream_close" or "flow_control_window_exceeded" or "error_reading_headers" or "missing_stream_end"
            or "closed_critical_stream" => Refusal.Http2Frames,
        "flow_control_queue_size_exceeded" or "output_queue_size_exceeded" or "stream_reset_limit_exceeded" => Refusal.Http2Flood,
        _ => null,
    };
}
