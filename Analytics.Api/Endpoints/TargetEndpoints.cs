using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Results;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What is watched: brand queries on engines, and the pages that bear on them.</summary>
public static class TargetEndpoints
{
    private const int MaxListed = 1000;

    /// <summary>Maps <c>/targets</c>.</summary>
    public static RouteGroupBuilder MapTargets(this RouteGroupBuilder v1)
    {
        v1.MapPost("/targets", PostAsync).WithName("CreateTargets").WithTags("Targets")
            .WithSummary("Makes targets: one object or a list of up to 1000; what is there already gets the new pages")
            .Accepts<TargetDraft>("application/json").RequireScope(Scopes.TargetsWrite).ProducesProblem(400);
        v1.MapGet("/targets", ListAsync).WithName("ListTargets").WithTags("Targets")
            .WithSummary("Targets by number, with what their last scan found").RequireScope(Scopes.TargetsRead).ProducesProblem(400);
        v1.MapGet("/targets/{id:long}", FindAsync).WithName("GetTarget").WithTags("Targets")
            .WithSummary("One target").RequireScope(Scopes.TargetsRead).ProducesProblem(404);
        v1.MapGet("/targets/{id:long}/results", ResultsAsync).WithName("ListResults").WithTags("Targets")
            .WithSummary("What a target's scans have found, newest first").RequireScope(Scopes.TargetsRead).ProducesProblem(404);
        v1.MapDelete("/targets/{id:long}", DeleteAsync).WithName("DeleteTarget").WithTags("Targets")
            .WithSummary("Deletes a target with its scans and results").RequireScope(Scopes.TargetsWrite).ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Ok<TargetsMade>, ProblemHttpResult>> PostAsync(
        HttpContext http, ITargets targets, CrawledPathsReport crawled, SqlSiteHosts hosts, EngineCatalog engines, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAnyAsync(http, check, stop);
        var wishes = body is { } json ? Read(json, await TargetRules.ForAsync(http.Reach(), hosts, engines, stop), check) : [];
        if (check.Failed(out var problem))
            return problem;
        var answers = await targets.UpsertAsync(http.Reach().Tenant, wishes, stop);
        var patterns = wishes.SelectMany(w => w.Pages).Select(p => new PagePatternOfSite(p.Site, p.Pattern)).Distinct().ToList();
        return TypedResults.Ok(new TargetsMade(
            [.. wishes.Zip(answers, (wish, answer) => new TargetMade(answer.Id, wish.Brand, wish.Query, wish.Engine, NameOf(answer.Change)))],
            await crawled.WarningsAsync(patterns, stop)));
    }

    private static List<NewTarget> Read(JsonElement json, TargetRules rules, QueryCheck check)
    {
        bool isList = json.ValueKind == JsonValueKind.Array;
        if (isList && json.GetArrayLength() is 0 or > MaxListed)
            check.Error("body", $"Send 1 to {MaxListed} targets at a time, or a file to /v1/targets/import.");
        var wishes = new List<NewTarget>();
        int row = 0;
        foreach (var element in isList ? json.EnumerateArray().Take(MaxListed) : [json])
        {
            var errors = new List<FieldError>();
            wishes.AddRange(rules.Read(element, errors));
            foreach (var error in errors)
                check.Error($"{(isList ? $"[{row}]." : "")}{error.Field}".TrimEnd('.') is { Length: > 0 } field ? field : "body", error.Error);
            row++;
        }
        return wishes;
    }

    private static async Task<Results<Ok<Page<Target>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? cursor, string? limit, ITargets targets, CancellationToken stop)
    {
        var check = new QueryCheck();
        long after = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var items = await targets.ListAsync(http.Reach(), after, rows, stop);
        return TypedResults.Ok(new Page<Target>(items, items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static async Task<Results<Ok<Target>, ProblemHttpResult>> FindAsync(
        HttpContext http, long id, ITargets targets, CancellationToken stop) =>
        await targets.FindAsync(http.Reach(), id, stop) is { } target ? TypedResults.Ok(target) : SchedulingAccess.NoSuch("target", id);

    private static async Task<Results<Ok<Page<TargetResult>>, ProblemHttpResult>> ResultsAsync(
        HttpContext http, long id, string? cursor, string? limit, IResults results, CancellationToken stop)
    {
        var check = new QueryCheck();
        long before = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        var items = await results.HistoryAsync(http.Reach(), id, before == 0 ? null : before, rows, stop);
        return items is null
            ? SchedulingAccess.NoSuch("target", id)
            : TypedResults.Ok(new Page<TargetResult>(items, items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        HttpContext http, long id, ITargets targets, CancellationToken stop) =>
        await targets.DeleteAsync(http.Reach(), id, stop) ? TypedResults.NoContent() : SchedulingAccess.NoSuch("target", id);

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static string NameOf(TargetChange change) => change switch
    {
        TargetChange.Created => "created",
        TargetChange.Linked => "linked",
        TargetChange.None => "unchanged",
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "Not a change."),
    };
}

/// <summary>What became of posted targets.</summary>
/// <param name="Targets">One for each engine of each wish, in order.</param>
/// <param name="Warnings">Patterns that match no page which crawlers fetched in the last 30 days.</param>
internal sealed record TargetsMade(IReadOnlyList<TargetMade> Targets, IReadOnlyList<PatternWarning> Warnings);

/// <summary>What became of one.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Brand">Its brand.</param>
/// <param name="Query">Its query.</param>
/// <param name="Engine">Its engine.</param>
/// <param name="Change"><c>created</c>, <c>linked</c> (it got new pages or weights) or <c>unchanged</c>.</param>
internal sealed record TargetMade(long Id, string Brand, string Query, string Engine, string Change);
