namespace Weir.Ingest;

/// <summary>How hits wait and travel to ClickHouse. The defaults suit one edge of some thousand hits a second.</summary>
public sealed record IngestOptions
{
    /// <summary>Name of this writer in tables <c>losses</c> and <c>writers</c>; one program each.</summary>
    public string Edge { get; init; } = Environment.MachineName;

    /// <summary>Most hits between the request path and the writer; one that comes to a full channel is lost and counted.</summary>
    public int ChannelCapacity { get; init; } = 65_536;

    /// <summary>Longest wait of a hit before its batch is sent.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Most rows of a batch. ClickHouse must take a batch as one block, so at most 1,000,000.</summary>
    public int BatchRows { get; init; } = 50_000;

    /// <summary>Bytes after which a batch is sent although it has room for rows. 64 MiB is a quarter of ClickHouse's block.</summary>
    public int BatchBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Longest wait for ClickHouse at shutdown; what is not stored by then is lost and counted.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Folder in which batches wait while ClickHouse is away or slow, for this program alone; null when they wait in memory only.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>Most bytes of all files in <see cref="SpoolFolder"/>; hits beyond are lost and counted. 0: nothing waits on disk.</summary>
    public long SpoolBytesMax { get; init; } = 1L << 30;

    /// <summary>Name of <see cref="SaltFile"/> in a data folder.</summary>
    public const string SaltFileName = "address.salt";

    /// <summary>File that keeps the secret of the day for sites whose addresses are hashed; null keeps it in memory, so that a restart makes clients anew.</summary>
    public string? SaltFile { get; init; }

    /// <summary>Whether the writer brings the store to this program's schema before its first insert.</summary>
    public bool AppliesSchema { get; init; } = true;
}
