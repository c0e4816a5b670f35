using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Caching.Memory;
using Weir.Analytics.Api.Hosting;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Reads <see cref="SiteCounts"/> and <see cref="SiteClients"/>: one question for the figures, the lines over time and the crawlers of a view, which are asked for at the same time and
/// would each be planned anew.</summary>
/// <remarks>Read as hits were judged; what amends them is added here, so that rows are kept whatever verdict is asked for. Spans that would be many rows are left to each
/// report's own question, which gives the same.</remarks>
internal sealed class CountsReport(ReportStore store, AmendmentsReport amendments, KeptRows rows, TimeProvider time) : IDisposable
{
    /// <summary>Longest span: a month of hours.</summary>
    public const int HoursMax = 31 * 24 + 1;

    // Of a site that is flooded with made-up crawlers, some 250,000 pairs of hour and count: more than three times what any usual site has in a month.
    // With one thread a question takes as long alone, and less of the processor beside others: hourly counts of a site are some thousand rows.
    private const string Limits = $"{ReportStore.Limits}, max_result_bytes = 4000000, max_threads = 1";

    private static readonly TimeSpan TooManyLife = TimeSpan.FromMinutes(5);
    private static readonly string WithEdges = Sql(true), WithoutEdges = Sql(false), ClientsWithEdges = ClientsSql(true), ClientsWithoutEdges = ClientsSql(false);

    // Sites and lengths of span that were too many rows a moment ago.
    private readonly MemoryCache _tooMany = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Those of a span; null where each report must ask for itself.</summary>
    public async Task<SiteCounts?> ReadAsync(SiteId site, TimeRange range, string verdict, CancellationToken stop)
    {
        if (IsLeft(site, range))
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
            return _tooMany.Set<SiteCounts?>((site, Hours(range)), null, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TooManyLife });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tooMany.Dispose();

    /// <summary>The different addresses of a span; null where <see cref="ReadAsync(SiteId, TimeRange, string, CancellationToken)"/> gives nothing for sure.</summary>
    /// <remarks>A question of its own: addresses can be counted of all sorts together alone, which made the other take three times as long for a large site, and only single figures
    /// need them.</remarks>
    public async Task<SiteClients?> ClientsAsync(SiteId site, TimeRange range, CancellationToken stop)
    {
        if (IsLeft(site, range))
            return null;
        var before = range.Previous(time.GetUtcNow());
        return await rows.ReadAsync(new ClientsKey(site, range.FromMs, range.ToMs), async () => (await store.ReadAsync(
            HasEdges(range, before) ? ClientsWithEdges : ClientsWithoutEdges, Parameters(site, range, before), r => new SiteClients(r.Count(0), r.Count(1), r.GetInt64(2)), CancellationToken.None))[0], stop);
    }

    private bool IsLeft(SiteId site, TimeRange range) => Hours(range) > HoursMax || _tooMany.TryGetValue((site, Hours(range)), out _);

    private static long Hours(TimeRange range) => (range.ToMs - range.FromMs) / 3_600_000;

    private static bool HasEdges(TimeRange range, TimeRange? before) => range.HasEdges || before is { HasEdges: true };

    private static ClickHouseParameterCollection Parameters(SiteId site, TimeRange range, TimeRange? before) => new ClickHouseParameterCollection()
        .With("site", site.Value).With(range)
        .With("fromBefore", before?.FromMs ?? 0).With("toBefore", before?.ToMs ?? 0)
        .With("wholeFromBefore", before?.WholeFromMs ?? 0).With("wholeToBefore", before?.WholeToMs ?? 0);

    private async Task<SiteCounts> ReadAsync(SiteId site, TimeRange range, TimeRange? before) => new(range, before, await store.ReadAsync(
        HasEdges(range, before) ? WithEdges : WithoutEdges, Parameters(site, range, before), Row, CancellationToken.None));

    private static SortCounts Row(ClickHouseDataReader r) => new(
        new HitSort(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5)), r.GetInt64(6), r.GetInt64(7), r.GetInt64(8), r.GetInt64(9),
        r.GetFieldValue<long[]>(10), r.GetFieldValue<long[]>(11));

    private static string Sql(bool hasEdges) => $$"""
        WITH parts AS
        (
            SELECT toInt64(toUnixTimestamp(hour)) AS second, kind, crawler, operator, purpose, identity, referral_class, CAST(hits, 'Int64') AS hits,
                   CAST(first_seen, 'DateTime64(3, \'UTC\')') AS first_at, CAST(last_seen, 'DateTime64(3, \'UTC\')') AS last_at, {{IsNow}} AS is_now
            FROM hits_hourly
            WHERE site = {site:String}
              AND {{InHours}}
            {{(hasEdges ? $$"""
            UNION ALL
            SELECT toInt64(toUnixTimestamp(toStartOfHour(time))) AS second, kind, crawler, operator, purpose, identity, referral_class, toInt64(1) AS hits,
                   time AS first_at, time AS last_at, time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS is_now
            FROM hits
            WHERE site = {site:String}
              AND {{AtEdges}}
            """ : "")}}
        )
        SELECT toString(kind), toString(crawler), toString(operator), toString(purpose), toString(identity), toString(referral_class),
               toInt64(sumIf(hits, is_now)), toInt64(sumIf(hits, NOT is_now)),
               toUnixTimestamp64Milli(minIf(first_at, is_now)), toUnixTimestamp64Milli(maxIf(last_at, is_now)),
               sumMapIf([second], [hits], is_now).1, sumMapIf([second], [hits], is_now).2
        FROM parts
        GROUP BY kind, crawler, operator, purpose, identity, referral_class
        {{Limits}}
        """;

    private static string ClientsSql(bool hasEdges) => $$"""
        WITH parts AS
        (
            SELECT clients, {{IsNow}} AS is_now, CAST(hits, 'Int64') AS hits
            FROM hits_hourly
            WHERE site = {site:String}
              AND {{InHours}}
            {{(hasEdges ? $$"""
            UNION ALL
            SELECT uniqState(client_address) AS clients, time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS is_now, toInt64(count()) AS hits
            FROM hits
            WHERE site = {site:String}
              AND {{AtEdges}}
            GROUP BY is_now
            """ : "")}}
        )
        SELECT toUInt64(uniqMergeIf(clients, is_now)), toUInt64(uniqMergeIf(clients, NOT is_now)), toInt64(sumIf(hits, is_now))
        FROM parts
        {{Limits}}
        """;

    private const string IsNow = "hour >= toDateTime(intDiv({wholeFrom:Int64}, 1000), 'UTC')";

    private const string InHours = $$"""
        ({{TimeRange.InWholeHours}}
                   OR hour >= toDateTime(intDiv({wholeFromBefore:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({wholeToBefore:Int64}, 1000), 'UTC'))
        """;

    private const string AtEdges = $$"""
        ({{TimeRange.AtEdges}}
                   OR time >= fromUnixTimestamp64Milli({fromBefore:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({wholeFromBefore:Int64}, 'UTC')
                   OR time >= fromUnixTimestamp64Milli({wholeToBefore:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({toBefore:Int64}, 'UTC'))
        """;

    private readonly record struct ClientsKey(SiteId Site, long FromMs, long ToMs);

    private readonly record struct Key(SiteId Site, long FromMs, long ToMs);
}
