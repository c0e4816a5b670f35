namespace Weir.Scheduling.Selection;

/// <summary>Scans that may be made, and the price that keeps to them. One of a tenant, or one of all.</summary>
internal sealed class ScanBudget
{
    private const double PriceMin = 1e-6, PriceMax = 50;

    private readonly double _perTick, _perDay;
    private double _tokens;

    /// <param name="perDay">Scans a day.</param>
    /// <param name="targets">Targets that share them.</param>
    /// <param name="tickDays">Days between two choices.</param>
    public ScanBudget(double perDay, int targets, double tickDays)
    {
        (_perDay, _perTick) = (perDay, perDay * tickDays);
        Price = 0.002 * Math.Max(1, targets) / Math.Max(perDay, 1e-9);
    }

    /// <summary>What a scan has to be worth.</summary>
    public double Price { get; private set; }

    /// <summary>Whole scans that may be made now.</summary>
    public int Whole => (int)(_tokens + 1e-9);

    /// <summary>A tick has passed.</summary>
    public void Earn() => _tokens = Math.Min(_tokens + _perTick, Math.Max(1, _perDay));

    /// <summary>Scans are made, of so many that were worth the price.</summary>
    public void Spend(int scans, int candidates)
    {
        _tokens -= scans;
        double pressure = Math.Clamp((candidates - _perTick) / Math.Max(_perTick, 1e-9), -1, 2);
        double price = Price * Math.Exp(0.03 * pressure);
        if (_tokens > 0.9 * _perDay)
            price *= 0.99;
        Price = Math.Clamp(price, PriceMin, PriceMax);
    }
}
