namespace Weir.Ingest.AccessLogs;

/// <summary>Why a line of a log becomes no hit. Stored nowhere; the names are promised to programs.</summary>
public enum LineFault
{
    /// <summary>It is no line of the log's format: damaged, cut off or written by somebody else.</summary>
    Unreadable,

    /// <summary>It is longer than 1 MiB.</summary>
    TooLong,

    /// <summary>Its time is before 1970.</summary>
    TimeBeforeAll,

    /// <summary>Its time is more than a day from now: a clock that was wrong, or a line that was made up.</summary>
    TimeInFuture,

    /// <summary>ClickHouse refuses the row.</summary>
    RefusedByStore,
}

/// <summary>Says faults in words.</summary>
public static class LineFaults
{
    /// <summary>The name in <c>--json</c>.</summary>
    public static string ToName(this LineFault fault) => fault switch
    {
        LineFault.Unreadable => "unreadable",
        LineFault.TooLong => "too-long",
        LineFault.TimeBeforeAll => "time-before-all",
        LineFault.TimeInFuture => "time-in-future",
        LineFault.RefusedByStore => "refused-by-store",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    /// <summary>What is wrong with such lines, for people.</summary>
    public static string ToWords(this LineFault fault) => fault switch
    {
        LineFault.Unreadable => "not of the log's format",
        LineFault.TooLong => "longer than 1 MiB",
        LineFault.TimeBeforeAll => "with a time before 1970",
        LineFault.TimeInFuture => "with a time more than a day from now",
        LineFault.RefusedByStore => "refused by ClickHouse",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };
}
