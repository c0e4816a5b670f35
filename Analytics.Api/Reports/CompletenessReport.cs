using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;

namespace Weir.Analytics.Api.Reports;

/// <summary>Until when the store is complete, and how many hits of a span are lost.</summary>
/// <remarks>
/// A writer that reported within five minutes is live: the slowest live one decides. A writer that stopped in order holds nothing back. With
/// no live writer the one that reported last decides: stopped in order, the store is complete until this moment, because nobody takes
/// hits; silent, it is complete until what it last said. Without any report nothing was ever taken, so it is complete.
/// </remarks>
internal sealed class CompletenessReport(ReportStore store, TimeProvider time)
{
    private const int LiveSeconds = 300;

    private const string Sql = $$"""
        SELECT *
        FROM
        (
            SELECT toInt64(countIf(is_live)), toUnixTimestamp64Milli(minIf(complete_until, is_live)),
                   toInt64(count() = 0 OR argMax(is_stopped, reported_at)), toUnixTimestamp64Milli(argMax(complete_until, reported_at))
            FROM (SELECT *, NOT is_stopped AND reported_at >= fromUnixTimestamp64Milli({liveSince:Int64}, 'UTC') AS is_live FROM writers FINAL)
        ) AS newest
        CROSS JOIN
        (
            SELECT toInt64(sum(count)) FROM losses
            WHERE site IN ({site:String}, '') AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        ) AS lost
        {{ReportStore.Limits}}
        """;

    public async Task<(DateTimeOffset Until, long Lost)> ReadAsync(SiteId site, TimeRange range, CancellationToken stop)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With(range).With("liveSince", now - LiveSeconds * 1000L);
        var n = (await store.ReadAsync(
            Sql, parameters, r => new[] { r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4) }, stop))[0];
        long until = n[0] > 0 ? n[1] : n[2] != 0 ? now : n[3];
        return (DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(until, now)), n[4]);
    }
}
