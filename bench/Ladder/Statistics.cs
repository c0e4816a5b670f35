namespace Weir.Ladder;

/// <summary>Medians and how sure they are.</summary>
internal static class Statistics
{
    private const int Resamples = 2000;

    /// <summary>The median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The 95 % interval of the median, by resampling with a fixed seed.</summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> values)
    {
        var random = new Random(1);
        double[] medians = [.. Enumerable.Range(0, Resamples)
            .Select(_ => Median(Enumerable.Range(0, values.Count).Select(_ => values[random.Next(values.Count)]).ToArray())).Order()];
        return (medians[(int)(Resamples * 0.025)], medians[(int)(Resamples * 0.975)]);
    }

    /// <summary>A share of sorted values, such as 0.99.</summary>
    public static double Percentile(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
