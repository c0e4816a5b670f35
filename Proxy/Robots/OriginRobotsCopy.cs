namespace Weir.Proxy.Robots;

/// <summary>An origin's robots.txt as it was had. Immutable.</summary>
/// <param name="Content">Its bytes; empty when there is none (4xx), which allows everything (RFC 9309 §2.3.1.3).</param>
/// <param name="Status">The status that it came with.</param>
/// <param name="ETag">Its validator; null for none.</param>
/// <param name="LastModified">Its Last-Modified as sent; null for none.</param>
internal sealed record OriginRobotsCopy(byte[] Content, int Status, string? ETag, string? LastModified);
