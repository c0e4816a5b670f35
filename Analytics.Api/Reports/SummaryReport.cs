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
internal sealed class SummaryReport(ReportStore store, AmendmentsReport amendments, CompletenessReport completeness)
{
    internal static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Corrections}} parts AS
        (
            SELECT kind, startsWith(toString(purpose), 'ai-') AS is_ai, identity, referral_class, CAST(hits, 'UInt64') AS hits, clients
            FROM hits_hourly
            WHERE site = {site:String}
              AND {{TimeRange.InWholeHours}}
            UNION ALL
            SELECT kind, startsWith(toString(purpose), 'ai-') AS is_ai, identity, referral_class, count() AS hits,
                   uniqState(client_address) AS clients
            FROM hits
            WHERE site = {site:String}
              AND {{TimeRange.AtEdges}}
            GROUP BY kind, is_ai, identity, referral_class
            {{v.IfAmended("""
            UNION ALL
            SELECT kind, startsWith(toString(purpose), 'ai-') AS is_ai, identity, referral_class, sum(hits) AS hits,
                   uniqStateIf(toIPv6('::'), 0) AS clients
            FROM corrections
            GROUP BY kind, is_ai, identity, referral_class
            """)}}
        )
        SELECT sum(hits) AS hits_all,
               sumIf(hits, kind = 'crawler'), sumIf(hits, kind = 'automation'),
               sumIf(hits, kind = 'likely-human'), sumIf(hits, kind = 'unknown'),
               sumIf(hits, identity = 'verified'), sumIf(hits, identity = 'spoofed'), sumIf(hits, identity = 'unverifiable'),
               sumIf(hits, identity = 'pending'), sumIf(hits, identity = 'not-claimed'),
               sumIf(hits, referral_class = 'ai' AND kind NOT IN ('crawler', 'automation')),
               sumIf(hits, referral_class = 'search' AND kind NOT IN ('crawler', 'automation')),
               sumIf(hits, referral_class = 'social' AND kind NOT IN ('crawler', 'automation')),
               sumIf(hits, referral_class = 'other' AND kind NOT IN ('crawler', 'automation')),
               sumIf(hits, kind = 'crawler' AND is_ai AND identity != 'spoofed'),
               sumIf(hits, kind = 'crawler' AND is_ai AND identity = 'verified'),
               toUInt64(uniqMerge(clients))
        FROM parts
        {{ReportStore.Limits}}
        """);

    public async Task<Summary> ReadAsync(SiteId site, TimeRange range, string verdict, CancellationToken stop)
    {
        var complete = completeness.ReadAsync(site, range, stop);
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection().With("site", site.Value).With(range).With("verdict", verdict).With(amended);
        var n = (await store.ReadAsync(Sql.For(amended), parameters, Numbers, stop))[0];
        var (until, lost) = await complete;
        return new Summary(
            Hits: n[0],
            Kinds: new Dictionary<string, long> { ["crawler"] = n[1], ["automation"] = n[2], ["likely-human"] = n[3], ["unknown"] = n[4] },
            Identities: new Dictionary<string, long>
            {
                ["verified"] = n[5],
                ["spoofed"] = n[6],
                ["unverifiable"] = n[7],
                ["pending"] = n[8],
                ["not-claimed"] = n[9],
            },
            Referrals: new Dictionary<string, long> { ["ai"] = n[10], ["search"] = n[11], ["social"] = n[12], ["other"] = n[13] },
            AiCrawlers: n[14],
            AiCrawlersVerified: n[15],
            OtherBots: n[1] + n[2] - n[14],
            Clients: n[16],
            Lost: lost,
            CompleteUntil: until,
            From: range.From,
            To: range.To);
    }

    private static long[] Numbers(ClickHouseDataReader row)
    {
        var numbers = new long[row.FieldCount];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = row.Count(i);
        return numbers;
    }
}
