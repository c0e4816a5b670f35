using System.Collections.Frozen;
using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Caching.Memory;

namespace Weir.Analytics.Api.Reports;

/// <summary>Where the minutes, hours, days, weeks or months of a span begin in a time zone.</summary>
/// <remarks>ClickHouse carries its own time zone data and also sorts the hits into buckets; asking it for both keeps the two equal, and works on
/// machines without zone files.</remarks>
internal sealed class BucketsReport(ReportStore store) : IDisposable
{
    /// <summary>Buckets that one series may have: 90 days of hours, with room for a start inside an hour.</summary>
    public const int Max = 2_200;

    // Of one hour and of many: ClickHouse is quicker at the first.
    private static readonly Dictionary<string, string> OfOne = new(StringComparer.Ordinal)
    {
        ["minute"] = "toUnixTimestamp(toStartOfMinute(at, {tz:String}))",
        ["hour"] = "toUnixTimestamp(toStartOfHour(at, {tz:String}))",
        ["day"] = "toUnixTimestamp(toStartOfDay(at, {tz:String}))",
        ["week"] = "toUnixTimestamp(toDateTime(toStartOfWeek(at, 1, {tz:String}), {tz:String}))",
        ["month"] = "toUnixTimestamp(toDateTime(toStartOfMonth(at, {tz:String}), {tz:String}))",
    };

    private static readonly Dictionary<string, string> OfMany = new(StringComparer.Ordinal)
    {
        ["minute"] = "toUnixTimestamp(toStartOfInterval(at, toIntervalMinute({every:UInt32}), {tz:String}))",
        ["hour"] = "toUnixTimestamp(toStartOfInterval(at, toIntervalHour({every:UInt32}), {tz:String}))",
        ["day"] = "toUnixTimestamp(toDateTime(toStartOfInterval(at, toIntervalDay({every:UInt32}), {tz:String}), {tz:String}))",
        ["week"] = "toUnixTimestamp(toDateTime(toStartOfInterval(at, toIntervalWeek({every:UInt32}), {tz:String}), {tz:String}))",
    };

    /// <summary>The start of the bucket that time <c>at</c> lies in, as SQL, by unit and whether there are several in a bucket (parameter <c>every</c>).</summary>
    public static readonly IReadOnlyDictionary<(string Unit, bool IsMany), string> Starts =
        OfOne.Select(s => ((s.Key, false), s.Value)).Concat(OfMany.Select(s => ((s.Key, true), s.Value))).ToDictionary();

    // The midnight before a bucket may lie before the span: its start is found from any moment inside it.
    private static readonly Dictionary<(string, bool), string> Sql = Starts.ToDictionary(s => s.Key, s => $$"""
        WITH arrayMap(i -> toDateTime(intDiv({from:Int64}, 1000), 'UTC') + i * {step:Int64}, range({steps:UInt32})) AS moments
        SELECT arraySort(arrayDistinct(arrayMap(at -> toInt64({{s.Value}}),
               arrayFilter(at -> at < fromUnixTimestamp64Milli({to:Int64}, 'UTC'),
                           arrayPushBack(moments, toDateTime(intDiv({to:Int64} - 1, 1000), 'UTC'))))))
        {{ReportStore.Limits}}
        """);

    private const string ZonesSql = $$"""
        SELECT time_zone FROM system.time_zones
        {{ReportStore.Limits}}
        """;

    // They change with the server's version only.
    private volatile FrozenSet<string>? _zones;

    // As those of a span do. A list of at most 2,200 starts is 18 kB.
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 300 });

    /// <summary>How many buckets a span has at most.</summary>
    public static long CountOf(TimeRange range, Interval interval) => (range.ToMs - range.FromMs) / (1000L * interval.ShortestSeconds) + 2;

    /// <summary>Starts as Unix seconds in order; null when there is no such time zone.</summary>
    public async Task<IReadOnlyList<long>?> ReadAsync(TimeRange range, Interval interval, string timeZone, CancellationToken stop)
    {
        var zones = _zones ??= (await store.ReadAsync(ZonesSql, [], r => r.GetString(0), stop)).ToFrozenSet(StringComparer.Ordinal);
        if (!zones.Contains(timeZone))
            return null;
        var key = (range.FromMs, range.ToMs, interval, timeZone);
        if (_known.TryGetValue(key, out IReadOnlyList<long>? known))
            return known;
        // One moment of each bucket is enough: an hour may be half one where the clock changes by 30 minutes, and a day has at least 23.
        long step = interval.Unit switch { "minute" => 60, "hour" => 900, _ => 6 * 3600 };
        var parameters = new ClickHouseParameterCollection()
            .With(range)
            .With("tz", timeZone)
            .With("every", interval.Count)
            .With("step", step)
            .With("steps", (range.ToMs - range.FromMs) / 1000 / step + 1);
        known = (await store.ReadAsync(Sql[(interval.Unit, interval.Count > 1)], parameters, r => r.GetFieldValue<long[]>(0), stop))[0];
        return _known.Set(key, known, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) });
    }

    /// <inheritdoc/>
    public void Dispose() => _known.Dispose();
}
