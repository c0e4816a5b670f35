using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Control;
using Weir.Scheduling;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>The queue as a whole: what waits, many scans in one call, and dead letters queued again.</summary>
internal static class QueueEndpoints
{
    // One transaction of well under a second.
    private const int ReplayMax = 5000;

    /// <summary>Maps the parts of <c>/scans</c> that speak of many.</summary>
    public static RouteGroupBuilder MapQueue(this RouteGroupBuilder v1)
    {
        v1.MapGet("/scans/queue", ViewAsync).WithName("GetQueue").WithTags("Scans")
            .WithSummary("What waits, is under way and was given up, with ages, and how many scans may be under way on each engine").RequireScope(Scopes.ScansRead);
        v1.MapPost("/scans/heartbeat/batch", HeartbeatAsync).WithName("HeartbeatScans").WithTags("Scans")
            .WithSummary("Makes up to 100 leases longer, with an answer for each").Accepts<HeartbeatsBody>("application/json")
            .RequireScope(Scopes.ScansWrite).ProducesProblem(400);
        v1.MapPost("/scans/complete/batch", CompleteAsync).WithName("CompleteScans").WithTags("Scans")
            .WithSummary("Posts what up to 100 scans found, with an answer for each; repeating it changes nothing").Accepts<CompletesBody>("application/json")
            .RequireScope(Scopes.ScansWrite).ProducesProblem(400);
        v1.MapPost("/scans/fail/batch", FailAsync).WithName("FailScans").WithTags("Scans")
            .WithSummary("Gives up to 100 scans back, with an answer for each").Accepts<FailsBody>("application/json")
            .RequireScope(Scopes.ScansWrite).ProducesProblem(400);
        v1.MapPost("/scans/replay", ReplayAsync).WithName("ReplayScans").WithTags("Scans")
            .WithSummary("Queues dead letters again, of an engine, a brand or all; up to 5,000 a call").Accepts<ReplayBody>(isOptional: true, "application/json")
            .RequireScope(Scopes.ScansWrite).ProducesProblem(400);
        return v1;
    }

    private static async Task<Ok<QueueView>> ViewAsync(HttpContext http, IScanQueue queue, StoreClock clock, CancellationToken stop)
    {
        var lanes = await queue.LanesAsync(http.Reach(), stop);
        var now = await clock.NowAsync(stop);
        QueueLane[] all = [.. lanes.Select(l => QueueLane.Of(l, now))];
        return TypedResults.Ok(new QueueView(
            all.Sum(l => l.Waiting), all.Sum(l => l.Ready), all.Sum(l => l.Leased), all.Sum(l => l.Dead), all.Max(l => l.OldestDueSeconds),
            all.Max(l => l.OldestLeaseSeconds), all));
    }

    private static async Task<Results<Ok<ScanAnswers>, ProblemHttpResult>> HeartbeatAsync(HttpContext http, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<HeartbeatsBody>(http, check, stop);
        var holds = ScanCheck.Each<HoldBody, ScanHold>(check, body?.Scans, ScanCheck.Hold);
        int seconds = check.Int("leaseSeconds", body?.LeaseSeconds?.ToString(CultureInfo.InvariantCulture), 1, 3600, 60);
        return check.Failed(out var problem)
            ? problem
            : TypedResults.Ok(ScanCheck.Answers(holds, await queue.HeartbeatAsync(http.HolderReach(), holds, TimeSpan.FromSeconds(seconds), stop)));
    }

    private static async Task<Results<Ok<ScanAnswers>, ProblemHttpResult>> CompleteAsync(HttpContext http, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        var found = ScanCheck.Each<CompleteBody, FoundScan>(check, (await JsonBody.ReadAsync<CompletesBody>(http, check, stop))?.Scans, ScanCheck.Found);
        return check.Failed(out var problem)
            ? problem
            : TypedResults.Ok(ScanCheck.Answers(found.Select(f => f.Hold), await queue.CompleteAsync(http.HolderReach(), found, stop)));
    }

    private static async Task<Results<Ok<ScanAnswers>, ProblemHttpResult>> FailAsync(HttpContext http, IScanQueue queue, CancellationToken stop)
    {
        var check = new QueryCheck();
        var failed = ScanCheck.Each<FailBody, FailedScan>(check, (await JsonBody.ReadAsync<FailsBody>(http, check, stop))?.Scans, ScanCheck.Failed);
        return check.Failed(out var problem)
            ? problem
            : TypedResults.Ok(ScanCheck.Answers(failed.Select(f => f.Hold), await queue.FailAsync(http.HolderReach(), failed, stop)));
    }

    private static async Task<Results<Ok<ReplayedScans>, ProblemHttpResult>> ReplayAsync(
        HttpContext http, IScanQueue queue, EngineCatalog engines, IAuditLog audit, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<ReplayBody>(http, check, stop);
        string? engine = check.OneOf("engine", body?.Engine, engines.Engines);
        string? brand = check.Text("brand", body?.Brand, 500);
        if (check.Failed(out var problem))
            return problem;
        int replayed = await queue.ReplayAsync(http.Reach(), new ReplayFilter(engine, brand, ReplayMax), stop);
        string which = string.Join(", ", new[] { engine, brand }.Where(f => f is not null));
        await audit.NoteAsync(http.Reach().Tenant, http.Actor(), new AuditNote(AuditActions.ScansReplay, "scans", $"{replayed} dead letters{(which.Length > 0 ? $" of {which}" : "")}"), stop);
        return TypedResults.Ok(new ReplayedScans(replayed, replayed == ReplayMax));
    }
}
