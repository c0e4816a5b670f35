namespace Weir.Scheduling.Selection;

/// <summary>Why a target would be scanned.</summary>
public sealed partial class IndexPolicy
{
    /// <inheritdoc/>
    public ScanReason Explain(int target, TimeSpan now)
    {
        double days = now.TotalDays;
        _belief.Advance(target, days);
        double since = days - _belief.LastScan(target);
        double drift = -Math.Log(Math.Max(1e-300, _belief.Survival(target, since)));
        double hazard = drift + _belief.Arrived(target);
        return new ScanReason
        {
            Rule = _isNew[target] ? "first" : _isUnknown[target] ? "tier" : since >= _longestDays ? "overdue" : null,
            Index = WorthOf(target, days),
            Price = BudgetOf(target).Price,
            DaysSinceScan = since,
            ChangeChance = _belief.ChangeChance(target, days),
            Rate = _belief.ExpectedRate(target),
            VolatilityScore = _belief.VolatilityScore(target),
            DriftShare = hazard > 0 ? drift / hazard : 0,
            Signals = SignalsOf(target, days, hazard),
        };
    }

    private List<(SignalClass, double, double)> SignalsOf(int target, double days, double hazard)
    {
        var parts = new List<(SignalClass, double AgeDays, double Share)>();
        for (int i = 0; i < _belief.SignalsOf(target) && hazard > 0; i++)
        {
            var (signal, at) = _belief.SignalOf(target, i);
            double arrived = 0;
            var strength = _learning.Strength.Of(_fleet.EngineOf[target], signal);
            for (int k = 0; k < Belief.Delays; k++)
                arrived += strength[k] * (1 - Math.Exp(-Math.Max(0, days - at) / Belief.DelayDays[k]));
            parts.Add((signal, Math.Max(0, days - at), Math.Min(1, arrived / hazard)));
        }
        if (_learning.Updates.LastOf(_fleet.EngineOf[target]) is { } update && update.At >= _belief.LastScan(target) && hazard > 0)
        {
            double arrived = update.Share * (1.5 - Math.Exp(-Math.Max(0, days - update.At)));
            parts.Add((SignalClass.EngineUpdate, Math.Max(0, days - update.At), Math.Min(1, arrived / hazard)));
        }
        return [.. parts.OrderByDescending(p => p.Share)];
    }
}
