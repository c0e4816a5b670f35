using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Scheduling.Results;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What scans found, by tenant, brand and result, and what they save.</summary>
internal static class ScanReportEndpoints
{
    private const int DaysMax = 400, DaysUsual = 30;

    public static RouteGroupBuilder MapScanReports(this RouteGroupBuilder v1)
    {
        v1.MapGet("/scans/overview", OverviewAsync).WithName("GetScanOverview").WithTags("Scans")
            .WithSummary("Coverage, freshness, what scanning saves against one scan a day for each target, changes found, and the queue").RequireScope(Scopes.ScansRead)
            .Produces<ScanOverview>().GivesReport();
        v1.MapGet("/brands/report", BrandsAsync).WithName("ListBrandReports").WithTags("Targets")
            .WithSummary("How each brand stands in the engines' answers: targets by last result, scans and changes of a span").RequireScope(Scopes.TargetsRead)
            .GivesTable<BrandRows>();
        v1.MapGet("/brands/{id:long}/report", BrandAsync).WithName("GetBrandReport").WithTags("Targets")
            .WithSummary("How a brand stands, by engine and by day").RequireScope(Scopes.TargetsRead).Produces<BrandReport>().GivesReport();
        v1.MapGet("/results", ResultsAsync).WithName("ListAllResults").WithTags("Targets")
            .WithSummary("What scans found, of all targets, the newest first, with evidence; result=lost_citation lists lost citations").RequireScope(Scopes.TargetsRead)
            .GivesTable<ResultRows>();
        return v1;
    }

    private static async Task<Results<Ok<ScanOverview>, ProblemHttpResult>> OverviewAsync(
        HttpContext http, [AsParameters] ScanReportQuery query, SqlScanOverview overview, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        int days = check.Int("days", query.Days, 1, DaysMax, DaysUsual);
        if (check.Failed(out var problem))
            return problem;
        var (latest, made) = await overview.LatestAsync(http.Reach(), days, ReportResults.WantsFresh(http.Request), stop);
        http.Response.Headers.Age = Text((long)Math.Max(0, (time.GetUtcNow() - made).TotalSeconds));
        return TypedResults.Ok(latest);
    }

    private static async Task<Results<Ok<BrandRows>, ProblemHttpResult>> BrandsAsync(
        HttpContext http, [AsParameters] BrandReportQuery query, SqlBrandReports brands, CancellationToken stop)
    {
        var check = new QueryCheck();
        int days = check.Int("days", query.Days, 1, DaysMax, DaysUsual), limit = check.Limit(http, query.Limit);
        long after = check.Number("cursor", query.Cursor);
        if (check.Failed(out var problem))
            return problem;
        var rows = await brands.ListAsync(http.Reach(), days, after, limit, stop);
        return TypedResults.Ok(new BrandRows(rows, rows.Count < limit ? null : Text(rows[^1].Id)));
    }

    private static async Task<Results<Ok<BrandReport>, ProblemHttpResult>> BrandAsync(
        HttpContext http, long id, [AsParameters] ScanReportQuery query, SqlBrandReports brands, CancellationToken stop)
    {
        var check = new QueryCheck();
        int days = check.Int("days", query.Days, 1, DaysMax, DaysUsual);
        if (check.Failed(out var problem))
            return problem;
        return await brands.FindAsync(http.Reach(), id, days, stop) is { } report ? TypedResults.Ok(report)
            : Problems.Make(404, "brand-unknown", "No such brand", $"This key knows no brand {id} with targets.", "List them with GET /v1/brands/report.");
    }

    private static async Task<Results<Ok<ResultRows>, ProblemHttpResult>> ResultsAsync(
        HttpContext http, [AsParameters] ResultsQuery query, SqlBrandReports results, EngineCatalog engines, CancellationToken stop)
    {
        var check = new QueryCheck();
        string? result = check.OneOf("result", query.Result, ["cited", "gap", "lost_citation"]);
        bool? changed = check.OneOf("changed", query.Changed, ["true", "false"]) is { } word ? word == "true" : null;
        string? engine = check.OneOf("engine", query.Engine, engines.Engines);
        long? brand = string.IsNullOrEmpty(query.Brand) ? null : check.Int("brand", query.Brand, 1, int.MaxValue, 0);
        long before = check.Number("cursor", query.Cursor);
        int limit = check.Limit(http, query.Limit);
        if (check.Failed(out var problem))
            return problem;
        var filter = new ResultFilter(ScanResults.TryParse(result, out var wanted) ? wanted : null, changed, engine, brand);
        var rows = await results.ResultsAsync(http.Reach(), filter, before == 0 ? null : before, limit, stop);
        return TypedResults.Ok(new ResultRows(rows, rows.Count < limit ? null : Text(rows[^1].Id)));
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
