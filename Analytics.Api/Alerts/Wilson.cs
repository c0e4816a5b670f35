namespace Weir.Analytics.Api.Alerts;

/// <summary>How sure a rate of a few counted things is. Pure.</summary>
internal static class Wilson
{
    // The 97.5th percentile of the normal distribution: 95 % between both ends.
    private const double Z = 1.959963984540054;

    /// <summary>The lower end of Wilson's interval of 95 % for <paramref name="some"/> of <paramref name="all"/>; 0 for none of none.</summary>
    /// <remarks>E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927). Right for small counts too.</remarks>
    public static double LowerBound(long some, long all)
    {
        if (all <= 0)
            return 0;
        double p = (double)some / all, z2 = Z * Z;
        double bound = (p + z2 / (2 * all) - Z * Math.Sqrt((p * (1 - p) + z2 / (4.0 * all)) / all)) / (1 + z2 / all);
        return Math.Max(0, bound);
    }
}
