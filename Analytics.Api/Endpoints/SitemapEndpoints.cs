using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Analytics.Api.Sitemaps;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>A site's sitemap, and what crawlers made of its pages.</summary>
internal static class SitemapEndpoints
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    public static RouteGroupBuilder MapSitemaps(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites/{site}/sitemap", GetAsync).WithName("GetSitemap").WithTags("Sites")
            .WithSummary("The sitemap that was sent: when, and how many pages").RequireScope(Scopes.AnalyticsRead).OpenToShares().ProducesProblem(404);
        v1.MapPut("/sites/{site}/sitemap", PutAsync).WithName("PutSitemap").WithTags("Sites")
            .WithSummary("Puts a sitemap in the place of the one before, or adds it: XML (sitemaps.org) or a text with an address a line, plain or gzip, up to 50 MB")
            .Accepts<Stream>("application/xml", "text/xml", "text/plain", "application/gzip")
            .WithMetadata(new RequestSizeLimitAttribute(SitemapReader.BytesMax)).RequireScope(Scopes.SitesWrite)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(422).ProducesProblem(503);
        v1.MapGet("/sites/{site}/pages/uncrawled", UncrawledAsync).WithName("ListUncrawledPages").WithTags("Reports")
            .WithSummary("Pages of the sitemap that no crawler fetched (30 days without from), by purpose, identity or crawler")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<UncrawledList>();
        v1.MapGet("/sites/{site}/pages/changes", ChangesAsync).WithName("ListContentChanges").WithTags("Reports")
            .WithSummary("When each crawler last saw a page, and last saw new text on it (30 days without from)")
            .RequireScope(Scopes.AnalyticsRead).OpenToShares().IsKept().GivesTable<Page<ContentChange>>();
        return v1;
    }

    private static async Task<Results<Ok<SitemapInfo>, ProblemHttpResult>> GetAsync(SiteId site, SitemapStore sitemaps, CancellationToken stop) =>
        await sitemaps.InfoAsync(site, stop) is { } info ? TypedResults.Ok(info) : Unknown();

    private static async Task<Results<Ok<SitemapInfo>, ProblemHttpResult>> PutAsync(
        HttpContext http, SiteId site, [AsParameters] SitemapQuery query, SitemapStore sitemaps, SitemapTriggers triggers, CancellationToken stop)
    {
        var check = new QueryCheck();
        bool isAdded = check.OneOf("add", query.Add, ["true", "false"]) == "true";
        if (check.Failed(out var problem))
            return problem;
        try
        {
            var sitemap = await SitemapReader.ReadAsync(http.Request.Body, stop);
            if (sitemap.Children.Count > 0)
                return OfIndex(sitemap);
            if (sitemap.Pages.Count == 0)
                return Refused(sitemap.Refused > 0 ? $"None of its {sitemap.Refused} entries is a whole address (https://…) of up to 2,048 characters." : "It has no page.");
            var changes = await triggers.RecordAsync(http.Reach(), site, sitemap.Pages, stop);
            await sitemaps.PutAsync(site, sitemap.Pages, isAdded, stop);
            return TypedResults.Ok((await sitemaps.InfoAsync(site, stop))! with { Changes = changes });
        }
        catch (SitemapException e)
        {
            return Refused(e.Message);
        }
    }

    private static async Task<Results<Ok<UncrawledList>, ProblemHttpResult>> UncrawledAsync(
        HttpContext http, SiteId site, [AsParameters] UncrawledQuery query, UncrawledReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time, Month);
        string verdict = check.Verdict(query);
        var filter = new CrawlFilter(
            check.OneOf("purpose", query.Purpose, UncrawledReport.Purposes), check.OneOf("identity", query.Identity, ["verified", "unverifiable", "pending"]),
            check.Text("crawler", query.Crawler, 128));
        check.Span(range, ListEndpoints.EachHitMax, ListEndpoints.EachHitWhy);
        if (check.Failed(out var problem))
            return problem;
        return await report.ReadAsync(site, range, verdict, filter, after, limit, stop) is { } list ? TypedResults.Ok(list) : Unknown();
    }

    private static async Task<Results<Ok<Page<ContentChange>>, ProblemHttpResult>> ChangesAsync(
        HttpContext http, SiteId site, [AsParameters] ChangesQuery query, ContentChangesReport report, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (range, after, limit) = ListEndpoints.Read(check, http, query, time, Month);
        string start = check.Text("path", query.Path, 4096) ?? "", crawler = check.Text("crawler", query.Crawler, 128) ?? "";
        check.Span(range, ListEndpoints.EachHitMax, ListEndpoints.EachHitWhy);
        return check.Failed(out var problem) ? problem : TypedResults.Ok(await report.ReadAsync(site, range, start, crawler, after, limit, stop));
    }

    private static ProblemHttpResult Unknown() => Problems.Make(404, "sitemap-unknown", "No sitemap",
        "No sitemap of this site was sent, so nobody knows which pages it has.", "Send one with PUT /v1/sites/{site}/sitemap.");

    private static ProblemHttpResult Refused(string why) => Problems.Make(422, "sitemap", "The sitemap cannot be used", why,
        "Send an XML sitemap (sitemaps.org) or a text with one address a line, in UTF-8, plain or gzip.");

    private static ProblemHttpResult OfIndex(Sitemap sitemap)
    {
        var problem = Problems.Make(422, "sitemap-index", "This is an index of sitemaps", $"It names {sitemap.Children.Count} sitemaps and no page.",
            "Send each of 'sitemaps': the first as it is, the others with ?add=true.");
        problem.ProblemDetails.Extensions["sitemaps"] = sitemap.Children.Take(1_000).ToArray();
        return problem;
    }
}
