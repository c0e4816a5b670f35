using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Lists in pages: pages, hits.</summary>
internal static class ListEndpoints
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // A list of hits is cheap however far back it may go, and an imported log is often old.
    private static readonly TimeSpan Always = TimeRange.Latest - TimeRange.Earliest;

    /// <summary>Longest span of a report that reads each hit: a year and some, so that two of the same month can be compared.</summary>
    internal static readonly TimeSpan EachHitMax = TimeSpan.FromDays(400);

    internal const string EachHitWhy = "reads every hit of its span";

    private static readonly string[] Purposes = ["ai", .. Enum.GetValues<Purpose>().Where(p => p != Purpose.None).Select(p => p.ToName())];

    public static RouteGroupBuilder MapLists(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites/{site}/pages", PagesAsync).WithName("ListPages").WithTags("Reports")
            .WithSummary("Pages of a site, by crawler hits").RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<Page<PageRow>>();
        v1.MapGet("/sites/{site}/hits", HitsAsync).WithName("ListHits").WithTags("Hits")
            .WithSummary("Hits of a site, newest first, each with why its verdict is what it is (any time without from)")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<Page<HitRow>>();
        return v1.MapCrawlers().MapSitemaps();
    }

    private static async Task<Results<Ok<Page<PageRow>>, ProblemHttpResult>> PagesAsync(
        HttpContext http, SiteId site, [AsParameters] PagesQuery query, PagesReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = Read(check, http, query, time);
        string verdict = check.Verdict(query);
        check.Span(range, EachHitMax, EachHitWhy);
        string start = check.Text("path", query.Path, 4096) ?? "";
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, verdict, start, after, limit, stop));
    }

    private static async Task<Results<Ok<Page<HitRow>>, ProblemHttpResult>> HitsAsync(
        HttpContext http, SiteId site, [AsParameters] HitsQuery query, HitsReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var range = check.Range(query.From, query.To, time.GetUtcNow() + Day, Always);
        var filter = new HitFilter(
            check.OneOf("kind", query.Kind, SeriesReport.KeysBy["kind"]),
            check.Text("crawler", query.Crawler, 128),
            check.OneOf("identity", query.Identity, [.. SeriesReport.KeysBy["identity"], "not-spoofed"]),
            string.IsNullOrEmpty(query.Status) ? null : check.Int("status", query.Status, 0, 999, 0),
            check.Text("path", query.Path, 4096),
            check.OneOf("purpose", query.Purpose, Purposes),
            check.OneOf("referral", query.Referral, SeriesReport.KeysBy["referral"]),
            check.Text("rule", query.Rule, 200));
        var before = check.Cursor(query.Cursor, ApiJson.Default.HitPosition);
        if (before is { } position && (position.TimeMs < 0 || position.TimeMs > TimeRange.Latest.ToUnixTimeMilliseconds()))
            check.Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
        int limit = check.Limit(http, query.Limit);
        string verdict = check.Verdict(query);
        if (check.Failed(out var problem))
            return problem;
        var page = await report.ReadAsync(site, range, verdict, filter, before, limit, stop);
        return TypedResults.Ok(http.Caller().IsShare ? page with { Items = [.. page.Items.Select(h => h.WithoutVisitor())] } : page);
    }

    /// <summary>A page after the first keeps the span of the first, so that what arrives meanwhile cannot shift it.</summary>
    internal static (TimeRange Range, CountPosition? After, int Limit) Read(
        QueryCheck check, HttpContext http, ListQuery query, TimeProvider time, TimeSpan? length = null)
    {
        var after = check.Cursor(query.Cursor, ApiJson.Default.CountPosition);
        long latest = TimeRange.Latest.ToUnixTimeMilliseconds();
        if (after is { } p && (p.Count < 0 || p.Key is null || p.Key.Contains('\0') || p.FromMs < 0 || p.ToMs > latest || p.FromMs >= p.ToMs))
        {
            check.Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
            after = null;
        }
        var range = after is { } first
            ? new TimeRange(DateTimeOffset.FromUnixTimeMilliseconds(first.FromMs), DateTimeOffset.FromUnixTimeMilliseconds(first.ToMs))
            : check.Range(query.From, query.To, time.GetUtcNow(), length ?? Day);
        return (range, after, check.Limit(http, query.Limit));
    }

    /// <summary>How many rows are wanted; a table in another form than JSON may have more.</summary>
    internal static int Limit(this QueryCheck check, HttpContext http, string? limit) =>
        TableFormats.IsExport(http.Request)
            ? check.Int("limit", limit, 1, 50_000, 50_000)
            : check.Int("limit", limit, 1, 1_000, 100);
}
