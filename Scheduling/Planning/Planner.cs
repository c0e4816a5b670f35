using Microsoft.Extensions.Logging;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Planning;

/// <summary>Plans the scans of every tenant that has a budget: reads triggers and results, keeps beliefs, and queues what is worth a scan, tick by tick.</summary>
/// <remarks>
/// Everything that it knows is in the store a tick later, so that another program goes on where it was: each target's belief names the last trigger that it
/// knows and the time of its last scan, so that reading on from an older place changes nothing twice. One program plans at a time; others stand by. One tick at a time.
/// </remarks>
internal sealed class Planner(
    SqlPlanning store, SqlPlans plans, EngineCatalog engines, SchedulingSettings settings, StoreClock clock, SchedulingMetrics metrics, ILogger<Planner> log)
{
    // A page is some megabytes; a transaction of so many rows is some hundredths of a second.
    private const int TriggerPage = 2000, ScansAtOnce = 500, BeliefsAtOnce = 1000;

    // Results become visible some time after the moment that they are stamped with.
    private const long ResultOverlapMs = 60_000;

    // A scan that nobody could make is not tried again at once.
    private static readonly TimeSpan AfterDead = TimeSpan.FromHours(6);
    private static readonly TimeSpan LookForEndedEvery = TimeSpan.FromHours(1);

    private readonly string _holder = Guid.NewGuid().ToString("N");
    private PlannerState? _state;

    /// <summary>Plans once.</summary>
    /// <returns>Scans that were queued; null while another program plans.</returns>
    /// <exception cref="PlannerLostException">Another program took over meanwhile; the next call stands by.</exception>
    public async Task<int?> TickAsync(CancellationToken stop)
    {
        var now = await clock.NowAsync(stop);
        if (await store.TryLeadAsync(_holder, settings.PlanningLease, stop) is not { } token)
        {
            _state = null;
            return null;
        }
        if (_state?.Token != token)
        {
            _state = await LoadAsync(token, now, stop);
            log.PlanningHere(_state.Fleets.Values.Sum(f => f.Count), _state.Fleets.Count);
        }
        try
        {
            return await TickAsync(_state, now, stop);
        }
        catch
        {
            // What is in memory may be ahead of the store by now.
            _state = null;
            throw;
        }
    }

    /// <summary>Lets another program plan at once.</summary>
    public async Task ResignAsync(CancellationToken stop)
    {
        if (_state is null)
            return;
        _state = null;
        await store.ResignAsync(_holder, stop);
    }

    private async Task<int> TickAsync(PlannerState state, DateTimeOffset now, CancellationToken stop)
    {
        bool isLate = state.LastTick is { } last && now - last > 3 * settings.PlanningTick;
        if (isLate)
            state.LateTicks++;
        if (!await FollowAsync(state, now, stop))
        {
            // Too much has happened to targets: what is in memory is in the store too.
            _state = state = await LoadAsync(state.Token, now, stop);
        }
        await ReadAsync(state, now, stop);
        var paid = await PayRequestsAsync(state, stop);
        await ReleaseAsync(state, now, stop);
        state.LearnPriors(now);
        var hold = new Hold(_holder, state.Token, now.ToUnixTimeMilliseconds());
        int planned = await PlanAsync(state, hold, now, isLate, stop);
        await SaveAsync(state, hold, now, paid, stop);
        state.LastTick = now;
        return planned;
    }

    private async Task<PlannerState> LoadAsync(long token, DateTimeOffset now, CancellationToken stop)
    {
        var position = await store.PositionAsync(stop);
        var state = new PlannerState(token, position, engines.Engines);
        var (beliefs, open, budgets) = (await store.BeliefsAsync(stop), await store.OpenAsync(stop), await store.BudgetsAsync(stop));
        state.PlansVersion = await plans.VersionAsync(stop);
        var planOf = await plans.AllAsync(stop);
        (var all, state.Targets) = await store.TargetsAsync(stop);
        int lost = 0;
        foreach (var (tenant, targets) in state.ByTenant(all))
        {
            var fleet = state.NewFleet(tenant, planOf.GetValueOrDefault(tenant) ?? TenantPlan.Default, targets, settings.PlanningTick, now);
            for (int place = 0; place < targets.Count; place++)
            {
                if (!fleet.Load(place, targets[place], beliefs.GetValueOrDefault(targets[place].Id)))
                    lost++;
                if (open.Contains(targets[place].Id))
                    fleet.Hold(place);
            }
            if (budgets.TryGetValue(tenant, out var budget))
                fleet.Budget.Restore(budget.Tokens, budget.Price, PlanTime.Days(budget.AsOfMs));
        }
        // The very first program finds no beliefs: it learns them from what is stored.
        if (lost > 0 && beliefs.Count > 0)
            log.BeliefsLost(lost);
        metrics.BeliefsLost(beliefs.Count > 0 ? lost : 0);
        return state;
    }

    // Targets and plans that changed. False where that cannot be told.
    private async Task<bool> FollowAsync(PlannerState state, DateTimeOffset now, CancellationToken stop)
    {
        if (await store.TargetNewsAsync(state.Targets, stop) is not var (added, removed, place))
            return false;
        long plansVersion = await plans.VersionAsync(stop);
        bool isPlanned = plansVersion != state.PlansVersion;
        if (place.Version == state.Targets.Version && !isPlanned)
            return true;
        foreach (var gone in removed)
            state.Fleets.GetValueOrDefault(gone.Tenant)?.Remove(gone.Subject);
        var more = state.ByTenant(added).ToDictionary(t => t.Tenant, t => t.Targets, StringComparer.Ordinal);
        var open = new Lazy<Task<HashSet<long>>>(() => store.OpenAsync(stop));
        var planOf = isPlanned || more.Keys.Any(t => !state.Fleets.ContainsKey(t)) ? await plans.AllAsync(stop) : null;
        foreach (string tenant in state.Fleets.Keys.Union(more.Keys, StringComparer.Ordinal).ToList())
        {
            var old = state.Fleets.GetValueOrDefault(tenant);
            var plan = planOf is null ? old!.Plan : planOf.GetValueOrDefault(tenant) ?? TenantPlan.Default;
            var its = more.GetValueOrDefault(tenant) ?? [];
            if (old is null || !old.Plan.IsSame(plan) || old.IsWorn || old.Count + its.Count == 0 || !old.TryAdd(its))
                await RenewAsync(state, tenant, plan, its, open, now);
        }
        (state.Targets, state.PlansVersion) = (place, plansVersion);
        return true;
    }

    // A fleet with more targets, fewer or another plan than the one before it.
    private async Task RenewAsync(PlannerState state, string tenant, TenantPlan plan, List<PlannedTarget> more, Lazy<Task<HashSet<long>>> open, DateTimeOffset now)
    {
        var old = state.Fleets.GetValueOrDefault(tenant);
        List<PlannedTarget> targets = [.. old?.Targets ?? [], .. more];
        if (targets.Count == 0)
        {
            state.Fleets.Remove(tenant);
            state.Left.Add(tenant);
            return;
        }
        var fleet = state.NewFleet(tenant, plan, targets, settings.PlanningTick, now);
        foreach (int place in old is null ? [.. Enumerable.Range(0, targets.Count)] : fleet.TakeOver(old))
            fleet.Load(place, targets[place], default);
        if (old is not null && old.Plan.IsSame(plan))
        {
            fleet.Budget.Restore(old.Budget.Tokens, old.Budget.Price, PlanTime.Days(now));
            return;
        }
        // Under another policy scans were queued that this one did not pick.
        var held = await open.Value;
        for (int place = 0; place < targets.Count; place++)
        {
            if (held.Contains(targets[place].Id))
                fleet.Hold(place);
        }
    }

    // Triggers and results in the order of time, a page at a time: the first program ever reads all that is stored.
    private async Task ReadAsync(PlannerState state, DateTimeOffset now, CancellationToken stop)
    {
        long nowMs = now.ToUnixTimeMilliseconds();
        while (true)
        {
            var (signals, last, recordedMs) = await store.SignalsAsync(state.TriggerId, TriggerPage, stop);
            bool isAll = last is null || recordedMs == long.MaxValue;
            long untilMs = isAll ? nowMs : Math.Min(nowMs, recordedMs);
            var results = await store.ResultsAsync(state.ResultsMs - ResultOverlapMs, untilMs, stop);
            state.Apply(signals, results, nowMs);
            state.TriggerId = last ?? state.TriggerId;
            state.ResultsMs = Math.Max(state.ResultsMs, untilMs);
            if (isAll)
                return;
        }
    }

    private async Task<List<long>> PayRequestsAsync(PlannerState state, CancellationToken stop)
    {
        var paid = new List<long>();
        foreach (var scan in await store.RequestsAsync(stop))
        {
            if (state.Find(scan.Tenant, scan.TargetId, out var fleet, out int place))
                fleet.Request(place);
            paid.Add(scan.Id);
        }
        return paid;
    }

    private async Task ReleaseAsync(PlannerState state, DateTimeOffset now, CancellationToken stop)
    {
        long sinceMs = (state.LastTick ?? now).ToUnixTimeMilliseconds() - ResultOverlapMs;
        foreach (var scan in await store.DeadAsync(sinceMs, stop))
        {
            if (state.Find(scan.Tenant, scan.TargetId, out var fleet, out int place))
                fleet.Release(place, UnixMs.Time(scan.AtMs) + AfterDead);
        }
        if (now - state.LookedForEnded < LookForEndedEvery)
            return;
        // Scans that ended some other way, such as by somebody's hand.
        state.LookedForEnded = now;
        await store.ForgetTargetChangesAsync(stop);
        var open = await store.OpenAsync(stop);
        foreach (var fleet in state.Fleets.Values)
        {
            for (int place = 0; place < fleet.Ids.Length; place++)
            {
                if (fleet.IsHeld(place) && !open.Contains(fleet.Ids[place]))
                    fleet.Release(place, now + (2 * settings.PlanningTick));
            }
        }
    }

    private async Task<int> PlanAsync(PlannerState state, Hold hold, DateTimeOffset now, bool isLate, CancellationToken stop)
    {
        var scans = new List<PlannedScan>();
        foreach (var fleet in state.Fleets.Values)
        {
            foreach (var (place, why) in fleet.Select(now, isLate))
            {
                scans.Add(new PlannedScan(fleet.Ids[place], PriorityOf(why), why, engines.NameOf));
                metrics.Planned(why.Policy, why.IsFallback);
            }
        }
        foreach (var chunk in scans.Chunk(ScansAtOnce))
            await store.OpenAsync(hold, chunk, stop);
        return scans.Count;
    }

    private async Task SaveAsync(PlannerState state, Hold hold, DateTimeOffset now, List<long> paid, CancellationToken stop)
    {
        foreach (var fleet in state.Fleets.Values)
        {
            while (fleet.HasChanged)
                await store.SaveAsync(hold, [.. fleet.TakeChanged(BeliefsAtOnce).Select(place => Saved(fleet, place, now))], stop);
        }
        await store.FinishAsync(hold, state.Position(), state.Standings(), paid, stop);
    }

    private static SavedBelief Saved(TenantFleet fleet, int place, DateTimeOffset now)
    {
        byte[] bytes = new byte[TenantFleet.StoredBytes];
        fleet.Write(place, bytes);
        return new SavedBelief(fleet.Ids[place], bytes, fleet.Belief.VolatilityScore(place), fleet.NextDue(place, now)?.ToUnixTimeMilliseconds());
    }

    // Twice its price is worth more than once; requests and nothing else are 1.
    private static double PriorityOf(DecisionRecord why) =>
        why is { Index: { } index, Price: { } price } && index > 0 ? Math.Min(0.99, index / (index + price)) : 0.5;
}
