using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Robots;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>A path fetched against a line of robots.txt.</summary>
/// <param name="Path">Path and query: the client's own words.</param>
/// <param name="At">When it was last fetched so.</param>
public sealed record BrokenExample(string Path, DateTimeOffset At);

/// <summary>One line of one version of a robots.txt, and what a crawler fetched against it.</summary>
/// <param name="Host">Whose robots.txt.</param>
/// <param name="Line">The line's number; null when no line decided, since the file could not be had.</param>
/// <param name="Rule">The line as written, which may be hostile; null as <paramref name="Line"/>.</param>
/// <param name="Why">The reason in one sentence.</param>
/// <param name="VersionHash">SHA-256 of the version in hex, for <c>robots?hash=</c>; null when the crawler got none.</param>
/// <param name="VersionSeenAt">When that version was first served; null as <paramref name="VersionHash"/>.</param>
/// <param name="Fetches">How many.</param>
/// <param name="FirstAt">The first of them.</param>
/// <param name="LastAt">The last of them.</param>
/// <param name="Examples">The newest five different paths, newest first.</param>
public sealed record BrokenLine(
    string Host, int? Line, string? Rule, string Why, string? VersionHash, DateTimeOffset? VersionSeenAt, long Fetches,
    DateTimeOffset FirstAt, DateTimeOffset LastAt, IReadOnlyList<BrokenExample> Examples);

/// <summary>How one crawler kept to robots.txt. Fetches = obeyed + broken + spoofed + not judged (robots.txt itself, no version known, a person's wish).</summary>
/// <param name="Crawler">Crawler id.</param>
/// <param name="Name">Name as its operator writes it.</param>
/// <param name="Operator">Who runs it.</param>
/// <param name="Purpose">Why it fetches.</param>
/// <param name="IsUserTriggered">Whether people send it, so that robots.txt need not apply: never counted as broken.</param>
/// <param name="Fetches">All fetches that claim to be it.</param>
/// <param name="Obeyed">Fetches that robots.txt allowed it.</param>
/// <param name="Broken">Fetches that robots.txt disallowed it.</param>
/// <param name="Spoofed">Fetches in its name that are not its own; never judged.</param>
/// <param name="RobotsFetches">Fetches of robots.txt itself.</param>
/// <param name="NoVersionKnown">Fetches before which no version is known that it could have read.</param>
/// <param name="UserTriggeredDisallowed">Fetches on a person's wish of what robots.txt disallows: no violations.</param>
/// <param name="Lines">The lines it broke, the most often broken first; at most 100.</param>
public sealed record ComplianceRow(
    string Crawler, string Name, string Operator, string Purpose, bool IsUserTriggered, long Fetches, long Obeyed, long Broken, long Spoofed,
    long RobotsFetches, long NoVersionKnown, long UserTriggeredDisallowed, IReadOnlyList<BrokenLine> Lines);

/// <summary>How crawlers kept to a site's robots.txt, each fetch judged by the version that its crawler could have read.</summary>
/// <param name="From">Start of what was judged: later than asked for where there are more crawler fetches than one report judges (200,000).</param>
/// <param name="To">End of the span, outside it.</param>
/// <param name="Fetches">Crawler fetches of the catalog's crawlers.</param>
/// <param name="Obeyed">Those that robots.txt allowed.</param>
/// <param name="Broken">Those that robots.txt disallowed.</param>
/// <param name="Items">Crawlers: who broke most first, then by id.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
public sealed record RobotsCompliance(
    DateTimeOffset From, DateTimeOffset To, long Fetches, long Obeyed, long Broken, IReadOnlyList<ComplianceRow> Items, string? Next) : ITable, IPage
{
    IReadOnlyList<Column> ITable.Columns { get; } =
    [
        "crawler", "name", "operator", "purpose", Column.Flag("is_user_triggered"), Column.Number("fetches"), Column.Number("obeyed"), Column.Number("broken"),
        Column.Number("spoofed"), "host", Column.Number("line"), "rule", "version_hash", Column.Time("version_seen_at"), Column.Number("fetches_against_line"),
        Column.Time("first_at"), Column.Time("last_at"), "newest_path",
    ];

    // A row for each broken line; one without a line for who broke none.
    IEnumerable<object?[]> ITable.Rows =>
        from crawler in Items
        from line in crawler.Lines.DefaultIfEmpty()
        select new object?[]
        {
            crawler.Crawler, crawler.Name, crawler.Operator, crawler.Purpose, crawler.IsUserTriggered, crawler.Fetches, crawler.Obeyed, crawler.Broken,
            crawler.Spoofed, line?.Host, line?.Line, line?.Rule, line?.VersionHash, line?.VersionSeenAt, line?.Fetches, line?.FirstAt, line?.LastAt,
            line?.Examples[0].Path,
        };
}

/// <summary>Reads <see cref="RobotsCompliance"/>.</summary>
internal sealed class RobotsComplianceReport(ReportStore store, AmendmentsReport amendments, CrawlerCatalog catalog, TimeProvider time)
{
    /// <summary>Fetches that one report judges: the newest of a span. Reading and judging them takes a second or two.</summary>
    public const int FetchesMax = 200_000;

    private const int PageRows = 50_000, LinesMax = 100;

    // A robots.txt of many thousands of patterns makes judging dear; then this ends it.
    private static readonly TimeSpan JudgingMax = TimeSpan.FromSeconds(10);

    private const string BoundSql = $$"""
        SELECT toUnixTimestamp64Milli(time) FROM hits
        WHERE site = {site:String} AND kind = 'crawler'
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        ORDER BY time DESC LIMIT 1 OFFSET {max:UInt64}
        {{ReportStore.Limits}}
        """;

