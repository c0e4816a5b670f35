using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Caching.Memory;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>A crawler whose hits of a span are odd against its own past. Spoofed hits do not count.</summary>
/// <param name="Crawler">Crawler id.</param>
/// <param name="Name">Name as its operator writes it.</param>
/// <param name="Operator">Who runs it.</param>
/// <param name="Purpose">Why it fetches.</param>
/// <param name="Kind"><c>appeared</c>, <c>stopped</c>, <c>tripled</c> (or more) or <c>fell</c> (to a third or less).</param>
/// <param name="Hits">Hits of the span.</param>
/// <param name="HitsLow">Lower end of their 95 % Poisson interval.</param>
/// <param name="HitsHigh">Upper end.</param>
/// <param name="Expected">Mean of the past spans.</param>
/// <param name="ExpectedLow">Lower end of that mean's 95 % Poisson interval.</param>
/// <param name="ExpectedHigh">Upper end.</param>
/// <param name="Past">Hits of each past span, the newest first.</param>
/// <param name="Why">The same in one sentence.</param>
public sealed record Anomaly(
    string Crawler, string Name, string Operator, string Purpose, string Kind, long Hits, double HitsLow, double HitsHigh,
    double Expected, double ExpectedLow, double ExpectedHigh, IReadOnlyList<long> Past, string Why);

/// <summary>What is odd in a span.</summary>
/// <param name="From">Start of the span: a whole hour (UTC).</param>
/// <param name="To">End of the span: a whole hour, earlier than asked for where the store is not complete until then.</param>
/// <param name="PastSpans">How many spans of the same length before it were compared: 7, or as many as the site has hits of. Below 3 nothing is odd.</param>
/// <param name="Items">The largest difference first.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
public sealed record AnomalyList(DateTimeOffset From, DateTimeOffset To, int PastSpans, IReadOnlyList<Anomaly> Items, string? Next) : ITable, IPage
{
    IReadOnlyList<Column> ITable.Columns { get; } =
    [
        "crawler", "name", "operator", "purpose", "kind", Column.Number("hits"), Column.Fraction("hits_low"), Column.Fraction("hits_high"),
        Column.Fraction("expected"), Column.Fraction("expected_low"), Column.Fraction("expected_high"), "past", "why",
    ];

    IEnumerable<object?[]> ITable.Rows => Items.Select(r => new object?[]
    {
        r.Crawler, r.Name, r.Operator, r.Purpose, r.Kind, r.Hits, r.HitsLow, r.HitsHigh, r.Expected, r.ExpectedLow, r.ExpectedHigh,
        string.Join(' ', r.Past), r.Why,
    });
}

