namespace Weir.Analytics.Api.Reports;

/// <summary>A share of a count with its uncertainty.</summary>
/// <param name="Rate">Part of whole, 0 to 1.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end of the 95 % interval.</param>
/// <remarks>Wilson's score interval (1927): it stays within 0 to 1 and holds for few trials, where the usual one claims to be sure of 0 of 3.</remarks>
public sealed record Proportion(double Rate, double Low, double High)
{
    // The normal distribution's 97.5th percentile.
    private const double Z = 1.959963984540054;

    /// <summary>The share of some among all; null of nothing.</summary>
    public static Proportion? Of(long some, long all)
    {
        if (all <= 0)
            return null;
        double rate = (double)Math.Clamp(some, 0, all) / all;
        double spread = Z * Z / all;
        double middle = (rate + spread / 2) / (1 + spread);
        double half = Z / (1 + spread) * Math.Sqrt(rate * (1 - rate) / all + spread / (4 * all));
        return new Proportion(Round(rate), Round(Math.Max(0, middle - half)), Round(Math.Min(1, middle + half)));
    }

    private static double Round(double share) => Math.Round(share, 6);
}
