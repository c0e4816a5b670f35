using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling.Suggestions;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Pages that queries may be linked to by their words, and what people say of them.</summary>
internal static class SuggestionEndpoints
{
    private const int QueriesMax = 200, QueriesUsual = 50, RejectedMax = 1000;

    // A page of the list ends where its time does; its cursor goes on from there.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Maps <c>/suggestions</c> and those of a target.</summary>
    public static RouteGroupBuilder MapSuggestions(this RouteGroupBuilder v1)
    {
        v1.MapGet("/targets/{id:long}/suggestions", FindAsync).WithName("ListTargetSuggestions").WithTags("Targets")
            .WithSummary("Pages of the organisation's sites that a target's query may be linked to, by their words").RequireScope(Scopes.TargetsRead)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        v1.MapGet("/suggestions", ListAsync).WithName("ListSuggestions").WithTags("Targets")
            .WithSummary("Pages that queries may be linked to by their words: of queries without links first").RequireScope(Scopes.TargetsRead)
            .ProducesProblem(400).ProducesProblem(503);
        v1.MapPost("/suggestions/confirm", ConfirmAsync).WithName("ConfirmSuggestions").WithTags("Targets")
            .WithSummary("Links suggested pages to all targets of their queries; all or none").Accepts<SuggestionsBody>("application/json")
            .RequireScope(Scopes.TargetsWrite).WithMetadata(new SessionMayWrite()).ProducesProblem(400).ProducesProblem(503);
        v1.MapPost("/suggestions/reject", RejectAsync).WithName("RejectSuggestions").WithTags("Targets")
            .WithSummary("Refuses pages for queries: they are suggested no more").Accepts<SuggestionsBody>("application/json")
            .RequireScope(Scopes.TargetsWrite).WithMetadata(new SessionMayWrite()).ProducesProblem(400);
        v1.MapPost("/suggestions/undo", UndoAsync).WithName("UndoSuggestions").WithTags("Targets")
            .WithSummary("Takes a refusal back, or the link of a confirmed suggestion; links that somebody wrote stay").Accepts<SuggestionsBody>("application/json")
            .RequireScope(Scopes.TargetsWrite).WithMetadata(new SessionMayWrite()).ProducesProblem(400);
        v1.MapGet("/suggestions/rejected", RejectedAsync).WithName("ListRejectedSuggestions").WithTags("Targets")
            .WithSummary("Pages that were refused, by query").RequireScope(Scopes.TargetsRead).ProducesProblem(400);
        return v1;
    }

    private static async Task<Results<Ok<SuggestionRows>, ProblemHttpResult>> FindAsync(
        HttpContext http, long id, [AsParameters] TargetSuggestionQuery query, SqlSuggestions known, SuggestionFinder finder, PageIndexes indexes, ISites sites, CancellationToken stop)
    {
        var check = new QueryCheck();
        double scoreMin = SuggestionCheck.Score(check, query.MinScore);
        if (check.Failed(out var problem))
            return problem;
        if (await known.FindAsync(http.Reach(), id, stop) is not { } found)
            return SchedulingAccess.NoSuch("target", id);
        var reach = http.Reach();
        var own = await SuggestionCheck.SitesAsync(reach, sites, stop);
        return TypedResults.Ok(new SuggestionRows([.. RowsOf(finder, reach.Tenant, own, found, scoreMin)], null, 1, indexes.Pages(reach.Tenant, own)));
    }

    private static async Task<Results<Ok<SuggestionRows>, ProblemHttpResult>> ListAsync(
        HttpContext http, [AsParameters] SuggestionQuery query, SqlSuggestions known, SuggestionFinder finder, PageIndexes indexes, ISites sites, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var reach = http.Reach();
        var own = await SuggestionCheck.SitesAsync(reach, sites, stop);
        if (!string.IsNullOrEmpty(query.Site))
            own = SiteId.TryParse(query.Site, null, out var site) && own.Contains(site) ? [site] : SuggestionCheck.NoSites(check, query.Site);
        double scoreMin = SuggestionCheck.Score(check, query.MinScore);
        int limit = check.Int("limit", query.Limit, 1, QueriesMax, QueriesUsual);
        long? brand = string.IsNullOrEmpty(query.Brand) ? null : check.Int("brand", query.Brand, 1, int.MaxValue, 0);
        var after = check.Cursor(query.Cursor, ApiJson.Default.QueryPlace) ?? default;
        if (check.Failed(out var problem))
            return problem;
        var (queries, next) = await known.ListAsync(reach, brand, after, limit, stop);
        var rows = new List<SuggestionRow>();
        long begin = time.GetTimestamp();
        int looked = 0;
        foreach (var asked in queries)
        {
            if (looked > 0 && time.GetElapsedTime(begin) > Patience)
            {
                var last = queries[looked - 1];
                next = new QueryPlace(last.Links.Count > 0, last.BrandId, last.Id);
                break;
            }
            rows.AddRange(RowsOf(finder, reach.Tenant, own, asked, scoreMin));
            looked++;
        }
        return TypedResults.Ok(new SuggestionRows(rows, next is { } place ? Cursor.Write(place, ApiJson.Default.QueryPlace) : null, looked, indexes.Pages(reach.Tenant, own)));
    }

