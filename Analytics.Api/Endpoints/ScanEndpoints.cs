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
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>The work of whoever asks the engines: lease, heartbeat, complete or fail; and a look at the queue.</summary>
public static class ScanEndpoints
{
    private static readonly string[] States = ["queued", "leased", "done", "dead"];

    /// <summary>Maps <c>/scans</c>.</summary>
    public static RouteGroupBuilder MapScans(this RouteGroupBuilder v1)
    {
        v1.MapPost("/scans/lease", LeaseAsync).WithName("LeaseScans").WithTags("Scans")
            .WithSummary("Leases due scans, the worthiest first; parameters in the query or as a JSON body")
            .Accepts<LeaseBody>(isOptional: true, "application/json").RequireScope(Scopes.ScansWrite).ProducesProblem(400);
        v1.MapPost("/scans/heartbeat", HeartbeatAsync).WithName("HeartbeatScan").WithTags("Scans")
            .WithSummary("Makes a lease longer").Accepts<HeartbeatBody>("application/json").RequireScope(Scopes.ScansWrite)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        v1.MapPost("/scans/complete", CompleteAsync).WithName("CompleteScan").WithTags("Scans")
            .WithSummary("Posts what a scan found; repeating it changes nothing").Accepts<CompleteBody>("application/json")
            .RequireScope(Scopes.ScansWrite).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        v1.MapPost("/scans/fail", FailAsync).WithName("FailScan").WithTags("Scans")
            .WithSummary("Gives a scan back to be tried again later, or as a dead letter after its last attempt")
            .Accepts<FailBody>("application/json").RequireScope(Scopes.ScansWrite)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        v1.MapPost("/scans/{id:long}/replay", ReplayAsync).WithName("ReplayScan").WithTags("Scans")
            .WithSummary("Queues a dead letter again, with all its attempts").RequireScope(Scopes.ScansWrite).WithMetadata(new SessionMayWrite())
            .ProducesProblem(404).ProducesProblem(409);
        v1.MapGet("/scans", ListAsync).WithName("ListScans").WithTags("Scans")
            .WithSummary("Scans by number, each with why now; state=dead lists the dead letters").RequireScope(Scopes.ScansRead).ProducesProblem(400);
        v1.MapGet("/scans/{id:long}", FindAsync).WithName("GetScan").WithTags("Scans")
            .WithSummary("One scan with its triggers").RequireScope(Scopes.ScansRead).ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Ok<LeasedScans>, ProblemHttpResult>> LeaseAsync(
        HttpContext http, string? engine, string? max, string? leaseSeconds, string? worker, IScanQueue queue, SqlTargetMarks marks, EngineCatalog engines,
        CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<LeaseBody>(http, check, stop);
        int scans = check.Int("max", max ?? Text(body?.Max), 1, 100, 1);
        int seconds = check.Int("leaseSeconds", leaseSeconds ?? Text(body?.LeaseSeconds), 1, 3600, 60);
        string? name = check.Text("worker", worker ?? body?.Worker, 200);
        string? only = check.Text("engine", engine ?? body?.Engine, 100);
        if (only is not null && !engines.IsKnown(only))
            check.Error("engine", $"'{only}' is not an engine that a crawler of the catalog feeds. Known: {string.Join(", ", engines.Engines)}.");
        if (body?.AllTenants == true && !http.Caller().RunsInstallation)
            check.Error("allTenants", "'allTenants' is for a key of the installation's first organisation with the scope admin and no list of sites. Leave it out.");
        if (check.Failed(out var problem))
            return problem;
        var request = new LeaseRequest(only, scans, TimeSpan.FromSeconds(seconds), name ?? $"key {http.Caller().Id}");
        var leased = await queue.LeaseAsync(body?.AllTenants == true ? Reach.All : http.Reach(), request, stop);
        var known = await marks.FindAsync(leased.Select(s => s.Target), stop);
        return TypedResults.Ok(new LeasedScans([.. leased.Select(s => LeasedScan.Of(s, known.GetValueOrDefault(s.Target, TargetMarks.None)))]));
    }

    private static async Task<Results<Ok<ScanStanding>, ProblemHttpResult>> HeartbeatAsync(
        HttpContext http, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<HeartbeatBody>(http, check, stop);
        var hold = ScanCheck.Hold(check, "", body?.Id, body?.FencingToken);
        int seconds = check.Int("leaseSeconds", Text(body?.LeaseSeconds), 1, 3600, 60);
        return check.Failed(out var problem)
            ? problem
            : Answer(hold, await queue.HeartbeatAsync(http.HolderReach(), hold, TimeSpan.FromSeconds(seconds), stop));
    }

    private static async Task<Results<Ok<ScanStanding>, ProblemHttpResult>> CompleteAsync(
        HttpContext http, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        var found = ScanCheck.Found(check, "", await JsonBody.ReadAsync<CompleteBody>(http, check, stop));
        return check.Failed(out var problem) ? problem : Answer(found.Hold, (await queue.CompleteAsync(http.HolderReach(), [found], stop))[0]);
    }

    private static async Task<Results<Ok<ScanStanding>, ProblemHttpResult>> FailAsync(
        HttpContext http, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        var failed = ScanCheck.Failed(check, "", await JsonBody.ReadAsync<FailBody>(http, check, stop));
        return check.Failed(out var problem) ? problem : Answer(failed.Hold, (await queue.FailAsync(http.HolderReach(), [failed], stop))[0]);
    }

    private static async Task<Results<Ok<ScanStanding>, ProblemHttpResult>> ReplayAsync(
        HttpContext http, long id, IScanQueue queue, CancellationToken stop)
    {
        var answer = await queue.ReplayAsync(http.Reach(), id, stop);
        if (answer.Outcome != HoldOutcome.NotHeld)
            return Answer(new ScanHold(id, 0), answer);
        string why = answer.State == ScanState.Dead
            ? "Its target has another open scan, and two at a time would ask the same twice."
            : $"It is {ScanItem.NameOf(answer.State)}, and only a dead letter can be replayed.";
        return Problems.Make(409, "not-replayable", "The scan cannot be replayed", $"Scan {id}: {why}", "See it with GET /v1/scans/" + id + ".");
    }

    private static async Task<Results<Ok<Page<ScanItem>>, ProblemHttpResult>> ListAsync(
        HttpContext http, string? state, string? cursor, string? limit, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        string? only = check.OneOf("state", state, States);
        long after = check.Number("cursor", cursor);
        int rows = check.Int("limit", limit, 1, 1000, 100);
        if (check.Failed(out var problem))
            return problem;
        ScanState? wanted = only is null ? null : Enum.Parse<ScanState>(only, ignoreCase: true);
        var items = await queue.ListAsync(http.Reach(), wanted, after, rows, stop);
        return TypedResults.Ok(new Page<ScanItem>([.. items.Select(ScanItem.Of)], items.Count < rows ? null : Text(items[^1].Id)));
    }

    private static async Task<Results<Ok<ScanItem>, ProblemHttpResult>> FindAsync(
        HttpContext http, long id, IScanQueue queue, CancellationToken stop) =>
        await queue.FindAsync(http.Reach(), id, stop) is { } scan
            ? TypedResults.Ok(ScanItem.Of(scan) with { Triggers = scan.Triggers })
            : SchedulingAccess.NoSuch("scan", id);

    private static Results<Ok<ScanStanding>, ProblemHttpResult> Answer(ScanHold hold, HoldAnswer answer) => answer.Outcome switch
    {
        HoldOutcome.Done => TypedResults.Ok(new ScanStanding(hold.Id, ScanItem.NameOf(answer.State), answer.LeasedUntil, answer.Due)),
        HoldOutcome.NotFound => SchedulingAccess.NoSuch("scan", hold.Id),
        HoldOutcome.NotHeld => NotHeld(hold, answer),
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, "Not an outcome."),
    };

    private static ProblemHttpResult NotHeld(ScanHold hold, HoldAnswer answer)
    {
        return TypedResults.Problem(new ProblemDetails
        {
            Type = "urn:weir:problem:scan-not-held",
            Title = "The caller does not hold this scan",
            Status = 409,
            Detail = ScanCheck.WhyNotHeld(hold.Id, answer),
            Extensions =
            {
                ["next"] = "Throw this result away and lease again. If leases run out, send heartbeats or ask for more leaseSeconds.",
                ["state"] = ScanItem.NameOf(answer.State),
                ["heldBy"] = answer.State == ScanState.Leased ? answer.Worker : null,
                ["leasedUntil"] = answer.State == ScanState.Leased ? answer.LeasedUntil : null,
            },
        });
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
