using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Caching.Memory;
using Weir.Analytics.Api.Hosting;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Reads <see cref="SiteCounts"/>: one question for the figures, the lines over time and the crawlers of a view, which are asked for at the same time and
/// would each be planned anew.</summary>
/// <remarks>Read as hits were judged; what amends them is added here, so that rows are kept whatever verdict is asked for. Spans that would be many rows are left to each
/// report's own question, which gives the same.</remarks>
internal sealed class CountsReport(ReportStore store, AmendmentsReport amendments, KeptRows rows, TimeProvider time) : IDisposable
{
    /// <summary>Longest span: a month of hours.</summary>
    public const int HoursMax = 31 * 24 + 1;

    // Of a site that is flooded with made-up crawlers, some 250,000 pairs of hour and count: more than three times what any usual site has in a month.
    private const string Limits = $"{ReportStore.Limits}, max_result_bytes = 4000000";

    private static readonly TimeSpan TooManyLife = TimeSpan.FromMinutes(5);
    private static readonly string WithEdges = Sql(true), WithoutEdges = Sql(false);

    // Sites and lengths of span that were too many rows a moment ago.
    private readonly MemoryCache _tooMany = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Those of a span; null where each report must ask for itself.</summary>
    public async Task<SiteCounts?> ReadAsync(SiteId site, TimeRange range, string verdict, CancellationToken stop)
    {
        long hours = (range.ToMs - range.FromMs) / 3_600_000;
        if (hours > HoursMax || _tooMany.TryGetValue((site, hours), out _))
            return null;
        var before = range.Previous(time.GetUtcNow());
        var both = before is { } b ? new TimeRange(b.From, range.To) : range;
        var amended = await amendments.ReadAsync(site, both, verdict, stop);
        if (amended.Lines is not { } lines)
            return null;
        try
        {
            return (await rows.ReadAsync(new Key(site, range.FromMs, range.ToMs), () => ReadAsync(site, range, before), stop)).With(lines);
        }
        catch (ReportTooCostlyException)
        {
            return _tooMany.Set<SiteCounts?>((site, hours), null, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TooManyLife });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tooMany.Dispose();

    private async Task<SiteCounts> ReadAsync(SiteId site, TimeRange range, TimeRange? before)
    {
        var parameters = new ClickHouseParameterCollection().With("site", site.Value).With(range)
            .With("fromBefore", before?.FromMs ?? 0).With("toBefore", before?.ToMs ?? 0)
            .With("wholeFromBefore", before?.WholeFromMs ?? 0).With("wholeToBefore", before?.WholeToMs ?? 0);
        bool hasEdges = range.HasEdges || before is { HasEdges: true };
        var sorts = await store.ReadAsync(hasEdges ? WithEdges : WithoutEdges, parameters, Row, CancellationToken.None);
        // One row is the sum of all.
        var all = sorts.Find(s => s.IsAll);
        return new SiteCounts(range, before, [.. sorts.Where(s => !s.IsAll).Select(s => s.Counts)], all.Clients, all.ClientsBefore);
    }

    private static (bool IsAll, SortCounts Counts, long Clients, long ClientsBefore) Row(ClickHouseDataReader r) => (r.GetUInt64(6) != 0, new SortCounts(
        new HitSort(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5)), r.Count(7), r.Count(8), r.GetInt64(9), r.GetInt64(10),
        r.GetFieldValue<long[]>(11), r.GetFieldValue<long[]>(12)), r.Count(13), r.Count(14));

    // Addresses can be counted of all sorts together alone, hence the row of all.
    private static string Sql(bool hasEdges) => $$"""
        WITH parts AS
        (
            SELECT toInt64(toUnixTimestamp(hour)) AS second, kind, crawler, operator, purpose, identity, referral_class, CAST(hits, 'Int64') AS hits,
                   CAST(first_seen, 'DateTime64(3, \'UTC\')') AS first_at, CAST(last_seen, 'DateTime64(3, \'UTC\')') AS last_at, clients,
                   hour >= toDateTime(intDiv({wholeFrom:Int64}, 1000), 'UTC') AS is_now
            FROM hits_hourly
            WHERE site = {site:String}
              AND ({{TimeRange.InWholeHours}}
                   OR hour >= toDateTime(intDiv({wholeFromBefore:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({wholeToBefore:Int64}, 1000), 'UTC'))
            {{(hasEdges ? Edges : "")}}
        )
        SELECT toString(kind), toString(crawler), toString(operator), toString(purpose), toString(identity), toString(referral_class), grouping(kind),
               toUInt64(sumIf(hits, is_now)), toUInt64(sumIf(hits, NOT is_now)),
               toUnixTimestamp64Milli(minIf(first_at, is_now)), toUnixTimestamp64Milli(maxIf(last_at, is_now)),
               sumMapIf([second], [hits], is_now).1, sumMapIf([second], [hits], is_now).2,
               toUInt64(uniqMergeIf(clients, is_now)), toUInt64(uniqMergeIf(clients, NOT is_now))
        FROM parts
        GROUP BY GROUPING SETS ((kind, crawler, operator, purpose, identity, referral_class), ())
        {{Limits}}
        """;

    private const string Edges = $$"""
        UNION ALL
            SELECT toInt64(toUnixTimestamp(toStartOfHour(time))) AS second, kind, crawler, operator, purpose, identity, referral_class, toInt64(count()) AS hits,
                   min(time) AS first_at, max(time) AS last_at, uniqState(client_address) AS clients, time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS is_now
            FROM hits
            WHERE site = {site:String}
              AND ({{TimeRange.AtEdges}}
                   OR time >= fromUnixTimestamp64Milli({fromBefore:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({wholeFromBefore:Int64}, 'UTC')
                   OR time >= fromUnixTimestamp64Milli({wholeToBefore:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({toBefore:Int64}, 'UTC'))
            GROUP BY second, kind, crawler, operator, purpose, identity, referral_class, is_now
        """;

    private readonly record struct Key(SiteId Site, long FromMs, long ToMs);
}