    private static async Task<Results<Ok<ConfirmedSuggestions>, ProblemHttpResult>> ConfirmAsync(
        HttpContext http, SqlSuggestions known, SuggestionFinder finder, ISites sites, CancellationToken stop)
    {
        var check = new QueryCheck();
        var reach = http.Reach();
        var own = await SuggestionCheck.SitesAsync(reach, sites, stop);
        var named = await SuggestionCheck.ReadAsync(http, check, known, own, stop);
        // Null where the query has the page already.
        var pages = named.Select((n, i) => Confirmed(finder, reach.Tenant, own, n, $"suggestions[{i}]", check)).ToList();
        if (check.Failed(out var problem))
            return problem;
        List<ConfirmedPage> wanted = [.. pages.OfType<ConfirmedPage>()];
        var linked = wanted.Count == 0 ? new HashSet<(long, string, string)>() : await known.ConfirmAsync(reach, wanted, http.Actor(), stop);
        return TypedResults.Ok(new ConfirmedSuggestions([.. named.Zip(pages, (n, page) => page is { } made && linked.Contains((made.Query, made.Site.Value, made.Path))
            ? new ConfirmedSuggestion(n.Query.Id, n.Site.Value, made.Path, made.Weight, "linked")
            : new ConfirmedSuggestion(n.Query.Id, n.Site.Value, n.Path, null, "unchanged"))]));
    }

    private static ConfirmedPage? Confirmed(
        SuggestionFinder finder, string tenant, IReadOnlyList<SiteId> own, (SuggestedQuery Query, SiteId Site, string Path) named, string at, QueryCheck check)
    {
        if (SuggestionFinder.IsLinked(named.Query, named.Site, named.Path))
            return null;
        if (finder.Find(tenant, own, named.Query, withAnswered: true).FirstOrDefault(s => s.Site == named.Site && SuggestionCheck.IsSamePath(s.Path, named.Path)) is { } page)
            return new ConfirmedPage(named.Query.Id, page.Site, page.Path, Math.Clamp(page.Score, 0.05, 1));
        check.Error(at, $"'{SuggestionCheck.Head(named.Path)}' is not suggested for query {named.Query.Id}, or not any more. To link it all the same, write it: POST /v1/targets.");
        return null;
    }

    private static async Task<Results<Ok<RejectedSuggestions>, ProblemHttpResult>> RejectAsync(HttpContext http, SqlSuggestions known, ISites sites, CancellationToken stop)
    {
        var check = new QueryCheck();
        var named = await SuggestionCheck.ReadAsync(http, check, known, await SuggestionCheck.SitesAsync(http.Reach(), sites, stop), stop);
        return check.Failed(out var problem) ? problem
            : TypedResults.Ok(new RejectedSuggestions(await known.RejectAsync(http.Reach(), [.. named.Select(n => new PageOfQuery(n.Query.Id, n.Site, n.Path))], http.Actor(), stop)));
    }

    private static async Task<Results<Ok<UndoneSuggestions>, ProblemHttpResult>> UndoAsync(HttpContext http, SqlSuggestions known, ISites sites, CancellationToken stop)
    {
        var check = new QueryCheck();
        var named = await SuggestionCheck.ReadAsync(http, check, known, await SuggestionCheck.SitesAsync(http.Reach(), sites, stop), stop);
        if (check.Failed(out var problem))
            return problem;
        var (rejections, links) = await known.UndoAsync(http.Reach(), [.. named.Select(n => new PageOfQuery(n.Query.Id, n.Site, n.Path))], http.Actor(), stop);
        return TypedResults.Ok(new UndoneSuggestions(rejections, links));
    }

    private static async Task<Results<Ok<Page<RejectedPage>>, ProblemHttpResult>> RejectedAsync(
        HttpContext http, string? cursor, string? limit, SqlSuggestions known, CancellationToken stop)
    {
        var check = new QueryCheck();
        var after = check.Cursor(cursor, ApiJson.Default.RejectedPlace);
        int rows = check.Int("limit", limit, 1, RejectedMax, 100);
        SiteId site = default;
        if (after is { } place && !SiteId.TryParse(place.Site, null, out site))
            check.Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
        if (check.Failed(out var problem))
            return problem;
        var items = await known.RejectedAsync(http.Reach(), after is { } p ? new PageOfQuery(p.Query, site, p.Path ?? "") : null, rows, stop);
        return TypedResults.Ok(new Page<RejectedPage>(
            items, items.Count < rows ? null : Cursor.Write(new RejectedPlace(items[^1].Query, items[^1].Site.Value, items[^1].Path), ApiJson.Default.RejectedPlace)));
    }

    private static IEnumerable<SuggestionRow> RowsOf(SuggestionFinder finder, string tenant, IReadOnlyCollection<SiteId> sites, SuggestedQuery query, double scoreMin) =>
        finder.Find(tenant, sites, query).Where(s => s.Score >= scoreMin).Select(s => new SuggestionRow(
            query.Id, query.Brand, query.Text, query.Targets, s.Site.Value, s.Host, s.Path, s.Title, s.Score, s.Coverage, s.Words, s.Snippet));
}