    private const string VersionsSql = $$"""
        {{StoredRobots.VersionsSql}}
        {{ReportStore.Limits}}, max_result_bytes = 100000000
        """;

    // What crawlers read in the day before the span: no copy may be older (RFC 9309 §2.4).
    private const string ReadBeforeSql = $$"""
        SELECT toUnixTimestamp64Milli(time), hit_id, host, path, query, status, crawler, toUInt8(identity)
        FROM hits
        WHERE site = {site:String} AND kind = 'crawler' AND path = '/robots.txt'
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') - INTERVAL 1 DAY AND time < fromUnixTimestamp64Milli({from:Int64}, 'UTC')
        ORDER BY time LIMIT 50000
        {{ReportStore.Limits}}
        """;

    private static readonly VerdictQuery FetchesSql = new(v => $$"""
        WITH {{v.Judged}}
        SELECT toUnixTimestamp64Milli(time), hit_id, host, path, query, status, toString(crawler), toUInt8(identity)
        FROM judged
        WHERE kind = 'crawler' AND time >= fromUnixTimestamp64Milli({at:Int64}, 'UTC')
          AND (time > fromUnixTimestamp64Milli({at:Int64}, 'UTC') OR hit_id > {after:UInt64})
        ORDER BY time, hit_id LIMIT {rows:UInt32}
        {{ReportStore.Limits}}
        """);

    /// <exception cref="ReportTooCostlyException">Judging takes too long.</exception>
    public async Task<RobotsCompliance> ReadAsync(SiteId site, TimeRange asked, string verdict, CountPosition? after, int limit, CancellationToken stop)
    {
        var bound = await store.ReadAsync(BoundSql,
            new ClickHouseParameterCollection().With("site", site.Value).With(asked).With("max", FetchesMax), r => r.GetInt64(0), stop);
        var range = bound.Count == 0 ? asked : new TimeRange(DateTimeOffset.FromUnixTimeMilliseconds(bound[0] + 1), asked.To);
        var audits = new RobotsHostAudits(site, catalog);
        foreach (var version in await store.ReadAsync(VersionsSql, new ClickHouseParameterCollection().With("site", site.Value).With("max", StoredRobots.VersionsMax), StoredRobots.Version, stop))
            audits.Add(version);
        foreach (var robots in await store.ReadAsync(ReadBeforeSql, new ClickHouseParameterCollection().With("site", site.Value).With(range), StoredRobots.Fetch, stop))
            audits.Note(robots);
        await TakeAsync(site, range, verdict, audits, stop);
        var rows = Rows(audits);
        var page = CountPage.Slice(rows, after, limit, r => new CountPosition(r.Broken, r.Crawler, asked.FromMs, asked.ToMs));
        return new RobotsCompliance(range.From, range.To, rows.Sum(r => r.Fetches), rows.Sum(r => r.Obeyed), rows.Sum(r => r.Broken), page.Items, page.Next);
    }

    private async Task TakeAsync(SiteId site, TimeRange range, string verdict, RobotsHostAudits audits, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        long begun = time.GetTimestamp();
        (long at, ulong behind) = (range.FromMs, 0);
        while (true)
        {
            var parameters = new ClickHouseParameterCollection().With("site", site.Value).With(range).With("verdict", verdict).With(amended)
                .With("at", at).With("after", behind).With("rows", PageRows);
            var fetches = await store.ReadAsync(FetchesSql.For(amended), parameters, StoredRobots.Fetch, stop);
            foreach (var (i, fetch) in fetches.Index())
            {
                if (i % 500 == 0 && time.GetElapsedTime(begun) > JudgingMax)
                    throw new ReportTooCostlyException(new TimeoutException($"Judging by robots.txt took over {JudgingMax.TotalSeconds} s."));
                audits.Take(fetch);
            }
            if (fetches.Count < PageRows)
                return;
            (at, behind) = (fetches[^1].TimeMs, fetches[^1].HitId);
        }
    }

    // A crawler may have come to several hosts.
    private static List<ComplianceRow> Rows(RobotsHostAudits audits) =>
    [
        .. audits.Hosts.SelectMany(h => h.Audit.Crawlers.Select(c => (h.Host, Of: c))).GroupBy(c => c.Of.Crawler).Select(g => new ComplianceRow(
            g.Key.Id, g.Key.Name, g.Key.Operator, g.Key.Purpose.ToName(), RobotsHistory.IsUserTriggered(g.Key),
            g.Sum(c => c.Of.Fetches), g.Sum(c => c.Of.Judged - c.Of.Violations), g.Sum(c => c.Of.Violations), g.Sum(c => c.Of.Spoofed),
            g.Sum(c => c.Of.RobotsFetches), g.Sum(c => c.Of.NoVersionKnown), g.Sum(c => c.Of.UserTriggeredDisallowed),
            [.. g.SelectMany(c => c.Of.Broken.Select(b => Line(c.Host, b))).OrderByDescending(l => l.Fetches).ThenBy(l => l.FirstAt).Take(LinesMax)]))
            .OrderByDescending(r => r.Broken).ThenBy(r => r.Crawler, StringComparer.Ordinal),
    ];

    private static BrokenLine Line(string host, BrokenRule broken) => new(
        host, broken.Answer.Rule?.Line.Number, broken.Answer.Rule?.Line.ToString(), broken.Answer.Sentence,
        broken.Version?.Hash is { Length: > 0 } hash ? hash : null, broken.Version?.SeenAt, broken.Times, broken.FirstAt, broken.LastAt,
        [.. broken.Newest.Select(n => new BrokenExample(n.Path, n.At))]);
}
