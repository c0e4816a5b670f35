namespace Weir.Analytics.Api.Reports;

/// <summary>What a count says of the rate behind it.</summary>
/// <param name="Low">Lower end of the 95 % interval of the mean.</param>
/// <param name="High">Upper end.</param>
/// <remarks>Byar's approximation of the exact interval (Breslow and Day 1987, p. 69): for none, the exact one.</remarks>
public readonly record struct PoissonInterval(double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>The interval of a count.</summary>
    public static PoissonInterval Of(long count)
    {
        if (count <= 0)
            return new PoissonInterval(0, 3.688879454113936);
        double low = count * Math.Pow(1 - 1.0 / (9 * count) - Z / (3 * Math.Sqrt(count)), 3);
        double next = count + 1;
        double high = next * Math.Pow(1 - 1.0 / (9 * next) + Z / (3 * Math.Sqrt(next)), 3);
        return new PoissonInterval(Math.Max(0, low), high);
    }

    /// <summary>The interval of the mean of so many equal spans, which together have a count.</summary>
    public static PoissonInterval OfMean(long count, int spans)
    {
        var all = Of(count);
        return new PoissonInterval(all.Low / spans, all.High / spans);
    }
}
