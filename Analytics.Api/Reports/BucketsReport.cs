using System.Collections.Frozen;
using ClickHouse.Driver.ADO.Parameters;

namespace Weir.Analytics.Api.Reports;

/// <summary>Where the minutes, hours, days or weeks of a span begin in a time zone.</summary>
/// <remarks>ClickHouse carries its own time zone data and also sorts the hits into buckets; asking it for both keeps the two equal, and works on
/// machines without zone files.</remarks>
internal sealed class BucketsReport(ReportStore store)
{
    /// <summary>Buckets that one series may have: 90 days of hours, with room for a start inside an hour.</summary>
    public const int Max = 2_200;

    /// <summary>The start of the minute, hour, day or week that time <c>at</c> lies in, as SQL.</summary>
    public static readonly IReadOnlyDictionary<string, string> Starts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["minute"] = "toUnixTimestamp(toStartOfMinute(at, {tz:String}))",
        ["hour"] = "toUnixTimestamp(toStartOfHour(at, {tz:String}))",
        ["day"] = "toUnixTimestamp(toStartOfDay(at, {tz:String}))",
        ["week"] = "toUnixTimestamp(toDateTime(toStartOfWeek(at, 1, {tz:String}), {tz:String}))",
    };

    private static readonly Dictionary<string, string> Sql = Starts.ToDictionary(s => s.Key, s => $$"""
        WITH arrayMap(i -> toDateTime(intDiv({from:Int64}, 1000), 'UTC') + i * {step:Int64}, range({steps:UInt32})) AS moments
        SELECT arraySort(arrayDistinct(arrayMap(at -> toInt64({{s.Value}}),
               arrayFilter(at -> at < fromUnixTimestamp64Milli({to:Int64}, 'UTC'),
                           arrayPushBack(moments, toDateTime(intDiv({to:Int64} - 1, 1000), 'UTC'))))))
        {{ReportStore.Limits}}
        """, StringComparer.Ordinal);

    private const string ZonesSql = $$"""
        SELECT time_zone FROM system.time_zones
        {{ReportStore.Limits}}
        """;

    // They change with the server's version only.
    private volatile FrozenSet<string>? _zones;

    /// <summary>How many buckets a span has at most.</summary>
    public static long CountOf(TimeRange range, string interval) => (range.ToMs - range.FromMs) / (1000L * interval switch
    {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => 604_800,
    }) + 2;

    /// <summary>Starts as Unix seconds in order; null when there is no such time zone.</summary>
    public async Task<IReadOnlyList<long>?> ReadAsync(TimeRange range, string interval, string timeZone, CancellationToken stop)
    {
        var zones = _zones ??= (await store.ReadAsync(ZonesSql, [], r => r.GetString(0), stop)).ToFrozenSet(StringComparer.Ordinal);
        if (!zones.Contains(timeZone))
            return null;
        // Half-hour steps meet every start of an hour, day or week, also in zones that are off by half an hour; 15 minutes meet Nepal's.
        long step = interval == "minute" ? 60 : 900;
        var parameters = new ClickHouseParameterCollection()
            .With(range)
            .With("tz", timeZone)
            .With("step", step)
            .With("steps", (range.ToMs - range.FromMs) / 1000 / step + 1);
        return (await store.ReadAsync(Sql[interval], parameters, r => r.GetFieldValue<long[]>(0), stop))[0];
    }
}
