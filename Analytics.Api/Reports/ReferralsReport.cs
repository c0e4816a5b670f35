using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Where people arrived, and how often.</summary>
/// <param name="Path">Landing page: the client's own words.</param>
/// <param name="Hits">Visits that began there.</param>
public sealed record LandingPage(string Path, long Hits);

/// <summary>Visits of people that one engine or network sent. Hits of programs do not count.</summary>
/// <param name="Source">The engine or network, such as <c>chatgpt</c>.</param>
/// <param name="Class"><c>ai</c>, <c>search</c>, <c>social</c> or <c>other</c>.</param>
/// <param name="Hits">Visits.</param>
/// <param name="LandingPages">The ten pages where most of them began.</param>
public sealed record ReferralRow(string Source, string Class, long Hits, IReadOnlyList<LandingPage> LandingPages);

/// <summary>Who sent people to a site.</summary>
/// <param name="Items">Sources by visits; at most 200.</param>
public sealed record ReferralList(IReadOnlyList<ReferralRow> Items) : ITable
{
    IReadOnlyList<string> ITable.Columns { get; } = ["source", "class", "visits_of_source", "landing_page", "visits_of_page"];

    IEnumerable<object?[]> ITable.Rows =>
        Items.SelectMany(r => r.LandingPages.Select(p => new object?[] { r.Source, r.Class, r.Hits, p.Path, p.Hits }));
}

/// <summary>Reads <see cref="ReferralRow"/>s.</summary>
internal sealed class ReferralsReport(ReportStore store)
{
    private const string Sql = $$"""
        WITH {{VerdictSql.Amended}}, {{VerdictSql.Judged}}, landings AS
        (
            SELECT referral_source AS source, referral_class AS class, path, count() AS page_hits
            FROM judged
            WHERE referral_class != 'none' AND kind NOT IN ('crawler', 'automation')
              AND ({class:String} = '' OR toString(referral_class) = {class:String})
            GROUP BY source, class, path
        ),
        sources AS
        (
            SELECT source, class, sum(page_hits) AS source_hits FROM landings GROUP BY source, class
            ORDER BY source_hits DESC, source, class LIMIT 200
        )
        SELECT source, toString(class), source_hits, path, page_hits
        FROM landings INNER JOIN sources USING (source, class)
        ORDER BY source_hits DESC, source, class, page_hits DESC, path
        LIMIT 10 BY source, class
        {{ReportStore.Limits}}
        """;

    public async Task<ReferralList> ReadAsync(SiteId site, TimeRange range, string verdict, string referralClass, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection().With("site", site.Value).With(range).With("verdict", verdict).With("class", referralClass);
        var rows = await store.ReadAsync(Sql, parameters, Landing, stop);
        return new ReferralList([.. rows
            .GroupBy(r => (r.Source, r.Class, r.SourceHits))
            .Select(g => new ReferralRow(g.Key.Source, g.Key.Class, g.Key.SourceHits, [.. g.Select(r => r.Page)]))]);
    }

    private static (string Source, string Class, long SourceHits, LandingPage Page) Landing(ClickHouseDataReader r) =>
        (r.GetString(0), r.GetString(1), r.Count(2), new LandingPage(r.GetString(3), r.Count(4)));
}
