using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What targets have in common: their brands, and the topics that link many queries to many pages.</summary>
public static class TopicEndpoints
{
    /// <summary>Maps <c>/brands</c> and <c>/topics</c>.</summary>
    public static RouteGroupBuilder MapTopics(this RouteGroupBuilder v1)
    {
        v1.MapGet("/brands", BrandsAsync).WithName("ListBrands").WithTags("Targets")
            .WithSummary("Brands by number, with how many queries and targets they have").RequireScope(Scopes.TargetsRead).WithMetadata(new WholeOrganisation()).ProducesProblem(400);
        v1.MapPatch("/brands/{id:long}", RenameBrandAsync).WithName("RenameBrand").WithTags("Targets")
            .WithSummary("Gives a brand another name").Accepts<NameBody>("application/json").RequireScope(Scopes.TargetsWrite).WithMetadata(new WholeOrganisation())
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        v1.MapDelete("/brands/{id:long}", DeleteBrandAsync).WithName("DeleteBrand").WithTags("Targets")
            .WithSummary("Deletes a brand with its queries, targets, scans and results").RequireScope(Scopes.TargetsWrite).WithMetadata(new WholeOrganisation()).ProducesProblem(404);
        v1.MapGet("/topics", TopicsAsync).WithName("ListTopics").WithTags("Targets")
            .WithSummary("Topics by number, with their pages").RequireScope(Scopes.TargetsRead).WithMetadata(new WholeOrganisation()).ProducesProblem(400);
        v1.MapPost("/topics", PutTopicAsync).WithName("PutTopic").WithTags("Targets")
            .WithSummary("Makes a topic, or gives the one of this name these pages instead of its own").Accepts<TopicBody>("application/json")
            .RequireScope(Scopes.TargetsWrite).WithMetadata(new WholeOrganisation()).ProducesProblem(400);
        v1.MapPatch("/topics/{id:long}", RenameTopicAsync).WithName("RenameTopic").WithTags("Targets")
            .WithSummary("Gives a topic another name").Accepts<NameBody>("application/json").RequireScope(Scopes.TargetsWrite).WithMetadata(new WholeOrganisation())
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        v1.MapDelete("/topics/{id:long}", DeleteTopicAsync).WithName("DeleteTopic").WithTags("Targets")
            .WithSummary("Deletes a topic; its queries stay").RequireScope(Scopes.TargetsWrite).WithMetadata(new WholeOrganisation()).ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Ok<Page<WatchedBrand>>, ProblemHttpResult>> BrandsAsync(
        HttpContext http, string? cursor, string? limit, ITopics topics, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (after, rows) = (check.Number("cursor", cursor), check.Int("limit", limit, 1, 1000, 100));
        if (check.Failed(out var problem))
            return problem;
        var items = await topics.BrandsAsync(http.Reach().Tenant, after, rows, stop);
        return TypedResults.Ok(new Page<WatchedBrand>(items, items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static async Task<Results<Ok<Page<Topic>>, ProblemHttpResult>> TopicsAsync(
        HttpContext http, string? cursor, string? limit, ITopics topics, CancellationToken stop)
    {
        var check = new QueryCheck();
        var (after, rows) = (check.Number("cursor", cursor), check.Int("limit", limit, 1, 1000, 100));
        if (check.Failed(out var problem))
            return problem;
        var items = await topics.ListAsync(http.Reach().Tenant, after, rows, stop);
        return TypedResults.Ok(new Page<Topic>(items, items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static async Task<Results<Ok<Topic>, ProblemHttpResult>> PutTopicAsync(
        HttpContext http, ITopics topics, CrawledPathsReport crawled, SqlSiteHosts hosts, EngineCatalog engines, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<TopicBody>(http, check, stop);
        var errors = new List<FieldError>();
        var rules = await TargetRules.ForAsync(http.Reach(), hosts, engines, stop);
        var (name, pages) = body is null ? ("", []) : rules.ReadTopic(body.Name, body.Pages, errors);
        foreach (var error in errors)
            check.Error(error.Field, error.Error);
        if (body is null)
            check.Error("body", "Send a topic, such as {\"name\":\"pricing\",\"pages\":[{\"site\":\"demo\",\"pattern\":\"/pricing\"}]}.");
        if (check.Failed(out var problem))
            return problem;
        var topic = await topics.PutAsync(http.Reach().Tenant, name, pages, http.Caller().ActorAt(http), stop);
        return TypedResults.Ok(topic with { Warnings = await crawled.WarningsAsync([.. pages.Select(p => new PagePatternOfSite(p.Site, p.Pattern))], stop) });
    }

    private static Task<Results<NoContent, ProblemHttpResult>> RenameBrandAsync(HttpContext http, long id, ITopics topics, CancellationToken stop) =>
        RenameAsync(http, "brand", id, name => topics.RenameBrandAsync(http.Reach().Tenant, id, name, http.Caller().ActorAt(http), stop), stop);

    private static Task<Results<NoContent, ProblemHttpResult>> RenameTopicAsync(HttpContext http, long id, ITopics topics, CancellationToken stop) =>
        RenameAsync(http, "topic", id, name => topics.RenameAsync(http.Reach().Tenant, id, name, http.Caller().ActorAt(http), stop), stop);

    private static async Task<Results<NoContent, ProblemHttpResult>> RenameAsync(
        HttpContext http, string what, long id, Func<string, Task<RenameOutcome>> rename, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<NameBody>(http, check, stop);
        string? name = check.Text("name", body?.Name?.Trim(), TargetRules.NameLength);
        if (name is null || name.Any(char.IsControl))
            check.Error("name", $"'name' must have 1 to {TargetRules.NameLength} characters on one line.");
        if (check.Failed(out var problem))
            return problem;
        return await rename(name!) switch
        {
            RenameOutcome.Done => TypedResults.NoContent(),
            RenameOutcome.NotFound => SchedulingAccess.NoSuch(what, id),
            RenameOutcome.Taken => Problems.Make(409, "name-taken", "The name is taken", $"Another {what} has this name.", $"Choose another, or delete that {what} first."),
            var other => throw new InvalidOperationException($"{other} is no outcome."),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteBrandAsync(HttpContext http, long id, ITopics topics, CancellationToken stop) =>
        await topics.DeleteBrandAsync(http.Reach().Tenant, id, http.Caller().ActorAt(http), stop) ? TypedResults.NoContent() : SchedulingAccess.NoSuch("brand", id);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTopicAsync(HttpContext http, long id, ITopics topics, CancellationToken stop) =>
        await topics.DeleteAsync(http.Reach().Tenant, id, http.Caller().ActorAt(http), stop) ? TypedResults.NoContent() : SchedulingAccess.NoSuch("topic", id);

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A new name.</summary>
internal sealed record NameBody
{
    /// <summary>1 to 200 characters.</summary>
    public string? Name { get; init; }
}

/// <summary>A topic as somebody wrote it.</summary>
internal sealed record TopicBody
{
    /// <summary>1 to 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Pages that are about it; none for a topic that names its queries only.</summary>
    public IReadOnlyList<PageDraft?>? Pages { get; init; }
}
