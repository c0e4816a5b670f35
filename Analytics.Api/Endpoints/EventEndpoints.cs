using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Targets;
using Weir.Scheduling.Triggers;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Facts that no hit shows, from programs that know them.</summary>
public static class EventEndpoints
{
    private const int MaxEvents = 1000;

    /// <summary>Maps <c>/events</c>.</summary>
    public static RouteGroupBuilder MapEvents(this RouteGroupBuilder v1)
    {
        v1.MapPost("/events", PostAsync).WithName("PostEvents").WithTags("Scans")
            .WithSummary("Takes events that may change answers: one object or a list of up to 1000; each is answered for itself, and one that comes again under its key is the same")
            .Accepts<EventBody>("application/json").RequireScope(Scopes.TriggersWrite).ProducesProblem(400).ProducesProblem(422);
        return v1;
    }

    private static async Task<Results<Ok<EventsTaken>, ProblemHttpResult>> PostAsync(
        HttpContext http, IEvents events, SqlSiteHosts hosts, EngineCatalog engines, TimeProvider time, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAnyAsync(http, check, stop);
        bool isList = body?.ValueKind == JsonValueKind.Array;
        if (isList && body!.Value.GetArrayLength() is 0 or > MaxEvents)
            check.Error("body", $"Send 1 to {MaxEvents} events at a time.");
        if (check.Failed(out var problem))
            return problem;
        var reach = http.Reach();
        List<JsonElement> given = isList ? [.. body!.Value.EnumerateArray()] : [body!.Value];
        var rules = new EventRules(engines, await EventRules.HostsAsync(given, reach.Tenant, hosts, stop), reach.Sites is not null, time.GetUtcNow());
        var drafts = given.ConvertAll(rules.Read);
        var answers = new Queue<EventAnswer>(await events.RecordAsync(reach, [.. drafts.Where(d => d.Event is not null).Select(d => d.Event!)], stop));
        var taken = drafts.Select((draft, i) => draft.Event is null ? EventTaken.Wrong(i, draft) : EventTaken.Of(i, draft.Event, answers.Dequeue())).ToList();
        var all = new EventsTaken(taken.Count(t => t.Status == "recorded"), taken.Count(t => t.Status == "duplicate"), taken.Count(t => t.Status == "rejected"), taken);
        return all.Rejected == taken.Count ? Refused(all) : TypedResults.Ok(all);
    }

    private static ProblemHttpResult Refused(EventsTaken all)
    {
        var first = all.Events[0].Errors[0];
        var problem = Problems.Make(422, "events", "No event can be used", $"{first.Field}: {first.Error}",
            "Mend the errors of each event in 'events' and send them again, under the same keys.");
        problem.ProblemDetails.Extensions["events"] = all.Events;
        return problem;
    }
}

/// <summary>An event as programs send it.</summary>
internal sealed record EventBody
{
    /// <summary>The sender's own name of the event, 1 to 200 characters: sent again, it is the same event. Without one it cannot be told from another.</summary>
    public string? Key { get; init; }

    /// <summary><c>competitor_published</c>, <c>ai_model_updated</c> or <c>query_trending</c>.</summary>
    public string? Kind { get; init; }

    /// <summary><c>high</c>, <c>medium</c> (without it) or <c>low</c>.</summary>
    public string? Strength { get; init; }

    /// <summary>When it happened; now without it.</summary>
    public string? At { get; init; }

    /// <summary>What it is about; of several, all must hold.</summary>
    public EventAimBody? Aim { get; init; }

    /// <summary>For people, up to 1000 characters.</summary>
    public string? Note { get; init; }
}

/// <summary>What an event is about.</summary>
internal sealed record EventAimBody
{
    /// <summary>A brand's name.</summary>
    public string? Brand { get; init; }

    /// <summary>A query's text.</summary>
    public string? Query { get; init; }

    /// <summary>A topic's name.</summary>
    public string? Topic { get; init; }

    /// <summary>An engine.</summary>
    public string? Engine { get; init; }

    /// <summary>The site of <c>path</c>.</summary>
    public string? Site { get; init; }

    /// <summary>A page, such as <c>/pricing</c>.</summary>
    public string? Path { get; init; }

    /// <summary>A page by its whole address, instead of <c>site</c> and <c>path</c>.</summary>
    public string? Url { get; init; }
}

/// <summary>What became of posted events.</summary>
/// <param name="Recorded">New ones.</param>
/// <param name="Duplicates">Those that were recorded before.</param>
/// <param name="Rejected">Those that are not stored.</param>
/// <param name="Events">One each, in order.</param>
internal sealed record EventsTaken(int Recorded, int Duplicates, int Rejected, IReadOnlyList<EventTaken> Events);

/// <summary>What became of one event.</summary>
/// <param name="Index">Its place in the list, from 0.</param>
/// <param name="Key">Its key; made for it when it came without one.</param>
/// <param name="Status"><c>recorded</c>, <c>duplicate</c> or <c>rejected</c>.</param>
/// <param name="Targets">How many targets it speaks of.</param>
/// <param name="Triggers">Numbers of its triggers, one for each engine and, of very many targets, for each 5,000 of them.</param>
/// <param name="Errors">Why it was rejected.</param>
internal sealed record EventTaken(int Index, string? Key, string Status, long Targets, IReadOnlyList<long> Triggers, IReadOnlyList<FieldError> Errors)
{
    public static EventTaken Wrong(int index, EventDraft draft) => new(index, draft.Key, "rejected", 0, [], draft.Errors);

    public static EventTaken Of(int index, NewEvent one, EventAnswer answer) => new(index, one.Key, answer.Outcome switch
    {
        EventOutcome.Recorded => "recorded",
        EventOutcome.Duplicate => "duplicate",
        EventOutcome.Refused => "rejected",
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, "Not an outcome."),
    }, answer.Targets, answer.Triggers, answer.Error is { } error ? [error] : []);
}
