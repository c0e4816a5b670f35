using System.Collections.Frozen;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;

namespace Weir.Analytics.Api.Reports;

/// <summary>Until when the store is complete, and how many hits of a span are lost.</summary>
/// <remarks>
/// A writer that reported within five minutes is live: the slowest live one decides. A writer that stopped in order holds nothing back. With
/// no live writer the one that reported last decides: stopped in order, the store is complete until this moment, because nobody takes
/// hits; silent, it is complete until what it last said. Without any report nothing was ever taken, so it is complete.
/// </remarks>
internal sealed class CompletenessReport
{
    private const int LiveSeconds = 300;

    private const string WritersSql = $$"""
        SELECT toInt64(countIf(is_live)), toUnixTimestamp64Milli(minIf(complete_until, is_live)),
               toInt64(count() = 0 OR argMax(is_stopped, reported_at)), toUnixTimestamp64Milli(argMax(complete_until, reported_at))
        FROM (SELECT *, NOT is_stopped AND reported_at >= fromUnixTimestamp64Milli({liveSince:Int64}, 'UTC') AS is_live FROM writers FINAL)
        {{ReportStore.Limits}}
        """;

    private const string LosersSql = $$"""
        SELECT DISTINCT site FROM losses
        {{ReportStore.Limits}}
        """;

    private const string LostSql = $$"""
        SELECT toInt64(sum(count)) FROM losses
        WHERE site IN ({site:String}, '') AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        {{ReportStore.Limits}}
        """;

    private readonly ReportStore _store;
    private readonly TimeProvider _time;
    private readonly ShortLived<long[]> _writers;
    private readonly ShortLived<FrozenSet<string>> _losers;

    public CompletenessReport(ReportStore store, AnalyticsOptions options, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _writers = new ShortLived<long[]>(options.CompletenessLife, time, WritersAsync);
        _losers = new ShortLived<FrozenSet<string>>(options.CompletenessLife, time, LosersAsync);
    }

    public async Task<(DateTimeOffset Until, long Lost)> ReadAsync(SiteId site, TimeRange range, CancellationToken stop)
    {
        var lost = LostAsync(site, range, stop);
        long[] n = await _writers.ReadAsync(stop);
        long now = Now();
        long until = n[0] > 0 ? n[1] : n[2] != 0 ? now : n[3];
        return (DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(until, now)), await lost);
    }

    // Most sites never lost a hit, which one look for all of them tells.
    private async Task<long> LostAsync(SiteId site, TimeRange range, CancellationToken stop)
    {
        var losers = await _losers.ReadAsync(stop);
        if (!losers.Contains(site.Value) && !losers.Contains(""))
            return 0;
        return (await _store.ReadAsync(LostSql, new ClickHouseParameterCollection().With("site", site.Value).With(range), r => r.GetInt64(0), stop))[0];
    }

    private async Task<long[]> WritersAsync()
    {
        var parameters = new ClickHouseParameterCollection().With("liveSince", Now() - LiveSeconds * 1000L);
        return (await _store.ReadAsync(WritersSql, parameters, r => new[] { r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3) }, CancellationToken.None))[0];
    }

    private async Task<FrozenSet<string>> LosersAsync() =>
        (await _store.ReadAsync(LosersSql, [], r => r.GetString(0), CancellationToken.None)).ToFrozenSet(StringComparer.Ordinal);

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
