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

/// <summary>Sites and their figures.</summary>
internal static class SiteEndpoints
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static RouteGroupBuilder MapSites(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites", ListAsync).WithName("ListSites").WithTags("Sites")
            .WithSummary("Sites that the key may read").RequireScope(Scopes.AnalyticsRead).OpenToShares().GivesReport();
        v1.MapGet("/sites/{site}/summary", SummaryAsync).WithName("GetSummary").WithTags("Reports")
            .WithSummary("One site over one span of time, in single figures").RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesReport();
        v1.MapGet("/sites/{site}/series", SeriesEndpoint.GetAsync).WithName("GetSeries").WithTags("Reports")
            .WithSummary("Hits over time, one line per kind, crawler, operator, purpose, identity, referral, status, country or path")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<Series>();
        v1.MapGet("/sites/{site}/anomalies", AnomaliesAsync).WithName("ListAnomalies").WithTags("Reports")
            .WithSummary("Crawlers that appeared, stopped, tripled or fell to a third against their own past, with counts and intervals")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<AnomalyList>();
        v1.MapGet("/sites/{site}/referrals", ReferralsAsync).WithName("ListReferrals").WithTags("Reports")
            .WithSummary("Who sent people, and where they arrived").RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<ReferralList>();
        v1.MapGet("/sites/{site}/policy", PolicyAsync).WithName("ListPolicy").WithTags("Reports")
            .WithSummary("What the site's rules did, and what rules in dry run would have done").RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<PolicyList>();
        v1.MapGet("/sites/{site}/robots", RobotsAsync).WithName("ListRobots").WithTags("Reports")
            .WithSummary("Versions of the site's robots.txt as served, newest first; with hash the text of one").RequireScope(Scopes.AnalyticsRead).OpenToShares().GivesTable<RobotsVersionList>();
        return v1;
    }

    private static async Task<Ok<SiteList>> ListAsync(HttpContext http, SiteAccess sites, CancellationToken stop) =>
        TypedResults.Ok(new SiteList(await sites.ListAsync(http.Caller(), stop)));

    private static async Task<Results<Ok<Summary>, ProblemHttpResult>> SummaryAsync(
        SiteId site, [AsParameters] ComparedQuery query, SummaryReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var range = check.Range(query.From, query.To, time.GetUtcNow(), Day);
        var before = check.Compared(query.Compare, range, time.GetUtcNow());
        string verdict = check.Verdict(query);
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, before, verdict, stop));
    }

    private static async Task<Results<Ok<PolicyList>, ProblemHttpResult>> PolicyAsync(
        SiteId site, [AsParameters] RangeQuery query, PolicyReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var range = check.Range(query.From, query.To, time.GetUtcNow(), Day);
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, stop));
    }

    private static async Task<Results<Ok<RobotsVersionList>, ProblemHttpResult>> RobotsAsync(
        SiteId site, [AsParameters] RobotsQuery query, RobotsReport report, CancellationToken stop)
    {
        var check = new QueryCheck();
        string hash = check.Text("hash", query.Hash, 64) ?? "";
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, hash, stop));
    }

    private static async Task<Results<Ok<ReferralList>, ProblemHttpResult>> ReferralsAsync(
        SiteId site, [AsParameters] ReferralsQuery query, ReferralsReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var range = check.Range(query.From, query.To, time.GetUtcNow(), Day);
        check.Span(range, ListEndpoints.EachHitMax, ListEndpoints.EachHitWhy);
        string? referralClass = check.OneOf("class", query.Class, ["ai", "search", "social", "other"]);
        string verdict = check.Verdict(query);
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, verdict, referralClass ?? "", stop));
    }

    private static async Task<Results<Ok<AnomalyList>, ProblemHttpResult>> AnomaliesAsync(
        HttpContext http, SiteId site, [AsParameters] ListQuery query, AnomaliesReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time);
        string verdict = check.Verdict(query);
        check.Span(range, AnomaliesReport.SpanMax, "compares a span with the seven before it");
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, verdict, after, limit, stop));
    }
}
