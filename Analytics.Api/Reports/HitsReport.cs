using System.Text.Json.Serialization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>What to list; null asks for any.</summary>
/// <param name="Kind">Kind of client, as stored.</param>
/// <param name="Crawler">Crawler id.</param>
/// <param name="Identity">Identity, as stored; <c>not-spoofed</c> for every other.</param>
/// <param name="Status">Response status.</param>
/// <param name="Path">Exact path, or the beginning of one when it ends in <c>*</c>.</param>
/// <param name="Purpose">Purpose, as stored; <c>ai</c> for every purpose of AI.</param>
/// <param name="Referral">Class of referral, as stored; of people, as in every report.</param>
/// <param name="Rule">Name of a rule that acted, or in dry run would have.</param>
internal sealed record HitFilter(
    string? Kind, string? Crawler, string? Identity, int? Status, string? Path, string? Purpose = null, string? Referral = null,
    string? Rule = null);

/// <summary>Position in the list of hits: strictly older hits follow.</summary>
internal readonly record struct HitPosition([property: JsonPropertyName("t")] long TimeMs, [property: JsonPropertyName("i")] ulong HitId);

/// <summary>Lists hits, newest first.</summary>
internal sealed class HitsReport(ReportStore store, AmendmentsReport amendments, HitRows rows, AmendedHits amendedHits)
{
    /// <summary>What is asked of a verdict; where hits are amended, the same is asked of what they read as.</summary>
    private static string OfVerdict(HitFilter filter) => string.Join(" AND ", new[]
    {
        filter.Kind is null ? null : "toString(kind) = {kind:String}",
        filter.Crawler is null ? null : "crawler = {crawler:String}",
        filter.Identity switch { null => null, "not-spoofed" => "identity != 'spoofed'", _ => "toString(identity) = {identity:String}" },
        filter.Purpose switch { null => null, "ai" => "startsWith(toString(purpose), 'ai-')", _ => "toString(purpose) = {purpose:String}" },
        filter.Referral is null ? null : "toString(referral_class) = {referral:String} AND kind NOT IN ('crawler', 'automation')",
    }.OfType<string>());

    /// <summary>What is asked of the request itself, which no later verdict changes.</summary>
    private static IEnumerable<string> OfRequest(HitFilter filter) => new[]
    {
        filter.Status is null ? null : "status = {status:Int32}",
        filter.Rule is null ? null : "(policy_rule = {rule:String} OR dry_run_rule = {rule:String})",
        filter.Path is null ? null : IsStart(filter) ? "startsWith(path, {path:String})" : "path = {path:String}",
    }.OfType<string>();

    private static string Amended(string matches) =>
        $"(({matches} AND (time, hit_id) NOT IN (SELECT time, hit_id FROM amended)) OR (time, hit_id) IN (SELECT time, hit_id FROM amended WHERE {matches}))";

    // Conditions that are not asked for would be planned all the same.
    private static string SqlOf(HitFilter filter, HitPosition? before, Amendments amended)
    {
        string matches = OfVerdict(filter);
        return VerdictQuery.Write(v =>
        {
            IEnumerable<string> conditions =
            [
                "site = {site:String}",
                "time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')",
                .. before is null ? Array.Empty<string>() :
                [
                    "time <= fromUnixTimestamp64Milli({beforeTime:Int64}, 'UTC')",
                    "(time < fromUnixTimestamp64Milli({beforeTime:Int64}, 'UTC') OR hit_id < {beforeId:UInt64})",
                ],
                .. matches.Length == 0 ? Array.Empty<string>() : [v.IfAmended(Amended(matches), matches)],
                .. OfRequest(filter),
            ];
            return $$"""
                {{(matches.Length == 0 ? "" : v.IfAmended("WITH " + v.Amended.TrimEnd(',')))}}
                SELECT {{HitRows.Columns}}
                FROM hits
                WHERE {{string.Join("\n  AND ", conditions)}}
                ORDER BY time DESC, hit_id DESC
                LIMIT {limit:UInt32}
                {{ReportStore.Limits}}
                """;
        }, amended);
    }

    private static bool IsStart(HitFilter filter) => filter.Path is not null && filter.Path.EndsWith('*');

    public async Task<Page<HitRow>> ReadAsync(
        SiteId site, TimeRange range, string verdict, HitFilter filter, HitPosition? before, int limit, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value)
            .With(range)
            .With("verdict", verdict)
            .With(amended)
            .With("beforeTime", before?.TimeMs ?? range.ToMs)
            .With("beforeId", before?.HitId ?? 0)
            .With("kind", filter.Kind ?? "")
            .With("crawler", filter.Crawler ?? "")
            .With("identity", filter.Identity ?? "")
            .With("purpose", filter.Purpose ?? "")
            .With("referral", filter.Referral ?? "")
            .With("rule", filter.Rule ?? "")
            .With("status", filter.Status ?? -1)
            .With("path", IsStart(filter) ? filter.Path![..^1] : filter.Path ?? "")
            .With("limit", limit + 1);
        var hits = await store.ReadAsync(SqlOf(filter, before, amended), parameters, rows.Read, stop);
        if (hits.Count > 0 && amended.MayTouch(hits[^1].Time.ToUnixTimeMilliseconds(), hits[0].Time.ToUnixTimeMilliseconds()))
            hits = await AmendAsync(site, hits, verdict, stop);
        if (hits.Count <= limit)
            return new Page<HitRow>(hits, null);
        hits.RemoveAt(limit);
        var last = hits[^1];
        return new Page<HitRow>(hits, Cursor.Write(new HitPosition(last.Time.ToUnixTimeMilliseconds(), last.HitId), ApiJson.Default.HitPosition));
    }

    private async Task<List<HitRow>> AmendAsync(SiteId site, List<HitRow> hits, string verdict, CancellationToken stop)
    {
        var amended = await amendedHits.ReadAsync(
            site, hits[^1].Time.ToUnixTimeMilliseconds(), hits[0].Time.ToUnixTimeMilliseconds(), verdict, stop);
        return amended.Count == 0 ? hits
            : hits.ConvertAll(h => amended.TryGetValue((h.Time.ToUnixTimeMilliseconds(), h.HitId), out var found) ? rows.Amend(h, found) : h);
    }
}
