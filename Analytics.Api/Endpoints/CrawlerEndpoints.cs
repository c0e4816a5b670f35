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

/// <summary>Crawlers: who came, who only said so, and who kept to robots.txt.</summary>
internal static class CrawlerEndpoints
{
    private const int CrawlerMaxLength = 128;

    public static RouteGroupBuilder MapCrawlers(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites/{site}/crawlers", CrawlersAsync).WithName("ListCrawlers").WithTags("Reports")
            .WithSummary("Crawlers of a site, by hits").RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<Page<CrawlerRow>>();
        v1.MapGet("/sites/{site}/crawlers/{crawler}", CrawlerAsync).WithName("GetCrawler").WithTags("Reports")
            .WithSummary("One crawler on a site: identity, statuses, how it comes back, and its paths in pages")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<CrawlerDetail>();
        v1.MapGet("/sites/{site}/identity", IdentityAsync).WithName("ListSpoofedSources").WithTags("Reports")
            .WithSummary("Where spoofed requests came from, by claimed crawler, network and autonomous system")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<Page<SpoofedSource>>();
        v1.MapGet("/sites/{site}/robots/compliance", ComplianceAsync).WithName("GetRobotsCompliance").WithTags("Reports")
            .WithSummary("How crawlers kept to robots.txt, each fetch judged by the version that its crawler could have read, with the lines broken")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<RobotsCompliance>();
        return v1;
    }

    private static async Task<Results<Ok<Page<CrawlerRow>>, ProblemHttpResult>> CrawlersAsync(
        HttpContext http, SiteId site, [AsParameters] CrawlersQuery query, CrawlersReport report, CrawlerHabitsReport habits, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time);
        string verdict = check.Verdict(query);
        bool wantsHabits = check.OneOf("habits", query.Habits, ["true", "false"]) == "true";
        if (check.Failed(out var problem))
            return problem;
        var page = await report.ReadAsync(site, range, verdict, "", after, limit, stop);
        if (!wantsHabits)
            return TypedResults.Ok(page);
        if (page.Items.Sum(r => r.Hits) > CrawlerHabitsReport.HitsMax)
        {
            return Problems.TooCostly(
                $"This span has more than {CrawlerHabitsReport.HitsMax:N0} hits of these crawlers, whose times would all be compared.",
                "Ask for habits over a shorter span, for fewer crawlers ('limit'), or of one crawler: /v1/sites/{site}/crawlers/{crawler}.");
        }
        var known = await habits.ReadAsync(site, range, verdict, [.. page.Items.Select(r => r.Crawler)], stop);
        return TypedResults.Ok(page with { Items = [.. page.Items.Select(r => r with { Habits = known[r.Crawler] })] });
    }

    private static async Task<Results<Ok<CrawlerDetail>, ProblemHttpResult>> CrawlerAsync(
        HttpContext http, SiteId site, string crawler, [AsParameters] ListQuery query, CrawlerDetailReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time);
        check.Span(range, ListEndpoints.EachHitMax, ListEndpoints.EachHitWhy);
        string verdict = check.Verdict(query);
        _ = check.Text("crawler", crawler, CrawlerMaxLength);
        if (check.Failed(out var problem))
            return problem;
        return await report.ReadAsync(site, range, verdict, crawler, after, limit, stop) is { } detail
            ? TypedResults.Ok(detail)
            : Problems.Make(404, "crawler-unknown", "No such crawler", "Neither the catalog nor this span of the site knows a crawler of this id.",
                "List the crawlers of the site with GET /v1/sites/{site}/crawlers; ids are such as gptbot.");
    }

    private static async Task<Results<Ok<Page<SpoofedSource>>, ProblemHttpResult>> IdentityAsync(
        HttpContext http, SiteId site, [AsParameters] IdentityQuery query, IdentityReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time);
        check.Span(range, ListEndpoints.EachHitMax, ListEndpoints.EachHitWhy);
        string verdict = check.Verdict(query);
        string crawler = check.Text("crawler", query.Crawler, CrawlerMaxLength) ?? "";
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, verdict, crawler, after, limit, stop));
    }

    private static async Task<Results<Ok<RobotsCompliance>, ProblemHttpResult>> ComplianceAsync(
        HttpContext http, SiteId site, [AsParameters] ListQuery query, RobotsComplianceReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time);
        check.Span(range, ListEndpoints.EachHitMax, ListEndpoints.EachHitWhy);
        string verdict = check.Verdict(query);
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, verdict, after, limit, stop));
    }
}
