using System.Buffers.Binary;
using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Planning;

/// <summary>A tenant's targets in memory: what is believed of them and which are to be scanned. Beliefs are kept whatever the policy, so that another may take over.</summary>
/// <remarks>Times are days of <see cref="PlanTime"/>. It has some room, so that a target more is no new fleet. Not safe from several threads at a time.</remarks>
internal sealed partial class TenantFleet
{
    /// <summary>Bytes of a target in the store: its belief, a flag and the last trigger that it knows.</summary>
    public const int StoredBytes = Belief.StoredBytes + 9;

    // What a policy without a budget believes by; the index is not asked then.
    private const double ShadowShare = 0.1;

    // An eighth of a fleet is free when it is made, and it is made anew when a quarter has gone: each costs a target a few copies in its life.
    private const int RoomShare = 8, RoomMin = 4, GoneShare = 4, GoneMin = 64;

    private readonly long[] _ids;         // rising, of the places that are taken
    private readonly long[] _triggerOf;   // the last trigger that a target's belief knows
    private readonly int[] _engineOf;
    private readonly bool[] _isChanged, _isGone;
    private readonly IReadOnlyList<string> _engines;
    private readonly TimeSpan _tick;
    private readonly List<int> _ofEngine = []; // targets of each engine
    private readonly List<int> _changed = [];
    private readonly IndexPolicy _index;
    private readonly SamplingPolicy? _sampling;
    private readonly Fleet _fleet;
    private int[] _picked = [];
    private int _taken, _gone;

    /// <param name="tenant">The tenant.</param>
    /// <param name="plan">Its budget and policy.</param>
    /// <param name="targets">Its targets by their numbers.</param>
    /// <param name="learning">What all tenants' scans have taught.</param>
    /// <param name="engines">Engines by their numbers in <paramref name="learning"/>.</param>
    /// <param name="tick">Time between two choices.</param>
    /// <param name="now">The time.</param>
    public TenantFleet(string tenant, TenantPlan plan, IReadOnlyList<PlannedTarget> targets, Learning learning, IReadOnlyList<string> engines, TimeSpan tick, double now)
    {
        (Tenant, Plan, _engines, _tick) = (tenant, plan, engines, tick);
        // A day's sample is drawn of a fixed list.
        int places = targets.Count + (plan.Policy == PlanPolicy.Sampling ? 0 : Math.Max(RoomMin, targets.Count / RoomShare));
        (_ids, _engineOf, _triggerOf) = (new long[places], new int[places], new long[places]);
        (_isChanged, _isGone) = (new bool[places], new bool[places]);
        foreach (var target in targets)
            Take(target);
        _fleet = new Fleet(new int[places], _engineOf);
        PerDay = plan.PerDay(Count);
        _index = new IndexPolicy(_fleet, Options(), learning, now, _taken);
        if (plan.Policy == PlanPolicy.Sampling)
            _sampling = new SamplingPolicy(_fleet, null, _ids);
    }

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>Its budget and policy.</summary>
    public TenantPlan Plan { get; }

    /// <summary>Scans a day; null without a budget.</summary>
    public double? PerDay { get; private set; }

    /// <summary>How many targets it has.</summary>
    public int Count => _taken - _gone;

    /// <summary>Numbers of its targets by their places, rising; among them those that have gone.</summary>
    public ReadOnlySpan<long> Ids => _ids.AsSpan(0, _taken);

    /// <summary>Whether it had better be made anew, since many have gone.</summary>
    public bool IsWorn => _gone > Math.Max(GoneMin, _taken / GoneShare) || (_gone > 0 && _sampling is not null);

    /// <summary>Its targets, as far as another fleet needs them to take them over.</summary>
    public IEnumerable<PlannedTarget> Targets => Enumerable.Range(0, _taken).Where(place => !_isGone[place]).Select(place => new PlannedTarget(_ids[place], _engineOf[place], 0, null));

    /// <summary>Tokens and price.</summary>
    public ScanBudget Budget => _index.Budget;

    /// <summary>What is believed.</summary>
    public Belief Belief => _index.Belief;

    /// <summary>The targets as a policy numbers them.</summary>
    public Fleet Fleet => _fleet;

    /// <summary>Targets whose belief was lost and that go by the tiers until their next scan.</summary>
    public int Unknown => CountOf(_index.IsUnknown);

    /// <summary>Targets that were never scanned.</summary>
    public int New => CountOf(_index.IsNew);

    /// <summary>A target's place; negative when it is not there.</summary>
    public int PlaceOf(long id) => Array.BinarySearch(_ids, 0, _taken, id) is >= 0 and var place && !_isGone[place] ? place : -1;

    /// <summary>Takes new targets in, whose numbers are above all others.</summary>
    /// <returns>False when there is no room: then none is taken.</returns>
    public bool TryAdd(IReadOnlyList<PlannedTarget> targets)
    {
        if (_taken + targets.Count > _ids.Length)
            return false;
        foreach (var target in targets)
        {
            int place = Take(target);
            _index.Join(place);
            Load(place, target, default);
        }
        Adjust();
        return true;
    }

    /// <summary>A target is gone.</summary>
    public void Remove(long id)
    {
        int place = PlaceOf(id);
        if (place < 0)
            return;
        _index.Leave(place);
        _isGone[place] = true;
        _gone++;
        _ofEngine[_engineOf[place]]--;
        Adjust();
    }

    /// <summary>A target's engine.</summary>
    public int EngineOf(int place) => _engineOf[place];

