namespace Weir.Control;

/// <summary>How long a site's origins may take; null where the edge's own bound holds.</summary>
/// <param name="FirstByte">From the whole request to the answer's headers.</param>
/// <param name="Idle">Silence before or between parts of the answer, or on an open WebSocket.</param>
public sealed record OriginTimeouts(TimeSpan? FirstByte, TimeSpan? Idle);
