using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Weir.Analytics.Api.Access;
using Weir.Control;
using Weir.Scheduling.Planning;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>An organisation's budget of scans, scans that somebody asks for, and why each scan was made.</summary>
internal static class PlanningEndpoints
{
    private const int RequestMax = 1000;
    private const double CostMax = 1_000_000;
    private static readonly string[] PolicyNames = ["index", "tiers", "event", "sampling"];

    /// <summary>Maps <c>/scheduling</c> and what planning adds to <c>/scans</c> and <c>/targets</c>.</summary>
    public static RouteGroupBuilder MapPlanning(this RouteGroupBuilder v1)
    {
        v1.MapGet("/scheduling", FindAsync).WithName("GetScheduling").WithTags("Scheduling")
            .WithSummary("The organisation's scan policy and budget, and how planning stands").RequireScope(Scopes.ScansRead).WithMetadata(new WholeOrganisation());
        v1.MapPut("/scheduling", PutAsync).WithName("PutScheduling").WithTags("Scheduling")
            .WithSummary("Writes policy and budget; both are in force within a minute").Accepts<SchedulingBody>("application/json")
            .RequireScope(Scopes.TargetsWrite).WithMetadata(new WholeOrganisation(), new SessionMayWrite()).ProducesProblem(400);
        v1.MapPost("/scans", RequestAsync).WithName("RequestScans").WithTags("Scans")
            .WithSummary("Asks for scans of targets: due at once, before all others, and paid by the budget first").Accepts<ScanRequestBody>("application/json")
            .RequireScope(Scopes.TargetsWrite).WithMetadata(new SessionMayWrite()).ProducesProblem(400).ProducesProblem(404);
        v1.MapGet("/scans/{id:long}/why", WhyAsync).WithName("ExplainScan").WithTags("Scans")
            .WithSummary("What the decision to make a scan rested on, in numbers").RequireScope(Scopes.ScansRead).ProducesProblem(404);
        v1.MapGet("/targets/{id:long}/outlook", OutlookAsync).WithName("GetTargetOutlook").WithTags("Targets")
            .WithSummary("How volatile a target is, whether it may have changed, and when it is due next").RequireScope(Scopes.TargetsRead).ProducesProblem(404);
        return v1;
    }

    private static async Task<Ok<SchedulingRow>> FindAsync(HttpContext http, IPlans plans, CancellationToken stop) =>
        TypedResults.Ok(await RowAsync(http.Caller().Tenant, plans, stop));

    private static async Task<Results<Ok<SchedulingRow>, ProblemHttpResult>> PutAsync(HttpContext http, IPlans plans, EngineCatalog engines, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<SchedulingBody>(http, check, stop);
        if (check.Failed(out var problem))
            return problem;
        var plan = Read(body, engines, check);
        if (check.Failed(out problem))
            return problem;
        string tenant = http.Caller().Tenant;
        await plans.PutAsync(tenant, plan, http.Actor(), stop);
        return TypedResults.Ok(await RowAsync(tenant, plans, stop));
    }

    private static async Task<Results<Accepted<RequestedScans>, ProblemHttpResult>> RequestAsync(HttpContext http, IPlans plans, CancellationToken stop)
    {
        var check = new QueryCheck();
        var body = await JsonBody.ReadAsync<ScanRequestBody>(http, check, stop);
        if (body?.Targets is not { Count: > 0 and <= RequestMax })
            check.Error("targets", $"'targets' must list the numbers of 1 to {RequestMax} targets.");
        if (check.Failed(out var problem))
            return problem;
        var made = await plans.RequestAsync(http.Reach(), [.. body!.Targets!.Distinct()], http.Actor(), stop);
        if (made.Count == 0)
            return SchedulingAccess.NoSuch("target", body.Targets![0]);
        return TypedResults.Accepted("/v1/scans", new RequestedScans(
            [.. made.OrderBy(m => m.Key).Select(m => new RequestedScan(m.Key, m.Value))], [.. body.Targets!.Distinct().Where(t => !made.ContainsKey(t)).Order()]));
    }

    private static async Task<Results<Ok<ScanExplanation>, ProblemHttpResult>> WhyAsync(
        HttpContext http, long id, IScanQueue queue, IPlans plans, CancellationToken stop) =>
        await queue.FindAsync(http.Reach(), id, stop) is { } scan
            ? TypedResults.Ok(new ScanExplanation(id, scan.WhyNow, await plans.WhyAsync(http.Reach(), id, stop)))
            : SchedulingAccess.NoSuch("scan", id);

    private static async Task<Results<Ok<TargetOutlookRow>, ProblemHttpResult>> OutlookAsync(
        HttpContext http, long id, ITargets targets, IPlans plans, CancellationToken stop)
    {
        if (await targets.FindAsync(http.Reach(), id, stop) is null)
            return SchedulingAccess.NoSuch("target", id);
        var outlook = (await plans.OutlookAsync(http.Reach(), [id], stop)).GetValueOrDefault(id);
        return TypedResults.Ok(new TargetOutlookRow(id, outlook?.VolatilityScore, outlook?.ChangeChance, outlook?.NextDue));
    }

    private static async Task<SchedulingRow> RowAsync(string tenant, IPlans plans, CancellationToken stop)
    {
        var plan = await plans.FindAsync(tenant, stop);
        return new SchedulingRow(plan.Policy.Name(), plan.ScansPerDay, plan.Share, plan.Costs, TenantPlan.CostPerScan, await plans.StandingAsync(tenant, stop));
    }

