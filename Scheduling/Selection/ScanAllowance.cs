namespace Weir.Scheduling.Selection;

/// <summary>Scans that a baseline policy may make: earned by the time that passes, saved for a day at most; without bound where no budget is given.</summary>
internal sealed class ScanAllowance(double? perDay)
{
    private double _tokens = perDay is null ? double.MaxValue : 0;
    private double _asOf;

    /// <summary>What is left, in scans.</summary>
    public double Left => _tokens;

    /// <summary>Earns what the days until now bring.</summary>
    public void Earn(double days)
    {
        if (perDay is { } scans)
            _tokens = Math.Min(_tokens + (scans * (days - _asOf)), scans);
        _asOf = days;
    }

    /// <summary>Scans are made.</summary>
    public void Spend(int scans)
    {
        if (perDay is not null)
            _tokens -= scans;
    }
}
