using Weir.Detection;

namespace Weir.Ingest;

/// <summary>A host's robots.txt as it was served once. The columns of table <c>robots_versions</c>.</summary>
public sealed record RobotsSighting
{
    /// <summary>When the request arrived, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The site.</summary>
    public required SiteId Site { get; init; }

    /// <summary>Host header without port, lower case.</summary>
    public required string Host { get; init; }

    /// <summary>The answer's status: 200, or 404 and 410 for no file.</summary>
    public required ushort Status { get; init; }

    /// <summary>Who wrote it: 0 the origin (pass), 1 the edge (managed), 2 both (merged).</summary>
    public required byte Mode { get; init; }

    /// <summary>SHA-256 of the bytes in lower-case hex; empty when there was no file.</summary>
    public required string Hash { get; init; }

    /// <summary>Its bytes, unpacked; a little more than 500 KiB at most.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }
}
