using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Planning;

/// <summary>What of a tenant's targets is scanned now, and why.</summary>
internal sealed partial class TenantFleet
{
    /// <summary>Chooses what to scan now, with why. Nothing where events decide.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isLate">Whether planning has fallen behind: the table of tiers then stands in for the index.</param>
    public List<(int Place, DecisionRecord Why)> Select(DateTimeOffset now, bool isLate)
    {
        var chosen = new List<(int, DecisionRecord)>();
        if (Count == 0 || Plan.Policy == PlanPolicy.Event)
            return chosen;
        if (_picked.Length < _ids.Length)
            _picked = new int[_ids.Length];
        bool isTiers = Plan.Policy == PlanPolicy.Tiers || (Plan.Policy == PlanPolicy.Index && isLate);
        int count = isTiers ? SelectByTiers(now) : Plan.Policy == PlanPolicy.Sampling ? SelectSample(now) : _index.Select(PlanTime.Span(now), _picked);
        string? rule = isTiers ? "tier" : Plan.Policy == PlanPolicy.Sampling ? "sample" : null;
        foreach (int place in _picked.AsSpan(0, count))
            chosen.Add((place, WhyOf(place, now, rule, isLate && isTiers)));
        foreach (var (place, _) in chosen)
            _index.Hold(place);
        return chosen;
    }

    /// <summary>When a target will be looked at next, if nothing happens: when its index may reach the price, or its interval is over. Null while a scan is open, or
    /// where nothing but events decides.</summary>
    public DateTimeOffset? NextDue(int place, DateTimeOffset now)
    {
        if (_index.IsHeld(place) || Plan.Policy is PlanPolicy.Event or PlanPolicy.Sampling)
            return null;
        double due = Plan.Policy == PlanPolicy.Tiers ? DueByTier(place, Stretch()) : _index.LookAt(place);
        return PlanTime.Time(Math.Max(due, PlanTime.Days(now)));
    }

    /// <summary>Why a target would be scanned now.</summary>
    public DecisionRecord WhyOf(int place, DateTimeOffset now, string? rule, bool isFallback)
    {
        var reason = _index.Explain(place, PlanTime.Span(now));
        bool isNew = _index.IsNew(place);
        return new DecisionRecord
        {
            At = now,
            Policy = Plan.Policy.Name(),
            Rule = isNew && rule != "requested" ? "first" : rule ?? reason.Rule,
            IsFallback = isFallback || _index.IsUnknown(place),
            Index = rule is null && double.IsFinite(reason.Index) ? reason.Index : null,
            Price = rule is null ? reason.Price : null,
            DaysSinceScan = isNew ? null : reason.DaysSinceScan,
            ChangeChance = reason.ChangeChance,
            RatePerDay = reason.Rate,
            VolatilityScore = reason.VolatilityScore,
            DriftShare = reason.DriftShare,
            Signals = [.. reason.Signals.Where(s => s.Share > 0.001).Select(s => new DecisionSignal(SignalClasses.Name(s.Class), now - TimeSpan.FromDays(s.AgeDays), s.Share))],
        };
    }

    // The latest first, as far as the budget goes.
    private int SelectByTiers(DateTimeOffset now)
    {
        double days = PlanTime.Days(now), stretch = Stretch();
        Budget.Earn(days);
        var due = new List<(double Late, int Place)>();
        for (int place = 0; place < _taken; place++)
        {
            if (!_index.IsHeld(place) && DueByTier(place, stretch) is var at && at <= days)
                due.Add((at - days, place));
        }
        due.Sort();
        return Spend(due.ConvertAll(d => d.Place));
    }

    private int SelectSample(DateTimeOffset now)
    {
        Budget.Earn(PlanTime.Days(now));
        int count = _sampling!.Select(PlanTime.Span(now), _picked);
        // Who was scanned today has said what a sample says: so a program that begins anew does not scan the day's samples again.
        double today = Math.Floor(PlanTime.Days(now));
        return Spend([.. _picked.AsSpan(0, count).ToArray().Where(place => !_index.IsHeld(place) && (_index.IsNew(place) || Belief.LastScan(place) < today))]);
    }

    private int Spend(List<int> wanted)
    {
        int count = PerDay is null ? wanted.Count : Math.Min(wanted.Count, Budget.Whole);
        for (int i = 0; i < count; i++)
            _picked[i] = wanted[i];
        // Samples that the budget does not reach wait for the next tick.
        for (int i = count; i < wanted.Count && _sampling is not null; i++)
            _sampling.GiveBack(wanted[i]);
        if (PerDay is not null)
            Budget.Take(count);
        return count;
    }

    private double DueByTier(int place, double stretch)
    {
        if (_index.IsNew(place))
            return Belief.LastScan(place);
        double score = _index.IsUnknown(place) ? TierPolicy.NewScore : Belief.VolatilityScore(place);
        return Belief.LastScan(place) + (stretch * TierPolicy.IntervalOf(score));
    }

    // The factor, 1 or more, at which the intervals cost the budget.
    private double Stretch()
    {
        if (PerDay is not { } perDay)
            return 1;
        double cost = 0;
        for (int place = 0; place < _taken; place++)
        {
            if (!_isGone[place])
                cost += 1 / TierPolicy.IntervalOf(_index.IsUnknown(place) || _index.IsNew(place) ? TierPolicy.NewScore : Belief.VolatilityScore(place));
        }
        return Math.Max(1, cost / Math.Max(perDay, 1e-9));
    }
}
