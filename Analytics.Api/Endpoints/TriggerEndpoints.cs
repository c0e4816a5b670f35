using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Control;
using Weir.Scheduling.Retention;
using Weir.Scheduling.Triggers;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What says that answers may have changed.</summary>
public static class TriggerEndpoints
{
    /// <summary>Maps <c>/triggers</c>.</summary>
    public static RouteGroupBuilder MapTriggers(this RouteGroupBuilder v1)
    {
        v1.MapGet("/triggers", ListAsync).WithName("ListTriggers").WithTags("Scans")
            .WithSummary("Triggers in the order of recording; ask again with after = next to go on where you stopped")
            .RequireScope(Scopes.TriggersRead).ProducesProblem(400).ProducesProblem(410);
        return v1;
    }

    private static async Task<Results<Ok<Page<Trigger>>, ProblemHttpResult>> ListAsync(
        HttpContext http, [AsParameters] TriggersQuery query, ITriggers triggers, SqlRetention retention, CancellationToken stop)
    {
        var check = new QueryCheck();
        long after = check.Number("after", query.After);
        int limit = check.Int("limit", query.Limit, 1, 1000, 100);
        string? of = check.OneOf("class", query.Class, TriggerClasses.Names);
        if (check.Failed(out var problem))
            return problem;
        var items = await triggers.ListAsync(http.Reach(), after, limit, of is null ? null : TriggerClasses.Of(of), stop);
        // Asked behind the list: what goes between the two is told.
        if (after > 0 && await retention.DeletedTriggersAsync(http.Reach().Tenant, stop) is var gone && after < gone)
            return TriggersDeleted(after, gone);
        // Never null: whoever follows triggers keeps the last place and asks from there.
        long next = items.Count > 0 ? items[^1].Id : after;
        return TypedResults.Ok(new Page<Trigger>(items, next.ToString(CultureInfo.InvariantCulture)));
    }

    private static ProblemHttpResult TriggersDeleted(long after, long gone) => Problems.Make(410, "triggers-deleted", "Triggers behind this place are deleted",
        $"Triggers up to {gone} are deleted by age (scheduling.retentionDays), and some of them came after {after}.",
        $"Go on with after={gone}; GET /v1/targets has what was found meanwhile.");
}

/// <summary>A place in a list that only grows, and which of it.</summary>
internal sealed record TriggersQuery
{
    [FromQuery(Name = "after")]
    [Description("The 'next' of the answer before; nothing for the beginning.")]
    public string? After { get; init; }

    [FromQuery(Name = "limit")]
    [Description("Rows wanted: 1 to 1000 (100 without it).")]
    public string? Limit { get; init; }

    [FromQuery(Name = "class")]
    [Description("Only triggers of this class: crawl-changed, crawl-same, user-fetch, competitor, engine-update, trending or sitemap.")]
    public string? Class { get; init; }
}
