using System.Text.Json.Serialization;
using ClickHouse.Driver.ADO.Parameters;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>What to list; null asks for any.</summary>
/// <param name="Kind">Kind of client, as stored.</param>
/// <param name="Crawler">Crawler id.</param>
/// <param name="Identity">Identity, as stored.</param>
/// <param name="Status">Response status.</param>
/// <param name="Path">Exact path, or the beginning of one when it ends in <c>*</c>.</param>
internal sealed record HitFilter(string? Kind, string? Crawler, string? Identity, int? Status, string? Path);

/// <summary>Position in the list of hits: strictly older hits follow.</summary>
internal readonly record struct HitPosition([property: JsonPropertyName("t")] long TimeMs, [property: JsonPropertyName("i")] ulong HitId);

/// <summary>Lists hits, newest first.</summary>
internal sealed class HitsReport(ReportStore store, AmendmentsReport amendments, HitRows rows, AmendedHits amendedHits)
{
    private const string Given = """
        AND ({kind:String} = '' OR toString(kind) = {kind:String})
          AND ({crawler:String} = '' OR crawler = {crawler:String})
          AND ({identity:String} = '' OR toString(identity) = {identity:String})
        """;

    private const string Amended = """
        AND (({kind:String} = '' AND {crawler:String} = '' AND {identity:String} = '')
            OR (({kind:String} = '' OR toString(kind) = {kind:String})
                AND ({crawler:String} = '' OR crawler = {crawler:String})
                AND ({identity:String} = '' OR toString(identity) = {identity:String})
                AND (time, hit_id) NOT IN (SELECT time, hit_id FROM amended))
            OR (time, hit_id) IN
               (
                   SELECT time, hit_id FROM amended
                   WHERE ({kind:String} = '' OR toString(kind) = {kind:String})
                     AND ({crawler:String} = '' OR crawler = {crawler:String})
                     AND ({identity:String} = '' OR toString(identity) = {identity:String})
               ))
        """;

    private static readonly VerdictQuery Sql = new(v => $$"""
        {{v.IfAmended("WITH")}} {{v.Amended.TrimEnd(',')}}
        SELECT {{HitRows.Columns}}
        FROM hits
        WHERE site = {site:String}
          AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
          AND time <= fromUnixTimestamp64Milli({beforeTime:Int64}, 'UTC')
          AND (time < fromUnixTimestamp64Milli({beforeTime:Int64}, 'UTC') OR hit_id < {beforeId:UInt64})
          {{v.IfAmended(Amended, Given)}}
          AND ({status:Int32} < 0 OR status = {status:Int32})
          AND ({path:String} = '' OR path = {path:String})
          AND ({pathStart:String} = '' OR startsWith(path, {pathStart:String}))
        ORDER BY time DESC, hit_id DESC
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """);

    public async Task<Page<HitRow>> ReadAsync(
        SiteId site, TimeRange range, string verdict, HitFilter filter, HitPosition? before, int limit, CancellationToken stop)
    {
        bool isStart = filter.Path is not null && filter.Path.EndsWith('*');
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
            .With("status", filter.Status ?? -1)
            .With("path", isStart ? "" : filter.Path ?? "")
            .With("pathStart", isStart ? filter.Path![..^1] : "")
            .With("limit", limit + 1);
        var hits = await store.ReadAsync(Sql.For(amended), parameters, rows.Read, stop);
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
