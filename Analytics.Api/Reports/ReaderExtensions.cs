using ClickHouse.Driver.ADO.Readers;

namespace Weir.Analytics.Api.Reports;

/// <summary>Reads ClickHouse's values as the API shows them.</summary>
internal static class ReaderExtensions
{
    /// <summary>A UInt64 count; JSON's numbers and ours are signed.</summary>
    /// <remarks>A hit's correction may be seen a moment before the hit is in the hourly counts: what is below 0 then is none.</remarks>
    public static long Count(this ClickHouseDataReader row, int column) => Math.Max(0, unchecked((long)row.GetUInt64(column)));

    /// <summary>A time given as milliseconds (Int64); null for 0, which aggregates give when nothing matched.</summary>
    public static DateTimeOffset? Time(this ClickHouseDataReader row, int column) =>
        row.GetInt64(column) is var ms and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>A text; null when empty.</summary>
    public static string? TextOrNull(this ClickHouseDataReader row, int column) => row.GetString(column) is { Length: > 0 } text ? text : null;
}
