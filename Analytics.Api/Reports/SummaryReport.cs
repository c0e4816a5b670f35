using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>One site over one span of time, in single figures.</summary>
/// <param name="Hits">Requests stored.</param>
/// <param name="Kinds">Hits by kind of client: <c>crawler</c>, <c>automation</c>, <c>likely-human</c>, <c>unknown</c>; they add up to Hits.</param>
/// <param name="Identities">Hits by identity: <c>verified</c>, <c>spoofed</c>, <c>unverifiable</c>, <c>pending</c>, <c>not-claimed</c>; they add up to Hits.</param>
/// <param name="Referrals">Visits of people by what sent them: <c>ai</c>, <c>search</c>, <c>social</c>, <c>other</c>. Hits of programs do not count.</param>
/// <param name="AiCrawlers">Hits of AI crawlers (training, search, user, agent) except spoofed ones.</param>
/// <param name="AiCrawlersVerified">Those of <paramref name="AiCrawlers"/> whose identity is verified.</param>
/// <param name="OtherBots">Every other hit of a program, spoofed AI crawlers included.</param>
/// <param name="Clients">Different client addresses: exact up to some 65,000, an estimate within about 1 % above.</param>
/// <param name="Lost">Hits in this span that will never be stored, those whose site is not known included.</param>
/// <param name="CompleteUntil">Every hit before this time is stored or counted as lost.</param>
/// <param name="From">Start of the span, inside it.</param>
/// <param name="To">End of the span, outside it.</param>
/// <param name="Previous">The span of the same length before, where <c>compare=previous</c> asked for it; else null.</param>
public sealed record Summary(
    long Hits,
    IReadOnlyDictionary<string, long> Kinds,
    IReadOnlyDictionary<string, long> Identities,
    IReadOnlyDictionary<string, long> Referrals,
    long AiCrawlers,
    long AiCrawlersVerified,
    long OtherBots,
    long Clients,
    long Lost,
    DateTimeOffset CompleteUntil,
    DateTimeOffset From,
    DateTimeOffset To,
    Summary? Previous = null);

/// <summary>Reads <see cref="Summary"/>.</summary>
internal sealed class SummaryReport(ReportStore store, AmendmentsReport amendments, CompletenessReport completeness, CountsReport counts)
{
    private static readonly string[] Kinds = ["crawler", "automation", "likely-human", "unknown"];
    private static readonly string[] Identities = ["verified", "spoofed", "unverifiable", "pending", "not-claimed"];
    private static readonly string[] Referrals = ["ai", "search", "social", "other"];

    // One row a sort of hit, and one of all. Sums of each figure in SQL would be planned longer than they are counted.
    internal static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Corrections}} parts AS
        (
            SELECT kind, startsWith(toString(purpose), 'ai-') AS is_ai, identity, referral_class, CAST(hits, 'UInt64') AS hits, clients
            FROM hits_hourly
            WHERE site = {site:String}
              AND {{TimeRange.InWholeHours}}
            {{v.IfEdges($$"""
            UNION ALL
            SELECT kind, startsWith(toString(purpose), 'ai-') AS is_ai, identity, referral_class, count() AS hits,
                   uniqState(client_address) AS clients
            FROM hits
            WHERE site = {site:String}
              AND {{TimeRange.AtEdges}}
            GROUP BY kind, is_ai, identity, referral_class
            """)}}
            {{v.IfAmended("""
            UNION ALL
            SELECT kind, startsWith(toString(purpose), 'ai-') AS is_ai, identity, referral_class, sum(hits) AS hits,
                   uniqStateIf(toIPv6('::'), 0) AS clients
            FROM corrections
            GROUP BY kind, is_ai, identity, referral_class
            """)}}
        )
        SELECT toString(kind), is_ai, toString(identity), toString(referral_class), sum(hits), toUInt64(uniqMerge(clients)), grouping(kind)
        FROM parts
        GROUP BY GROUPING SETS ((kind, is_ai, identity, referral_class), ())
        {{ReportStore.Limits}}
        """);

    /// <summary>The figures of a span, with those of the one before where it is given.</summary>
    public async Task<Summary> ReadAsync(SiteId site, TimeRange range, TimeRange? before, string verdict, CancellationToken stop)
    {
        var (reading, counting) = (counts.ReadAsync(site, range, verdict, stop), counts.ClientsAsync(site, range, stop));
        await Task.WhenAll(reading, counting);
        if (await reading is { } known && await counting is { } clients && (before is null || known.Before is not null))
        {
            var now = SummaryAsync(site, range, known.Sorts.Select(s => Sort.Of(s, s.Hits)), clients.Clients, stop);
            var previous = before is null ? null
                : await SummaryAsync(site, known.Before!.Value, known.Sorts.Select(s => Sort.Of(s, s.HitsBefore)), clients.Before, stop);
            return await now with { Previous = previous };
        }
        var asked = before is { } b ? AskAsync(site, b, verdict, stop) : null;
        var summary = await AskAsync(site, range, verdict, stop);
        return summary with { Previous = asked is null ? null : await asked };
    }

    /// <summary>The figures of a span by a question of their own.</summary>
    internal async Task<Summary> AskAsync(SiteId site, TimeRange range, string verdict, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection().With("site", site.Value).With(range).With("verdict", verdict).With(amended);
        var rows = await store.ReadAsync(Sql.For(amended, range.HasEdges), parameters, Row, stop);
        return await SummaryAsync(site, range, rows.Where(r => !r.IsAll), rows.FirstOrDefault(r => r.IsAll).Clients, stop);
    }

    private async Task<Summary> SummaryAsync(SiteId site, TimeRange range, IEnumerable<Sort> all, long clients, CancellationToken stop)
    {
        var (until, lost) = await completeness.ReadAsync(site, range, stop);
        var sorts = all.ToList();
        long Sum(Func<Sort, bool> of) => Math.Max(0, sorts.Where(of).Sum(r => r.Hits));
        long ai = Sum(r => r.IsAiCrawler), crawlers = Sum(r => r.Kind == "crawler"), automation = Sum(r => r.Kind == "automation");
        return new Summary(
            Hits: Sum(_ => true),
            Kinds: Kinds.ToDictionary(kind => kind, kind => Sum(r => r.Kind == kind)),
            Identities: Identities.ToDictionary(identity => identity, identity => Sum(r => r.Identity == identity)),
            Referrals: Referrals.ToDictionary(sent => sent, sent => Sum(r => r.Referral == sent && !r.IsProgram)),
            AiCrawlers: ai,
            AiCrawlersVerified: Sum(r => r.IsAiCrawler && r.Identity == "verified"),
            OtherBots: crawlers + automation - ai,
            Clients: clients,
            Lost: lost,
            CompleteUntil: until,
            From: range.From,
            To: range.To);
    }

    // A correction's count wraps where it takes hits away, and sums up to what is left.
    private static Sort Row(ClickHouseDataReader r) =>
        new(r.GetString(0), r.GetByte(1) != 0, r.GetString(2), r.GetString(3), unchecked((long)r.GetUInt64(4)), r.Count(5), r.GetUInt64(6) != 0);

    private readonly record struct Sort(string Kind, bool IsAi, string Identity, string Referral, long Hits, long Clients, bool IsAll)
    {
        public static Sort Of(SortCounts sort, long hits) =>
            new(sort.Sort.Kind, sort.IsAi, sort.Sort.Identity, sort.Sort.ReferralClass, hits, 0, false);

        public bool IsProgram => Kind is "crawler" or "automation";

        public bool IsAiCrawler => Kind == "crawler" && IsAi && Identity != "spoofed";
    }
}
