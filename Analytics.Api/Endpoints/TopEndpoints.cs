using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What goes on now, over all sites of a key.</summary>
internal static class TopEndpoints
{
    private const int SecondsMax = 3600, SecondsOtherwise = 60;

    public static RouteGroupBuilder MapTop(this RouteGroupBuilder v1)
    {
        v1.MapGet("/top", TopAsync).WithName("GetTop").WithTags("Hits")
            .WithSummary("Hits of the last seconds at the edge, by site, kind, crawler and identity, with the time that the edge took for itself")
            .RequireScope(Scopes.AnalyticsRead).GivesReport();
        return v1;
    }

    private static async Task<Results<Ok<Top>, ProblemHttpResult>> TopAsync(
        HttpContext http,
        [Description("How far to look back, 1 to 3600; 60 without it.")] string? seconds,
        SiteAccess sites, TopReport report, CancellationToken stop)
    {
        var check = new QueryCheck();
        int length = check.Int("seconds", seconds, 1, SecondsMax, SecondsOtherwise);
        if (check.Failed(out var problem))
            return problem;
        var visible = await sites.ListAsync(http.Caller(), stop);
        return TypedResults.Ok(await report.ReadAsync([.. visible.Select(s => s.Site)], length, stop));
    }
}
