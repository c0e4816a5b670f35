using System.Text.Json;
using Weir.Scheduling.Selection;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Planning;

/// <summary>What a planning program has in memory. Not safe from several threads at a time.</summary>
internal sealed class PlannerState
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly List<string> _engines = [];
    private readonly Dictionary<string, int> _numberOf = new(StringComparer.Ordinal);
    private readonly Learning _learning = new(0);
    private int _day = -1;

    /// <param name="token">Of the right to plan.</param>
    /// <param name="position">How far planning has come.</param>
    /// <param name="engines">Known engines; others are added as targets name them.</param>
    public PlannerState(long token, PositionRow position, IEnumerable<string> engines)
    {
        (Token, TriggerId, ResultsMs) = (token, position.TriggerId, position.ResultsMs);
        foreach (string engine in engines)
            NumberOf(engine);
        Restore(position.Learned);
    }

    /// <summary>Of the right to plan.</summary>
    public long Token { get; }

    /// <summary>Tenants with targets.</summary>
    public Dictionary<string, TenantFleet> Fleets { get; } = new(StringComparer.Ordinal);

    /// <summary>Tenants that had targets until this tick.</summary>
    public List<string> Left { get; } = [];

    /// <summary>The last trigger that was read.</summary>
    public long TriggerId { get; set; }

    /// <summary>Until when results were read.</summary>
    public long ResultsMs { get; set; }

    /// <summary>How far the targets in memory are known.</summary>
    public TargetPlace Targets { get; set; }

    /// <summary>Version of the plans in memory.</summary>
    public long PlansVersion { get; set; }

    /// <summary>When it planned last; null before the first time.</summary>
    public DateTimeOffset? LastTick { get; set; }

    /// <summary>How often it fell behind since it took over.</summary>
    public long LateTicks { get; set; }

    /// <summary>When it looked last for scans that ended otherwise.</summary>
    public DateTimeOffset LookedForEnded { get; set; }

    /// <summary>Targets by tenant, as the planner reads them.</summary>
    public IEnumerable<(string Tenant, List<PlannedTarget> Targets)> ByTenant(IReadOnlyList<PlannedRow> rows)
    {
        foreach (var group in rows.GroupBy(r => r.Tenant, StringComparer.Ordinal))
        {
            yield return (group.Key, group.Select(r => new PlannedTarget(
                r.Id, NumberOf(r.Engine), PlanTime.Days(r.CreatedMs), r.LastScanMs is { } last ? PlanTime.Days(last) : null)).OrderBy(t => t.Id).ToList());
        }
    }

    /// <summary>Makes a tenant's fleet, in the place of the one before it.</summary>
    public TenantFleet NewFleet(string tenant, TenantPlan plan, IReadOnlyList<PlannedTarget> targets, TimeSpan tick, DateTimeOffset now) =>
        Fleets[tenant] = new TenantFleet(tenant, plan, targets, _learning, _engines, tick, PlanTime.Days(now));

    /// <summary>Finds a target in memory.</summary>
    public bool Find(string tenant, long target, out TenantFleet fleet, out int place)
    {
        place = -1;
        if (Fleets.TryGetValue(tenant, out fleet!))
            place = fleet.PlaceOf(target);
        return place >= 0;
    }

    /// <summary>Takes what happened: triggers by their numbers, and each result before the first trigger that is later.</summary>
    public void Apply(IReadOnlyList<SignalRow> signals, IReadOnlyList<ResultRow> results, long nowMs)
    {
        int next = 0;
        foreach (var signal in signals.OrderBy(s => s.TriggerId))
        {
            for (; next < results.Count && results[next].AtMs <= signal.AtMs; next++)
                Apply(results[next]);
            Apply(signal, nowMs);
        }
        for (; next < results.Count; next++)
            Apply(results[next]);
    }

    /// <summary>Moves the engines' priors, once a day.</summary>
    public void LearnPriors(DateTimeOffset now)
    {
        int day = (int)Math.Floor(PlanTime.Days(now));
        if (_day == day)
            return;
        bool isFirst = _day < 0;
        _day = day;
        if (isFirst)
            return;
        var (sums, counts) = (new double[_engines.Count * Belief.Rates], new int[_engines.Count]);
        foreach (var fleet in Fleets.Values)
            fleet.Belief.SumWeights(fleet.Fleet, fleet.Ids.Length, sums, counts);
        _learning.LearnPriors(sums, counts);
    }

    /// <summary>How far planning has come, for the store.</summary>
    public PositionRow Position() => new()
    {
        TriggerId = TriggerId,
        ResultsMs = ResultsMs,
        Learned = JsonSerializer.Serialize(
            new Learned(_day, [.. _engines.Select((name, i) => new LearnedEngine(name, [.. _learning.PriorOf[i]], _learning.Strength.Learned(i),
                _learning.Updates.Since(i) is var since && double.IsNaN(since) ? null : since))]), Json),
    };

    /// <summary>How tenants stand, for people; of those that have left, once.</summary>
    public List<TenantStanding> Standings()
    {
        List<TenantStanding> all = [.. Fleets.Values.Select(StandingOf), .. Left.Select(tenant => new TenantStanding(tenant, 0, 0, 0, 0, 0, LateTicks))];
        Left.Clear();
        return all;
    }

    private TenantStanding StandingOf(TenantFleet fleet) =>
        new(fleet.Tenant, fleet.Budget.Tokens, fleet.Budget.Price, fleet.Count, fleet.New, fleet.Unknown, LateTicks);

    // An edge whose clock is ahead must not put its target's time off; a class that only a newer program knows says nothing.
    private void Apply(SignalRow signal, long nowMs)
    {
        if (SignalClasses.TryParse(signal.Class, out var of) && Find(signal.Tenant, signal.TargetId, out var fleet, out int place))
            fleet.OnTrigger(place, signal.TriggerId, of, UnixMs.Time(Math.Min(signal.AtMs, nowMs)), signal.Weight);
    }

    private void Apply(ResultRow result)
    {
        if (Find(result.Tenant, result.TargetId, out var fleet, out int place))
            fleet.OnResult(place, UnixMs.Time(result.AtMs), result.Changed is { } changed ? changed != 0 : null);
    }

    private int NumberOf(string engine)
    {
        if (_numberOf.TryGetValue(engine, out int number))
            return number;
        number = _learning.AddEngine();
        _engines.Add(engine);
        return _numberOf[engine] = number;
    }

    private void Restore(string? json)
    {
        if (json is null)
            return;
        Learned? learned;
        try
        {
            learned = JsonSerializer.Deserialize<Learned>(json, Json);
        }
        catch (JsonException)
        {
            return; // what was learned is learned again
        }
        _day = learned?.Day ?? -1;
        foreach (var engine in learned?.Engines ?? [])
        {
            int number = NumberOf(engine.Name);
            _learning.Strength.Restore(number, engine.Signals);
            if (engine.Since is { } since && double.IsFinite(since))
                _learning.Updates.Restore(number, since);
            if (engine.Prior.Length == Belief.Rates && Math.Abs(engine.Prior.Sum() - 1) < 1e-3)
                engine.Prior.CopyTo(_learning.PriorOf[number], 0);
        }
    }

    private sealed record Learned(int Day, LearnedEngine[] Engines);

    private sealed record LearnedEngine(string Name, double[] Prior, double[] Signals, double? Since = null);
}
