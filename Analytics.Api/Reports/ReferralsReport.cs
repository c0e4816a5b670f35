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
    IReadOnlyList<Column> ITable.Columns { get; } = ["source", "class", Column.Number("visits_of_source"), "landing_page", Column.Number("visits_of_page")];

    IEnumerable<object?[]> ITable.Rows =>
        Items.SelectMany(r => r.LandingPages.Select(p => new object?[] { r.Source, r.Class, r.Hits, p.Path, p.Hits }));
}

/// <summary>Reads <see cref="ReferralRow"/>s.</summary>
internal sealed class ReferralsReport(ReportStore store, AmendmentsReport amendments)
{
    private static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Judged}}, landings AS
        (
            SELECT referral_source AS source, referral_class AS class, path, count() AS page_hits
            FROM judged
            WHERE referral_class != 'none' AND kind NOT IN ('crawler', 'automation')
              AND ({class:String} = '' OR toString(referral_class) = {class:String})
            GROUP BY source, class, path
        )
        SELECT source, toString(class), sum(page_hits) AS source_hits,
               arraySlice(arraySort(p -> (-toInt64(p.2), p.1), groupArray((path, page_hits))), 1, 10) AS pages
        FROM landings
        GROUP BY source, class
        ORDER BY source_hits DESC, source, class
        LIMIT 200
        {{ReportStore.Limits}}
        """);

    public async Task<ReferralList> ReadAsync(SiteId site, TimeRange range, string verdict, string referralClass, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With(range).With("verdict", verdict).With(amended).With("class", referralClass);
        return new ReferralList(await store.ReadAsync(Sql.For(amended), parameters, Row, stop));
    }

    private static ReferralRow Row(ClickHouseDataReader r) => new(r.GetString(0), r.GetString(1), r.Count(2),
        [.. r.GetFieldValue<Tuple<string, ulong>[]>(3).Select(p => new LandingPage(p.Item1, (long)p.Item2))]);
}