    /// <summary>Takes a target's belief from the store, or what is known of its last scan where there is none.</summary>
    /// <returns>False when a belief was there, or should have been, and is lost.</returns>
    public bool Load(int place, in PlannedTarget target, ReadOnlySpan<byte> stored)
    {
        bool isRead = stored.Length >= StoredBytes && Belief.TryRead(place, stored);
        if (isRead)
        {
            _triggerOf[place] = BinaryPrimitives.ReadInt64LittleEndian(stored[(Belief.StoredBytes + 1)..]);
            if ((stored[Belief.StoredBytes] & 1) != 0)
                _index.MarkNew(place);
        }
        else
        {
            Belief.Begin(place, target.LastScan ?? target.Created);
            if (target.LastScan is null)
                _index.MarkNew(place);
            else
                _index.MarkUnknown(place);
        }
        _index.Place(place);
        return isRead || target.LastScan is null;
    }

    /// <summary>Takes what another fleet of the same tenant believes of the targets that both have; returns the places of those that it does not.</summary>
    public List<int> TakeOver(TenantFleet other)
    {
        var fresh = new List<int>();
        for (int place = 0; place < _taken; place++)
        {
            int from = other.PlaceOf(_ids[place]);
            if (from < 0)
            {
                fresh.Add(place);
                continue;
            }
            Belief.Copy(other.Belief, from, place);
            _triggerOf[place] = other._triggerOf[from];
            if (other._index.IsNew(from))
                _index.MarkNew(place);
            if (other._index.IsUnknown(from))
                _index.MarkUnknown(place);
            _index.Place(place);
            if (other._index.IsHeld(from))
                _index.Hold(place);
            if (other._isChanged[from])
                Change(place);
        }
        return fresh;
    }

    /// <summary>Writes a target as the store keeps it.</summary>
    public void Write(int place, Span<byte> bytes)
    {
        Belief.Write(place, bytes);
        bytes[Belief.StoredBytes] = (byte)(_index.IsNew(place) ? 1 : 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(Belief.StoredBytes + 1)..], _triggerOf[place]);
    }

    /// <summary>A trigger speaks of a target; the same one again changes nothing.</summary>
    public void OnTrigger(int place, long trigger, SignalClass signal, DateTimeOffset at, double weight)
    {
        if (trigger <= _triggerOf[place])
            return;
        _triggerOf[place] = trigger;
        _index.OnSignal(new Signal(place, signal, PlanTime.Span(at), Math.Clamp(weight, 0, 1)));
        Change(place);
    }

    /// <summary>A target was scanned; the same result again changes nothing.</summary>
    /// <param name="place">The target.</param>
    /// <param name="at">When.</param>
    /// <param name="changed">What it says of the answer; null where nothing can be compared.</param>
    public void OnResult(int place, DateTimeOffset at, bool? changed)
    {
        if (!_index.IsNew(place) && Belief.LastScan(place) >= PlanTime.Days(at) - 1e-9)
            return;
        if (changed is { } isChange && !_index.IsNew(place) && !_index.IsUnknown(place))
            _index.OnScan(place, PlanTime.Span(at), isChange);
        else
            _index.OnFirstScan(place, PlanTime.Span(at));
        _sampling?.OnScan(place, PlanTime.Span(at), changed ?? false);
        Change(place);
    }

    /// <summary>A scan of the target is open: it is left alone until that ends.</summary>
    public void Hold(int place) => _index.Hold(place);

    /// <summary>Its scan ended without a result.</summary>
    public void Release(int place, DateTimeOffset from)
    {
        if (_index.IsHeld(place))
            _index.Release(place, PlanTime.Span(from));
    }

    /// <summary>Whether a scan of it is open.</summary>
    public bool IsHeld(int place) => !_isGone[place] && _index.IsHeld(place);

    /// <summary>Somebody asked for a scan: it is paid first.</summary>
    public void Request(int place)
    {
        _index.Hold(place);
        if (PerDay is not null)
            Budget.Request(1);
    }

    /// <summary>Targets whose belief changed since the last call, at most so many.</summary>
    public List<int> TakeChanged(int max)
    {
        int count = Math.Min(max, _changed.Count);
        var taken = _changed.GetRange(_changed.Count - count, count);
        _changed.RemoveRange(_changed.Count - count, count);
        foreach (int place in taken)
            _isChanged[place] = false;
        return taken;
    }

    /// <summary>Whether any belief changed.</summary>
    public bool HasChanged => _changed.Count > 0;

    private void Change(int place)
    {
        if (_isChanged[place])
            return;
        _isChanged[place] = true;
        _changed.Add(place);
    }

    private int CountOf(Func<int, bool> isIt)
    {
        int count = 0;
        for (int place = 0; place < _taken; place++)
            count += isIt(place) ? 1 : 0;
        return count;
    }

    private int Take(in PlannedTarget target)
    {
        (_ids[_taken], _engineOf[_taken]) = (target.Id, target.Engine);
        while (_ofEngine.Count <= target.Engine)
            _ofEngine.Add(0);
        _ofEngine[target.Engine]++;
        return _taken++;
    }

    private void Adjust()
    {
        PerDay = Plan.PerDay(Count);
        _index.Adjust(Options(), Count);
    }

    private IndexOptions Options() => new() { Budget = PerDay / Math.Max(1, Count) ?? ShadowShare, Tick = _tick, CostOf = Costs() };

    // In usual scans of the tenant, so that the price keeps its meaning.
    private double[] Costs()
    {
        double[] costs = [.. _engines.Select(Plan.CostOf)];
        double mean = Count == 0 ? 1 : _ofEngine.Select((targets, engine) => targets * costs[engine]).Sum() / Count;
        return [.. costs.Select(c => c / mean)];
    }
}
