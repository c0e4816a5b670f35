namespace Weir.Ingest.Buffering;

// Numbers and names in this file are stored in table losses and promised to programs: they may grow, never change.

/// <summary>Why a hit will never be stored. A closed list: no hit is lost for a reason that is not here.</summary>
public enum LossReason : byte
{
    /// <summary>Not lost.</summary>
    None = 0,

    /// <summary>The channel between the request path and the writer was full.</summary>
    ChannelFull = 1,

    /// <summary>The batches waiting on disk had reached their bound.</summary>
    SpoolFull = 2,

    /// <summary>The hit itself could not be written: ClickHouse, or the encoder, refused its content.</summary>
    RowRefused = 3,

    /// <summary>The program stopped before the hit was stored.</summary>
    ShutdownTimeout = 4,

    /// <summary>The batch that held it waited on disk, and what the disk gave back is not what was written.</summary>
    SpoolDamaged = 5,
}

/// <summary>What a <see cref="LossReason"/> is called in tables, metrics and sentences.</summary>
public static class LossReasons
{
    /// <summary>The stored name, such as <c>channel-full</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in the list.</exception>
    public static string Name(this LossReason reason) => reason switch
    {
        LossReason.None => "none",
        LossReason.ChannelFull => "channel-full",
        LossReason.SpoolFull => "spool-full",
        LossReason.RowRefused => "row-refused",
        LossReason.ShutdownTimeout => "shutdown-timeout",
        LossReason.SpoolDamaged => "spool-damaged",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "is no reason for a loss."),
    };

    /// <summary>One sentence for people.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in the list.</exception>
    public static string Sentence(this LossReason reason) => reason switch
    {
        LossReason.None => "The hit was not lost.",
        LossReason.ChannelFull => "Hits came faster than ClickHouse took them, and the waiting room in memory was full.",
        LossReason.SpoolFull => "ClickHouse was away for so long that the batches waiting on disk reached their bound, or the disk was full.",
        LossReason.RowRefused => "The hit's own content could not be written; hits around it were stored.",
        LossReason.ShutdownTimeout => "The program stopped before the hit could be stored.",
        LossReason.SpoolDamaged => "The batch that held the hit waited on disk and was damaged there.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "is no reason for a loss."),
    };
}