    private static TenantPlan Read(SchedulingBody? body, EngineCatalog engines, QueryCheck check)
    {
        double? scans = Bounded(check, "scansPerDay", body?.ScansPerDay, TenantPlan.ScansPerDayMax), share = Bounded(check, "share", body?.Share, TenantPlan.ShareMax);
        if (scans is not null && share is not null)
            check.Error("share", "Give scansPerDay or share, not both.");
        bool hasBudget = scans is not null || share is not null;
        if (body is null || (!hasBudget && body.Policy is null))
            check.Error("policy", $"Say the policy ({PlanPolicies.Names}) or a budget (scansPerDay or share).");
        string? name = check.OneOf("policy", body?.Policy, PolicyNames);
        var policy = PlanPolicies.TryParse(name, out var chosen) ? chosen : hasBudget ? PlanPolicy.Index : PlanPolicy.Event;
        if (policy == PlanPolicy.Index && !hasBudget)
            check.Error("scansPerDay", "The policy 'index' needs a budget: scansPerDay, or share (0.1 is a tenth of daily scanning).");
        if (policy == PlanPolicy.Event && hasBudget)
            check.Error("policy", "The policy 'event' has no budget: it scans whatever happens. Leave scansPerDay and share out, or choose index, tiers or sampling.");
        foreach (var (engine, cost) in body?.Costs ?? [])
        {
            if (!engines.IsKnown(engine))
                check.Error("costs", $"'{engine}' is not an engine that a crawler of the catalog feeds. Known: {string.Join(", ", engines.Engines)}.");
            else if (!(cost is > 0 and <= CostMax))
                check.Error("costs", $"'{engine}': a scan costs more than 0 and at most {CostMax.ToString("0", CultureInfo.InvariantCulture)}.");
        }
        return new TenantPlan { Policy = policy, ScansPerDay = scans, Share = share, Costs = body?.Costs ?? [] };
    }

    private static double? Bounded(QueryCheck check, string name, double? number, double max)
    {
        if (number is { } given && !(given > 0 && given <= max))
            check.Error(name, $"'{name}' must be above 0 and at most {max.ToString("0", CultureInfo.InvariantCulture)}.");
        return number;
    }
}

/// <summary>Wishes for policy and budget.</summary>
internal sealed record SchedulingBody
{
    /// <summary><c>index</c> (the default with a budget), <c>tiers</c>, <c>event</c> (the default without) or <c>sampling</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>Scans a day; or <c>share</c>.</summary>
    public double? ScansPerDay { get; init; }

    /// <summary>Scans a target and day: 1 is daily scanning, 0.1 a tenth of its cost; or <c>scansPerDay</c>.</summary>
    public double? Share { get; init; }

    /// <summary>What a scan costs at each engine, by its name.</summary>
    public Dictionary<string, double>? Costs { get; init; }
}

/// <summary>Policy and budget, and how planning stands.</summary>
/// <param name="Policy"><c>index</c>, <c>tiers</c>, <c>event</c> or <c>sampling</c>.</param>
/// <param name="ScansPerDay">Scans a day; null when <c>share</c> says it or there is no budget.</param>
/// <param name="Share">Scans a target and day; null when <c>scansPerDay</c> says it or there is no budget.</param>
/// <param name="Costs">What a scan costs at each engine that is named.</param>
/// <param name="CostPerScan">What it costs at the others.</param>
/// <param name="Standing">How planning stands; null before its first tick.</param>
internal sealed record SchedulingRow(
    string Policy, double? ScansPerDay, double? Share, IReadOnlyDictionary<string, double> Costs, double CostPerScan, PlanStanding? Standing);

/// <summary>Targets to be scanned.</summary>
internal sealed record ScanRequestBody
{
    /// <summary>Their numbers.</summary>
    public IReadOnlyList<long>? Targets { get; init; }
}

/// <summary>Scans that were asked for.</summary>
/// <param name="Scans">One for each target.</param>
/// <param name="Unknown">Targets that this key knows nothing of.</param>
internal sealed record RequestedScans(IReadOnlyList<RequestedScan> Scans, IReadOnlyList<long> Unknown);

/// <summary>A scan that was asked for.</summary>
/// <param name="Target">Its target.</param>
/// <param name="Scan">Its number.</param>
internal sealed record RequestedScan(long Target, long Scan);

/// <summary>Why a scan was made.</summary>
/// <param name="Scan">Its number.</param>
/// <param name="WhyNow">In one sentence.</param>
/// <param name="Decision">The numbers; null for a scan that events alone made.</param>
internal sealed record ScanExplanation(long Scan, string WhyNow, DecisionRecord? Decision);

/// <summary>What is believed of a target; null where nothing is yet.</summary>
/// <param name="Target">Its number.</param>
/// <param name="VolatilityScore">Chance of a change within a week, of itself, 0 to 100.</param>
/// <param name="ChangeChance">Chance that its answer has changed since its last scan, 0 to 1.</param>
/// <param name="NextDue">When it is due at the earliest, if nothing happens; null where only events decide, or while its scan is open.</param>
internal sealed record TargetOutlookRow(long Target, double? VolatilityScore, double? ChangeChance, DateTimeOffset? NextDue);