/// <summary>Finds <see cref="Anomaly"/>s by <see cref="AnomalyRule"/>.</summary>
internal sealed class AnomaliesReport(
    ReportStore store, AmendmentsReport amendments, CompletenessReport completeness, CrawlerCatalog catalog, AnalyticsOptions options) : IDisposable
{
    /// <summary>Longest span; the past is seven times as long.</summary>
    public static readonly TimeSpan SpanMax = TimeSpan.FromDays(31);

    private const long HourMs = 3_600_000;

    // Span 0 is the one asked for, 1 the one before it.
    private static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Corrections}} parts AS
        (
            SELECT toString(crawler) AS crawler, toString(operator) AS operator, toString(purpose) AS purpose, toUnixTimestamp(hour) AS second, CAST(hits, 'UInt64') AS hits
            FROM hits_hourly
            WHERE site = {site:String} AND crawler != '' AND identity != 'spoofed'
              AND hour >= toDateTime(intDiv({from:Int64}, 1000), 'UTC') AND hour < toDateTime(intDiv({to:Int64}, 1000), 'UTC')
            {{v.IfAmended("""
            UNION ALL
            SELECT crawler, operator, toString(purpose), toUnixTimestamp(toDateTime(time, 'UTC')), hits
            FROM corrections
            WHERE crawler != '' AND identity != 'spoofed'
            """)}}
        )
        SELECT crawler, any(operator), any(purpose), sumMap([span], [hits]).1, sumMap([span], [hits]).2
        FROM (SELECT *, toUInt32(intDiv(intDiv({to:Int64}, 1000) - 1 - second, {length:Int64})) AS span FROM parts)
        GROUP BY crawler
        {{ReportStore.Limits}}
        """);

    private readonly MemoryCache _begins = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    private const string BeginSql = $$"""
        SELECT toInt64(toUnixTimestamp(hour)) FROM hits_hourly WHERE site = {site:String} ORDER BY site, hour LIMIT 1
        {{ReportStore.Limits}}
        """;

    public async Task<AnomalyList> ReadAsync(SiteId site, TimeRange asked, string verdict, CountPosition? after, int limit, CancellationToken stop)
    {
        var (until, _) = await completeness.ReadAsync(site, asked, stop);
        long toMs = Math.Min(asked.ToMs, until.ToUnixTimeMilliseconds()) / HourMs * HourMs;
        long lengthMs = Math.Max(HourMs, (asked.ToMs - asked.FromMs) / HourMs * HourMs);
        var begin = await BeginAsync(site, stop);
        long fromMs = toMs - lengthMs;
        int spans = begin.Count == 0 ? 0 : (int)Math.Clamp((fromMs - begin[0] * 1000) / lengthMs, 0, AnomalyRule.PastSpans);
        var list = new AnomalyList(DateTimeOffset.FromUnixTimeMilliseconds(fromMs), DateTimeOffset.FromUnixTimeMilliseconds(toMs), spans, [], null);
        if (spans < AnomalyRule.PastSpansMin)
            return list;
        var range = new TimeRange(list.From - TimeSpan.FromMilliseconds(lengthMs * spans), list.To);
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With(range).With("verdict", verdict).With(amended).With("length", lengthMs / 1000);
        var rows = await store.ReadAsync(Sql.For(amended), parameters, r => Row(r, spans), stop);
        var odd = rows.OfType<Anomaly>().OrderByDescending(Difference).ThenBy(a => a.Crawler, StringComparer.Ordinal).ToList();
        var page = CountPage.Slice(odd, after, limit, a => new CountPosition(Difference(a), a.Crawler, asked.FromMs, asked.ToMs));
        return list with { Items = page.Items, Next = page.Next };
    }

    /// <inheritdoc/>
    public void Dispose() => _begins.Dispose();

    // The hour of a site's first hit moves only when older logs are imported, and then a minute later here.
    private async Task<List<long>> BeginAsync(SiteId site, CancellationToken stop)
    {
        if (_begins.TryGetValue(site, out List<long>? begin))
            return begin!;
        begin = await store.ReadAsync(BeginSql, new ClickHouseParameterCollection().With("site", site.Value), r => r.GetInt64(0), stop);
        return begin.Count == 0 || options.CompletenessLife <= TimeSpan.Zero ? begin
            : _begins.Set(site, begin, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
    }

    // In thousandths of a hit.
    private static long Difference(Anomaly a) => (long)(Math.Abs(a.Hits - a.Expected) * 1000);

    private Anomaly? Row(ClickHouseDataReader r, int spans)
    {
        long[] counts = new long[spans + 1];
        var (places, hits) = (r.GetFieldValue<uint[]>(3), r.GetFieldValue<ulong[]>(4));
        for (int i = 0; i < places.Length; i++)
            counts[places[i]] = Math.Max(0, unchecked((long)hits[i]));
        long[] past = counts[1..];
        if (AnomalyRule.Judge(counts[0], past) is not { } kind)
            return null;
        string crawler = r.GetString(0), name = catalog.NameOf(crawler);
        var seen = PoissonInterval.Of(counts[0]);
        var usual = PoissonInterval.OfMean(past.Sum(), spans);
        double mean = Math.Round((double)past.Sum() / spans, 3);
        return new Anomaly(crawler, name, r.GetString(1), r.GetString(2), kind, counts[0], Round(seen.Low), Round(seen.High), mean, Round(usual.Low), Round(usual.High),
            past, Sentence(kind, name, counts[0], mean, spans));

        static double Round(double value) => Math.Round(value, 3);
    }

    private static string Sentence(string kind, string name, long hits, double mean, int spans) => kind switch
    {
        "appeared" => string.Create(CultureInfo.InvariantCulture, $"{name} made {hits} hits and none in the {spans} spans before."),
        "stopped" => string.Create(CultureInfo.InvariantCulture, $"{name} made no hit; in the {spans} spans before it made {mean:0.#} each."),
        _ => string.Create(CultureInfo.InvariantCulture,
            $"{name} made {hits} hits, {(kind == "tripled" ? "more" : "fewer")} than in any of the {spans} spans before, which had {mean:0.#} each."),
    };
}
