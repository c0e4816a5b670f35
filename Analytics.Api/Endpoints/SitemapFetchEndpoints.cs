using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Sitemaps;
using Weir.Control;
using Weir.Detection;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>How a sitemap is fetched.</summary>
internal sealed record SitemapFetchBody
{
    /// <summary>Where it is, such as https://www.example.com/sitemap.xml; what robots.txt names, else /sitemap.xml, without it.</summary>
    public string? Url { get; init; }

    /// <summary>Whether it is fetched every day from now on (false without it).</summary>
    public bool? Daily { get; init; }
}

/// <summary>What came of fetching a sitemap.</summary>
/// <param name="Url">Where it is fetched from; null for what robots.txt names, else /sitemap.xml.</param>
/// <param name="Daily">Whether it is fetched every day.</param>
/// <param name="Next">When it is fetched next; null when it is not.</param>
/// <param name="AskedAt">When it was last tried.</param>
/// <param name="FetchedAt">When it last came whole; null when it never did.</param>
/// <param name="Files">How many files that were.</param>
/// <param name="Pages">How many pages they had.</param>
/// <param name="Error">Why the last try failed; null when it did not.</param>
internal sealed record SitemapFetchRow(
    string? Url, bool Daily, DateTimeOffset? Next, DateTimeOffset? AskedAt, DateTimeOffset? FetchedAt, long Files, long Pages, string? Error)
{
    public static SitemapFetchRow Of(SitemapWish wish) => new(
        wish.Url.Length == 0 ? null : wish.Url, wish.IsDaily, wish.IsDaily ? wish.Due : null, wish.Asked, wish.Fetched, wish.Files, wish.Pages,
        wish.Error.Length == 0 ? null : wish.Error);
}

/// <summary>Has sitemaps fetched from where they are.</summary>
internal static class SitemapFetchEndpoints
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static RouteGroupBuilder MapSitemapFetches(this RouteGroupBuilder v1)
    {
        v1.MapGet("/sites/{site}/sitemap/fetch", GetAsync).WithName("GetSitemapFetch").WithTags("Sites")
            .WithSummary("Where the sitemap is fetched from, whether every day, and what came of it").RequireScope(Scopes.SitesRead).ProducesProblem(404);
        v1.MapPost("/sites/{site}/sitemap/fetch", PostAsync).WithName("FetchSitemap").WithTags("Sites")
            .WithSummary("Fetches the sitemap, every file of an index, and puts it in the place of the one before; every day from now on where that is wished")
            .Accepts<SitemapFetchBody>("application/json").RequireScope(Scopes.SitesWrite).WithMetadata(new SessionMayWrite())
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
        return v1;
    }

    private static async Task<Results<Ok<SitemapFetchRow>, ProblemHttpResult>> GetAsync(SiteId site, SqlSitemapFetches wishes, CancellationToken stop) =>
        await wishes.FindAsync(site, stop) is { } wish ? TypedResults.Ok(SitemapFetchRow.Of(wish))
            : Problems.Make(404, "sitemap-never-fetched", "No sitemap was fetched", "Nobody had this site's sitemap fetched yet.", "Have it fetched with POST /v1/sites/{site}/sitemap/fetch.");

    private static async Task<Results<Ok<SitemapFetchRow>, ProblemHttpResult>> PostAsync(
        HttpContext http, SiteId site, SqlSitemapFetches wishes, SitemapFetcher fetcher, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<SitemapFetchBody>(http, check, stop) ?? new SitemapFetchBody();
        string url = body.Url?.Trim() ?? "";
        if (url.Length > 0 && !SitemapFetcher.IsAddress(url))
            check.Error("url", "'url' must be a whole address of up to 2,048 characters, such as https://www.example.com/sitemap.xml, without a user name.");
        if (check.Failed(out var problem))
            return problem;
        await wishes.PutAsync(site, url, body.Daily == true, time.GetUtcNow() + Day, http.Caller().Tenant, http.Actor(), stop);
        try
        {
            await fetcher.FetchAsync(site, url, stop);
        }
        catch (SitemapException e)
        {
            return Problems.Make(422, "sitemap", "The sitemap cannot be used", e.Message,
                "Mend it there, name another address as 'url', or send it with PUT /v1/sites/{site}/sitemap. The one before stays in force.");
        }
        return TypedResults.Ok(SitemapFetchRow.Of((await wishes.FindAsync(site, stop))!));
    }
}
