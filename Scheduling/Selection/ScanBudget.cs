namespace Weir.Scheduling.Selection;

/// <summary>Scans that may be made, and the price that keeps to them. One of a tenant, or one of all.</summary>
internal sealed class ScanBudget
{
    // How far one step moves the price was chosen for steps of two hours; who looks more often gathers what was asked for until one is over.
    private const double StepDays = 1.0 / 12;
    private const double PriceMin = 1e-6, PriceMax = 50;

    // Where most targets are worth nearly the same, the price passes over all of them in one step, and what is saved beyond a day is lost before it comes
    // down again. A hundredth a step left up to 9 % of a budget unspent there, and finds the same elsewhere.
    private const double Idle = 0.95;

    private double _asOf, _steppedAt;
    private int _taken;

    /// <param name="perDay">Scans a day.</param>
    /// <param name="targets">Targets that share them.</param>
    /// <param name="now">Days; from when on scans are earned.</param>
    public ScanBudget(double perDay, int targets, double now = 0)
    {
        (PerDay, _asOf, _steppedAt) = (perDay, now, now);
        Price = 0.002 * Math.Max(1, targets) / Math.Max(perDay, 1e-9);
    }

    /// <summary>Scans a day.</summary>
    public double PerDay { get; set; }

    /// <summary>What a scan has to be worth.</summary>
    public double Price { get; private set; }

    /// <summary>Scans that may be made now; below 0 after requests that went beyond the budget.</summary>
    public double Tokens { get; private set; }

    /// <summary>The same in whole scans.</summary>
    public int Whole => (int)Math.Max(0, Tokens + 1e-9);

    /// <summary>Goes on where an earlier program was.</summary>
    /// <param name="tokens">What it had left.</param>
    /// <param name="price">Its price; not read when it is none.</param>
    /// <param name="asOf">When that was, in days.</param>
    public void Restore(double tokens, double price, double asOf)
    {
        (Tokens, _asOf, _steppedAt) = (Math.Clamp(double.IsFinite(tokens) ? tokens : 0, -Bank, Bank), asOf, asOf);
        if (price is >= PriceMin and <= PriceMax)
            Price = price;
    }

    /// <summary>Earns what the days until now bring; a day's scans are saved at most.</summary>
    public void Earn(double now)
    {
        Tokens = Math.Min(Tokens + (PerDay * Math.Max(0, now - _asOf)), Bank);
        _asOf = Math.Max(_asOf, now);
    }

    /// <summary>Scans that somebody asked for are made whatever is left, and lack later; a day's at most, so that it ends.</summary>
    public void Request(int scans) => Tokens = Math.Max(Tokens - scans, -Bank);

    /// <summary>Scans are made that no price was asked for.</summary>
    public void Take(int scans) => Tokens -= scans;

    /// <summary>Scans are made, of so many that were worth the price.</summary>
    public void Spend(int scans, int candidates, double now)
    {
        Tokens -= scans;
        _taken += scans;
        double days = now - _steppedAt;
        if (days < StepDays - 1e-9)
            return;
        double earned = PerDay * days, asked = _taken + candidates - scans;
        double pressure = Math.Clamp((asked - earned) / Math.Max(earned, 1e-9), -1, 2);
        double price = Price * Math.Exp(0.03 * pressure);
        if (Tokens > 0.9 * PerDay)
            price *= Idle;
        Price = Math.Clamp(price, PriceMin, PriceMax);
        (_steppedAt, _taken) = (now, 0);
    }

    private double Bank => Math.Max(1, PerDay);
}
