using ClickHouse.Driver.ADO.Parameters;

namespace Weir.Analytics.Api.Reports;

/// <summary>Where the minutes, hours, days or weeks of a span begin in a time zone.</summary>
/// <remarks>ClickHouse carries its own time zone data and also sorts the hits into buckets; asking it for both keeps the two equal, and works on
/// machines without zone files.</remarks>
internal sealed class BucketsReport(ReportStore store)
{
    /// <summary>Buckets that one series may have: 90 days of hours, with room for a start inside an hour.</summary>
    public const int Max = 2_200;

    private const string Sql = $$"""
        WITH arrayMap(i -> toDateTime(intDiv({from:Int64}, 1000), 'UTC') + i * {step:Int64}, range({steps:UInt32})) AS moments
        SELECT arraySort(arrayDistinct(arrayMap(at -> toInt64(multiIf(
                   {interval:String} = 'minute', toUnixTimestamp(toStartOfMinute(at, {tz:String})),
                   {interval:String} = 'hour', toUnixTimestamp(toStartOfHour(at, {tz:String})),
                   {interval:String} = 'day', toUnixTimestamp(toStartOfDay(at, {tz:String})),
                   toUnixTimestamp(toDateTime(toStartOfWeek(at, 1, {tz:String}), {tz:String})))),
               arrayFilter(at -> at < fromUnixTimestamp64Milli({to:Int64}, 'UTC'),
                           arrayPushBack(moments, toDateTime(intDiv({to:Int64} - 1, 1000), 'UTC'))))))
        {{ReportStore.Limits}}
        """;

    private const string ZoneSql = $$"""
        SELECT 1 FROM system.time_zones WHERE time_zone = {tz:String}
        {{ReportStore.Limits}}
        """;

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
        var zones = await store.ReadAsync(ZoneSql, new ClickHouseParameterCollection().With("tz", timeZone), _ => 1, stop);
        if (zones.Count == 0)
            return null;
        // Half-hour steps meet every start of an hour, day or week, also in zones that are off by half an hour; 15 minutes meet Nepal's.
        long step = interval == "minute" ? 60 : 900;
        var parameters = new ClickHouseParameterCollection()
            .With(range)
            .With("interval", interval).With("tz", timeZone)
            .With("step", step)
            .With("steps", (range.ToMs - range.FromMs) / 1000 / step + 1);
        return (await store.ReadAsync(Sql, parameters, r => r.GetFieldValue<long[]>(0), stop))[0];
    }
}
