using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>The verdict that a hit reads as, where that is not the one it was given.</summary>
/// <param name="IsByRun">Whether a run of <c>weir reclassify</c> gave it; else its identity was found out late, and all else stands as given.</param>
/// <param name="Kind">What sort of client.</param>
/// <param name="Crawler">The crawler's id; null without a claim.</param>
/// <param name="Operator">Who runs it.</param>
/// <param name="Purpose">Why it fetches.</param>
/// <param name="Identity">What checking the claim gave.</param>
/// <param name="Method">How it was checked.</param>
/// <param name="RangeList">The list that judged; null when none did.</param>
/// <param name="Score">0 to 100.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Reasons">Why.</param>
/// <param name="ReferralClass">What sort of page sent a person.</param>
/// <param name="ReferralSource">Who sent them.</param>
internal sealed record AmendedHit(
    bool IsByRun, string Kind, string? Crawler, string? Operator, string Purpose, Identity Identity, IdentityMethod Method, string? RangeList, int Score,
    double Confidence, ReasonSet Reasons, string ReferralClass, string? ReferralSource);

/// <summary>Reads <see cref="AmendedHit"/>s.</summary>
internal sealed class AmendedHits(ReportStore store)
{
    private const string Sql = $$"""
        WITH {{VerdictSql.Amended}}
        SELECT toUnixTimestamp64Milli(time), hit_id, is_by_run, toString(kind), crawler, operator, toString(purpose), toUInt8(identity),
               toUInt8(identity_method), range_list, score, confidence, reasons, toString(referral_class), referral_source
        FROM amended
        {{ReportStore.Limits}}
        """;

    /// <summary>Those of a site between two times, both inside, by time and id.</summary>
    public async Task<Dictionary<(long TimeMs, ulong HitId), AmendedHit>> ReadAsync(
        SiteId site, long firstMs, long lastMs, string verdict, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With("from", firstMs).With("to", lastMs + 1).With("verdict", verdict);
        var rows = await store.ReadAsync(Sql, parameters, Row, stop);
        return rows.ToDictionary(r => r.Key, r => r.Hit);
    }

    private static ((long, ulong) Key, AmendedHit Hit) Row(ClickHouseDataReader r) => ((r.GetInt64(0), r.GetUInt64(1)), new AmendedHit(
        r.GetByte(2) != 0, r.GetString(3), r.TextOrNull(4), r.TextOrNull(5), r.GetString(6), (Identity)r.GetByte(7), (IdentityMethod)r.GetByte(8),
        r.TextOrNull(9), r.GetByte(10), r.GetFloat(11), new ReasonSet(r.GetUInt64(12)), r.GetString(13), r.TextOrNull(14)));
}
