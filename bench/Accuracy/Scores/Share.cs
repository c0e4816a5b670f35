namespace Weir.Accuracy.Scores;

/// <summary>A count out of a total.</summary>
internal readonly record struct Share(int Count, int Total)
{
    private const double Z = 1.959963984540054;

    /// <summary>The share; not a number when there is nothing to count.</summary>
    public double Value => (double)Count / Total;

    /// <summary>Wilson's 95 % interval (JASA 22, 1927); all of 0 to 1 when there is nothing to count.</summary>
    public (double Low, double High) Interval
    {
        get
        {
            if (Total == 0)
                return (0, 1);
            double n = Total, p = Value, z2 = Z * Z;
            double middle = p + (z2 / (2 * n));
            double reach = Z * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n * n)));
            double scale = 1 + (z2 / n);
            return (Math.Max(0, (middle - reach) / scale), Math.Min(1, (middle + reach) / scale));
        }
    }
}
