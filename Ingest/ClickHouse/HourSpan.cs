namespace Weir.Ingest.ClickHouse;

/// <summary>Whole hours, as the hourly counts have them; milliseconds since 1970 (UTC), the end excluded.</summary>
internal readonly record struct HourSpan(long FromMs, long ToMs)
{
    /// <summary>What a query says of rows in the span; its places are filled by <see cref="FromMs"/> as <c>from</c> and <see cref="ToMs"/> as <c>to</c>.</summary>
    public const string OfTime = "time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')";

    /// <summary>The same of hourly counts.</summary>
    public const string OfHour = "hour >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND hour < fromUnixTimestamp64Milli({to:Int64}, 'UTC')";

    private const long HourMs = 3_600_000;

    /// <summary>The hours from that of one time to that of another, both included.</summary>
    public static HourSpan Of(long firstMs, long lastMs) => new(firstMs / HourMs * HourMs, ((lastMs / HourMs) + 1) * HourMs);
}
