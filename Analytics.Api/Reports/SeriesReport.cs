using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Hits over time, one line per key. All lines have as many counts as there are buckets.</summary>
/// <param name="Interval"><c>minute</c>, <c>hour</c>, <c>day</c>, <c>week</c> (from Monday), <c>month</c>, or several of one, such as <c>15m</c>.</param>
/// <param name="By">What the lines are.</param>
/// <param name="TimeZone">Time zone in which hours, days and weeks begin.</param>
/// <param name="From">Start of the span, inside it.</param>
/// <param name="To">End of the span, outside it.</param>
/// <param name="Buckets">Start of each bucket; the first may begin before the span, and then counts its part inside only.</param>
/// <param name="Lines">Lines by hits; where keys come from the hits, the first twelve.</param>
/// <param name="Rest">Counts of all further keys together; null when there are none.</param>
/// <param name="Previous">The span of the same length before, where <c>compare=previous</c> asked for it; else null.</param>
public sealed record Series(
    string Interval, string By, string TimeZone, DateTimeOffset From, DateTimeOffset To,
    IReadOnlyList<DateTimeOffset> Buckets, IReadOnlyList<SeriesLine> Lines, IReadOnlyList<long>? Rest, Series? Previous = null) : ITable
{
    IReadOnlyList<Column> ITable.Columns { get; } =
        [Column.Time(Interval), .. Lines.Select(l => Column.Number(l.Key)), .. Rest is null ? Array.Empty<Column>() : [Column.Number("(rest)")]];

    IEnumerable<object?[]> ITable.Rows => Buckets.Select((time, i) =>
        (object?[])[time, .. Lines.Select(l => (object?)l.Hits[i]), .. Rest is null ? Array.Empty<object?>() : [Rest[i]]]);
}

/// <summary>One line of a series.</summary>
/// <param name="Key">Stored name, such as <c>gptbot</c> or <c>likely-human</c>.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Total">Sum of its hits.</param>
/// <param name="Hits">Count of each bucket.</param>
public sealed record SeriesLine(string Key, string Name, long Total, IReadOnlyList<long> Hits);

/// <summary>Reads <see cref="Series"/>.</summary>
internal sealed class SeriesReport(ReportStore store, AmendmentsReport amendments, BucketsReport buckets, CountsReport counts, CrawlerCatalog catalog)
{
    /// <summary>What lines may be, and the keys that always appear, in this order; empty where keys come from the data.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> KeysBy = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["audience"] = ["likely-human", "ai-crawler", "other-bot", "ai-referral"],
        ["kind"] = ["likely-human", "crawler", "automation", "unknown"],
        ["identity"] = ["verified", "spoofed", "unverifiable", "pending", "not-claimed"],
        ["referral"] = ["ai", "search", "social", "other"],
        ["status-class"] = ["2xx", "3xx", "4xx", "5xx", "none"],
        ["status"] = [],
        ["country"] = [],
        ["path"] = [],
        ["purpose"] = [],
        ["crawler"] = [],
        ["operator"] = [],
    };

    // Further lines are counted together.
    private const int LinesMax = SeriesSql.LinesMax;

    /// <summary>Null when there is no such time zone.</summary>
    public async Task<Series?> ReadAsync(SiteId site, TimeRange range, Interval interval, SeriesKey by, string timeZone, string verdict, CancellationToken stop)
    {
        if (await buckets.ReadAsync(range, interval, timeZone, stop) is not { } starts)
            return null;
        bool areWholeHours = interval.Unit != "minute" && starts.All(s => s % 3600 == 0);
        var known = areWholeHours && SeriesSql.DependsOnVerdict(by.Name) ? await counts.ReadAsync(site, range, verdict, stop) : null;
        var lines = known is null ? await AskAsync(site, range, interval, by, timeZone, verdict, areWholeHours, stop) : SeriesSum.Of(known, by.Name, starts);
        return SeriesOf(range, interval, by, timeZone, starts, lines);
    }

    /// <summary>The same by a question of its own.</summary>
    internal async Task<Series?> AskAsync(SiteId site, TimeRange range, Interval interval, SeriesKey by, string timeZone, string verdict, CancellationToken stop)
    {
        if (await buckets.ReadAsync(range, interval, timeZone, stop) is not { } starts)
            return null;
        bool areWholeHours = interval.Unit != "minute" && starts.All(s => s % 3600 == 0);
        return SeriesOf(range, interval, by, timeZone, starts, await AskAsync(site, range, interval, by, timeZone, verdict, areWholeHours, stop));
    }

    private async Task<List<(string Key, long[] Times, ulong[] Hits)>> AskAsync(
        SiteId site, TimeRange range, Interval interval, SeriesKey by, string timeZone, string verdict, bool areWholeHours, CancellationToken stop)
    {
        var read = areWholeHours ? range : range.WithoutHours();
        // What was answered where and to whom from does not change with a verdict.
        var amended = SeriesSql.DependsOnVerdict(by.Name) ? await amendments.ReadAsync(site, range, verdict, stop) : Amendments.None;
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value)
            .With(read)
            .With("tz", timeZone).With("every", interval.Count).With("depth", by.Depth).With("verdict", verdict).With(amended);
        return await store.ReadAsync(SeriesSql.Of(by.Name, interval.Unit, interval.Count > 1).For(amended, read.HasEdges), parameters, Line, stop);
    }

    private Series SeriesOf(
        TimeRange range, Interval interval, SeriesKey by, string timeZone, IReadOnlyList<long> starts, List<(string Key, long[] Times, ulong[] Hits)> counts)
    {
        var indexes = starts.Index().ToDictionary(s => s.Item, s => s.Index);
        var columns = KeysBy[by.Name].ToDictionary(k => k, _ => new long[starts.Count], StringComparer.Ordinal);
        long[]? rest = null;
        foreach (var (key, times, hits) in counts)
        {
            if (key.Length == 0)
                rest ??= new long[starts.Count];
            var column = key.Length == 0 ? rest : columns.GetValueOrDefault(key);
            if (column is null)
                column = columns.Count < LinesMax ? columns[key] = new long[starts.Count] : rest ??= new long[starts.Count];
            for (int i = 0; i < times.Length; i++)
                column[indexes[times[i]]] += Math.Max(0, unchecked((long)hits[i])); // as ReaderExtensions.Count
        }
        var lines = columns.Select(c => new SeriesLine(c.Key, NameOf(by.Name, c.Key), c.Value.Sum(), c.Value));
        if (KeysBy[by.Name].Length == 0)
            lines = lines.OrderByDescending(l => l.Total).ThenBy(l => l.Key, StringComparer.Ordinal);
        return new Series(interval.Name, by.Name, timeZone, range.From, range.To, [.. starts.Select(DateTimeOffset.FromUnixTimeSeconds)], [.. lines], rest);
    }

    private static (string Key, long[] Times, ulong[] Hits) Line(ClickHouseDataReader row) =>
        (row.GetString(0), row.GetFieldValue<long[]>(1), row.GetFieldValue<ulong[]>(2));

    private string NameOf(string by, string key) => by == "crawler" ? catalog.NameOf(key) : key;
}

/// <summary>What the lines of a series are.</summary>
/// <param name="Name">A key of <see cref="SeriesReport.KeysBy"/>.</param>
/// <param name="Depth">Of <c>path</c>: how many segments of a path make a line, 1 to 5.</param>
internal readonly record struct SeriesKey(string Name, int Depth = 1);
